"""The resident's pages: one box and one button, the answer, and following a matter by its private code."""
