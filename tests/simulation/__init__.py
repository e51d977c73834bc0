"""Whole counties in one process, from one seed, under every fault; an oracle outside all nodes judges."""
