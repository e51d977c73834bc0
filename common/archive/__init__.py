"""The archive package: one file per closed case, which proves itself without this program."""
