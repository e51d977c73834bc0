"""Own acts and documents: a place for each, and what happens when this node was put back from a copy."""
