"""When nodes were off or cut off: written down by each node itself, told to those above, shown there."""
