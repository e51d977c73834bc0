"""Who looked at whose data: a chained log at each node, a digest of each day for the nodes above."""
