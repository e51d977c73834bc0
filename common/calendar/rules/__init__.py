"""What a year of the calendar must be, and how people write its days. Pure."""
