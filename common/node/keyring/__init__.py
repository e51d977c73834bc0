"""The node's own keys, and what the top does about everybody's: entered, vouched for, rotated, revoked."""
