"""Trust, in and out: entries, keys, rotation, revocation, and what nodes say of themselves."""
