"""Puts a node together from its profile, its configuration and the capabilities."""
