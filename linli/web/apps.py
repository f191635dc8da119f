"""The pages as a Django application."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Label ``web``; it has no tables."""

    name = "linli.web"
    label = "web"
