"""Copies of a node: made while it works, known as its own, and put back in its place."""
