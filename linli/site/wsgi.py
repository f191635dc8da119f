"""Django's WSGI application, with a pool of database connections."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "linli.site.settings")
os.environ.setdefault("LINLI_POOLED", "1")

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
