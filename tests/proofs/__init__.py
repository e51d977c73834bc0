"""Claims on paper."""
