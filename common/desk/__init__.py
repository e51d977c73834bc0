"""The desk: pages at which the staff of every tier work, and what they keep for themselves."""
