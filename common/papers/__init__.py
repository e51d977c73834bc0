"""Papers handed in: photographs and documents, known by the hash of their bytes."""
