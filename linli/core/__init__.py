"""Decisions: standard library only, no Django, no database, no system clock."""
