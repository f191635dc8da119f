from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """No tables of its own; its migrations add the indexes that its reads need."""

    name = "linli.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the figures over REST."""
        from linli.channels.rest.urls import mount
        from linli.indicators.rest import router

        mount(router)
