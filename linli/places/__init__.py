"""Places: the tree city → county → township → village → grid, its boundaries and its names."""
