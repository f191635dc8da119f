"""Matters: intake, steps, clocks and history."""
