"""The node's one database: the unit of work, the audit chain, counters, the way out to sync."""
