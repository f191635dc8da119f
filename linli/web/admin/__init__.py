"""The administration: three administrators, each with their own pages, and none with the content of matters."""
