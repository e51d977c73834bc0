"""Papers and bodies: which are here, what is asked for, and what leaves to make room."""
