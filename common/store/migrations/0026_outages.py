"""Outages of more kinds, with the clocks at their beginning; when a node last ran; what nodes below told."""

_STATEMENTS = (
    "ALTER TABLE line_outage ADD COLUMN kind VARCHAR(255) NOT NULL DEFAULT 'line'",
    "ALTER TABLE line_outage ADD COLUMN boot VARCHAR(255) NOT NULL DEFAULT ''",
    "ALTER TABLE line_outage ADD COLUMN mono BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE line_outage ADD COLUMN is_doubtful INTEGER NOT NULL DEFAULT 0",
    # What happened before anybody was told of outages stays this node's own.
    "ALTER TABLE line_outage ADD COLUMN is_told INTEGER NOT NULL DEFAULT 1",
    """
    CREATE TABLE node_running (
        id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), at BIGINT NOT NULL, boot VARCHAR(255) NOT NULL,
        mono BIGINT NOT NULL, before_at BIGINT NOT NULL, start_mono BIGINT NOT NULL, told_at BIGINT NOT NULL
    )
    """,
    "INSERT INTO node_running VALUES (1, 0, '', 0, 0, 0, 0)",
    """
    CREATE TABLE outage_below (
        node VARCHAR(255) NOT NULL, kind VARCHAR(255) NOT NULL, began_at BIGINT NOT NULL,
        ended_at BIGINT NOT NULL, is_doubtful INTEGER NOT NULL, heard_at BIGINT NOT NULL,
        PRIMARY KEY (node, kind, began_at)
    )
    """,
)


def up(migrator, db):
    """Add columns and tables; outages of before stay as they are."""
    for statement in _STATEMENTS:
        db.execute_sql(statement)
