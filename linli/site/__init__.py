"""The site: Django's settings and addresses, the server, the ``linli`` command."""
