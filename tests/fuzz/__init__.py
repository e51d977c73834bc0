"""Hostile bytes for every parser: one seeded mutator over golden material."""
