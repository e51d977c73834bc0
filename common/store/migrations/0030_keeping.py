"""What has left a node by rule, counted by day."""


def up(migrator, db):
    """Add an empty table."""
    db.execute_sql(
        "CREATE TABLE purge_day (day VARCHAR(255) NOT NULL PRIMARY KEY, "
        "bodies INTEGER NOT NULL, bytes BIGINT NOT NULL)"
    )
