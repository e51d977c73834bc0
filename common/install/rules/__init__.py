"""The plan of an installation and all that is refused, from what was asked and what was seen. Pure."""
