"""Tables and queries of people: accounts, what nodes below and above say of staff, stand-ins, resets."""
