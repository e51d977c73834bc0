"""Invented people, papers and chosen sites of the demonstration; nothing here is about a real person."""
