"""Pages that only a village has."""
