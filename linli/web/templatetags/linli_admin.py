"""Template tags of the city page and the administration: `{% load linli_admin %}`."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.core.role_words import said
from linli.core.routing import level_words
from linli.core.spans import CHOICES, Span
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


@register.simple_tag
def span_words(span: Span | None) -> str:
    """A span in the reader's language."""
    return span.said(get_language() or "zh-hans") if span else ""


@register.simple_tag
def role_name(role: str) -> str:
    """A role's name."""
    return said(role).said(get_language() or "zh-hans")


@register.simple_tag
def level_name(level: str) -> str:
    """A level's name."""
    return level_words(level).said(get_language() or "zh-hans")


@register.simple_tag
def day_word(state: str) -> str:
    """What a day of a working calendar is."""
    return {"work": _("工作日"), "rest": _("周末"), "off": _("放假"), "make_up": _("调休上班")}.get(state, state)


def _control(
    name: str, label: str, values: Mapping[str, Any] | None, errors: Mapping[str, str] | None, about: str
) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "value": (values or {}).get(name, ""),
        "error": (errors or {}).get(name, ""),
        "about": about,
    }


@register.inclusion_tag("admin/control.html")
def admin_text(name: str, label: str, values: Any, errors: Any = None, about: str = "") -> dict[str, Any]:
    """A one-line input of a long form."""
    return _control(name, label, values, errors, about)


@register.inclusion_tag("admin/control.html")
def admin_span(name: str, label: str, values: Any, errors: Any = None) -> dict[str, Any]:
    """A span of time: a number and its unit, never typed as one word."""
    made = _control(name, label, values, errors, "")
    amount, _blank, unit = str(made["value"]).partition(" ")
    return made | {"value": amount, "unit": unit, "units": CHOICES}


@register.inclusion_tag("admin/control.html")
def admin_area(
    name: str, label: str, values: Any, errors: Any = None, rows: int = 4, about: str = ""
) -> dict[str, Any]:
    """A text area of a long form."""
    return _control(name, label, values, errors, about) | {"rows": rows}


@register.inclusion_tag("admin/control.html")
def admin_select(name: str, label: str, values: Any, errors: Any = None, options: Any = ()) -> dict[str, Any]:
    """A selection of a long form; *options* are (value, Words)."""
    return _control(name, label, values, errors, "") | {"options": options}


@register.filter
def both(texts: Mapping[str, str] | None) -> str:
    """`{"zh": …, "en": …}` in the reader's language."""
    return (texts or {}).get("en" if (get_language() or "").startswith("en") else "zh", "")
