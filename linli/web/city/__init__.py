"""The city page: an official's first page, from each figure down to the matters behind it."""
