"""Acts: which of them count, who may have them, and what goes to the application."""
