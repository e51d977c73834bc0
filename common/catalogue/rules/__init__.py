"""Pure rules of the catalogue: what a service item is, how its form and people's numbers are checked."""
