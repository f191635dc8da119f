from django.apps import AppConfig


class IndicatorsConfig(AppConfig):
    """Figures, and topics; its migrations also add the indexes that its reads of other tables need."""

    name = "linli.indicators"
    label = "indicators"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Offer the figures over REST."""
        from linli.channels.rest.urls import mount
        from linli.indicators import rest, topics_rest

        mount(rest.router)
        mount(topics_rest.router)
