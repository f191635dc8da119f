"""The Django application of the room."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """Places under the label ``places``."""

    name = "linli.places"
    label = "places"
    verbose_name = "地方"
