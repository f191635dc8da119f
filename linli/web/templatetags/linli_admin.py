"""Template tags of the city page and the administration: `{% load linli_admin %}`."""

from collections.abc import Mapping
from typing import Any

from django import template

from linli.web import look

register = template.Library()


@register.filter
def get(held: Mapping[str, Any] | None, key: object) -> Any:
    """`held[key]`, or None."""
    return held.get(key) if held else None  # type: ignore[call-overload]


@register.simple_tag
def colour_word(name: str) -> str:
    """The word that goes with a colour."""
    return look.colour_word(name)
