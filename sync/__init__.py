"""Signed store-and-forward between addresses in a tree; it moves bytes and knows no case."""
