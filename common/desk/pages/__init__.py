"""Pages that several tiers have."""
