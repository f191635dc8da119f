"""The pages' addresses: each part keeps its own module, and is included when it stands."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

PARTS = ("resident", "field", "desk", "admin", "city", "cases", "neighbours")


def _stands(part: str) -> bool:
    """Whether ``linli.web.<part>.urls`` is there."""
    try:
        return find_spec(f"linli.web.{part}.urls") is not None
    except ModuleNotFoundError:
        return False


urlpatterns: list[URLPattern | URLResolver] = [
    path("", include(f"linli.web.{part}.urls")) for part in PARTS if _stands(part)
]
