from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """No tables of its own; its migrations add the indexes that its reads need."""

    name = "linli.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"
