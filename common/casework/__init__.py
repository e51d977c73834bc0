"""A case (办件) from intake to hand-over: one table of steps, one door, one holder, one fold of events."""
