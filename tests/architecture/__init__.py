"""The rules of the house as tests: direction, size, guards, documents and wording."""
