"""Declarations: TOML read strictly into what core decides with. No Django, no database."""
