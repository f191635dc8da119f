"""Figures over the record: declared formulas, each with its version and its list of what it leaves out."""
