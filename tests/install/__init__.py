"""Setting up a node on a machine."""
