"""Disks that lose what was not synced, and disks that run full, under the real program of a node."""
