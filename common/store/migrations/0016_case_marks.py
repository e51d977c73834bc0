"""What the jobs of casework have worked through."""


def up(migrator, db):
    db.execute_sql("CREATE TABLE case_mark (name TEXT NOT NULL PRIMARY KEY, mark TEXT NOT NULL)")
