"""What a notice says, from signed events and the item alone: the same at every node and in ten years."""
