"""The centre's pages: board, list, matter, intake, map."""
