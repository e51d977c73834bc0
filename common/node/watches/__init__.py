"""What a node watches and does again and again: its disk, its papers, its neighbours, its people."""
