"""What can be said of a paper without printing it: its characters, what a font holds, how a ring is drawn."""
