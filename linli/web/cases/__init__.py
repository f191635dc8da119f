"""Pages of matters of declared kinds: opening, working, taking part."""
