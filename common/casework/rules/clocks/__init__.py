"""The legal clocks of a case: limits, pauses, extensions, receipts, and what a new calendar moves. Pure."""
