"""The grid worker's pages: the next task, and what can be done about it."""
