"""How long nodes below were not heard by the node above them, as that one noted it."""


def up(migrator, db):
    """Add an empty table."""
    db.execute_sql(
        "CREATE TABLE silence (node VARCHAR(255) NOT NULL, noted_by VARCHAR(255) NOT NULL, "
        "began_at BIGINT NOT NULL, ended_at BIGINT NOT NULL, is_doubtful INTEGER NOT NULL, "
        "told INTEGER NOT NULL, PRIMARY KEY (node, noted_by, began_at))"
    )
