"""People, units, posts and what each may see and do."""
