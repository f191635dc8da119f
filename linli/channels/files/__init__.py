"""Files of requests: tables are imported, or played through the real door."""
