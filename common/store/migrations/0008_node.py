"""Enrolment codes, notes of the line, outages."""


def up(migrator, db):
    """Make the tables of the node itself."""
    db.execute_sql(
        "CREATE TABLE enrolment_code (address VARCHAR(255) NOT NULL PRIMARY KEY, name VARCHAR(255) NOT NULL,"
        " secret VARCHAR(255) NOT NULL, epoch_n INTEGER NOT NULL, issued_at BIGINT NOT NULL,"
        " expires_at BIGINT NOT NULL, used_at BIGINT NOT NULL, request VARCHAR(255) NOT NULL)"
    )
    db.execute_sql(
        "CREATE TABLE line_note (id INTEGER NOT NULL PRIMARY KEY, at BIGINT NOT NULL,"
        " code VARCHAR(255) NOT NULL, address VARCHAR(255) NOT NULL, detail VARCHAR(255) NOT NULL)"
    )
    db.execute_sql("CREATE INDEX line_note_at ON line_note (at)")
    db.execute_sql(
        "CREATE TABLE line_outage (id INTEGER NOT NULL PRIMARY KEY, began_at BIGINT NOT NULL,"
        " ended_at BIGINT NOT NULL, code VARCHAR(255) NOT NULL)"
    )
    db.execute_sql("CREATE INDEX line_outage_began_at ON line_outage (began_at)")


def down(migrator, db):
    """Remove them."""
    for table in ("line_outage", "line_note", "enrolment_code"):
        db.execute_sql(f"DROP TABLE {table}")
