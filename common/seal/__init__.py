"""The seal of an organ on a decision: keys under the county's own root, used by one process alone."""
