"""Whole counties in one process, from one seed, under every fault we could think of; an outside oracle judges."""
