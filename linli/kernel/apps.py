"""The kernel as a Django application."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """Label ``kernel``."""

    name = "linli.kernel"
    label = "kernel"
