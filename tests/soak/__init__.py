"""Real nodes as processes, under load, for as long as one likes: killed, on a bad line, on bad disks."""
