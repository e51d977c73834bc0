"""The verbs of the command line, the same at every tier, and what they print for people."""
