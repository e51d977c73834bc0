"""Pages that only this tier has."""
