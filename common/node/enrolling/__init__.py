"""Letting nodes in, and the side of a node that joins."""
