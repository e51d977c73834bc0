"""What a draft says beside form and papers: who files, urgency, papers that follow, a case before."""


def up(migrator, db):
    """Add the column; drafts of before say nothing of the kind."""
    db.execute_sql("ALTER TABLE draft ADD COLUMN terms TEXT NOT NULL DEFAULT '{}'")
