"""The doors of the house: REST, Open311, files, live events, notices."""
