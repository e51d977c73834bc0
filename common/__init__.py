"""What every node is made of, whatever its tier; knows of no particular tier."""
