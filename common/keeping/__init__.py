"""How long a node keeps the signed bodies of ended cases, and what of them has left it by rule."""
