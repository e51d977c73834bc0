"""What is sealed, and what a revoked seal still proves. No time, no chance, no I/O."""
