"""Linli's parts as template tags: `{% load linli %}`.

Words arrive in both languages (core.Words) and leave in the reader's; instants in the city's zone.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.http import HttpRequest, QueryDict
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.core.refusals import Refusal
from linli.core.words import Words
from linli.kernel import clock as kernel_clock
from linli.parties import gate
from linli.parties.roles import CENTRE_ROLES
from linli.web import frame, look

register = template.Library()


@register.filter
def words(text: Words | str | None) -> str:
    """The text in the reader's language; plain strings pass."""
    if text is None:
        return ""
    return text.said(get_language() or "zh-hans") if isinstance(text, Words) else str(text)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """A drawing from linli/icons.svg; hidden from screen readers unless *label* names it."""
    address = static("linli/icons.svg")
    if label:
        return format_html(
            '<svg class="ll-icon" role="img" aria-label="{}"><use href="{}#{}"/></svg>', label, address, name
        )
    return format_html('<svg class="ll-icon" aria-hidden="true"><use href="{}#{}"/></svg>', address, name)


@register.simple_tag
def vendor(name: str) -> str:
    """The address of a third-party file by its short name (look.VENDOR)."""
    return static(look.VENDOR[name])


@register.simple_tag(takes_context=True)
def page_frame(context: template.Context) -> frame.Frame:
    """What the frame of every page shows: city, present instant, the other language, the viewer's ways."""
    request = context.get("request")
    return frame.of(request if isinstance(request, HttpRequest) else None)


@register.simple_tag(takes_context=True)
def at_centre(context: template.Context) -> bool:
    """Whether the viewer holds a post at a centre."""
    request = context.get("request")
    return isinstance(request, HttpRequest) and gate.viewer_of(request).has(*CENTRE_ROLES)


@register.simple_tag
def script_words() -> dict[str, str]:
    """The words scripts show, for `json_script`."""
    return look.script_words()


@register.inclusion_tag("parts/clock.html")
def clock(
    running: Any,
    name: Words | str = "",
    reason: Words | str = "",
    big: bool = False,
    quiet: bool = False,
    idle: bool = False,
) -> dict[str, Any]:
    """A live clock. *running*: anything with state, warn_at, due_at and stopped_at (core or database clock).

    *name* says which clock, *reason* why it is paused or, with
    *idle*, what else than work stopped it; *quiet* turns off the announcement of a new colour (long lists).
    """
    if not running:
        return {"shown": None}
    shown = look.clock_face(running, kernel_clock.now(), idle=idle)
    return {"shown": shown, "name": words(name), "reason": words(reason), "big": big, "quiet": quiet}


@register.inclusion_tag("parts/colour.html")
def colour_badge(colour: str, text: str = "") -> dict[str, str]:
    """A clock's colour as shape and word: green, yellow, red or grey (standing still)."""
    return {"colour": colour, "shape": look.SHAPES.get(colour, ""), "text": text or look.colour_word(colour)}


@register.inclusion_tag("parts/stage.html")
def stage_badge(stage: Any) -> dict[str, str]:
    """A stage of a procedure (core.procedure.Stage)."""
    return {"kind": stage.kind, "text": words(stage.labels)}


@register.simple_tag
def area_name(area: str, levels: int = 0) -> str:
    """The chain of names down to *area*, `沙湾县 · 青林镇 · 桥头社区`; *levels* keeps only that many of the last."""
    return frame.area_chain(area, levels)


@register.inclusion_tag("parts/empty.html")
def empty_state(icon_name: str, title: str, text: str = "", href: str = "", action: str = "") -> dict[str, str]:
    """Nothing here yet: what will be, and what can be done now."""
    return {"icon_name": icon_name, "title": title, "text": text, "href": href, "action": action}


@register.inclusion_tag("parts/refusal.html")
def refusal(refused: Refusal | None) -> dict[str, Any]:
    """A refusal in words that say what to do; nothing when there is none."""
    return {"refused": refused, "text": words(refused.words) if refused else ""}


@register.inclusion_tag("parts/pager.html", takes_context=True)
def pager(context: template.Context, following: str = "", first: bool = True) -> dict[str, Any]:
    """Back to the first page, on to the next by its cursor *following*; other parameters of the address stay."""
    request = context.get("request")
    query = request.GET.copy() if request else QueryDict(mutable=True)
    query.pop("after", None)
    start = query.urlencode()
    if following:
        query["after"] = following
    return {"first": first, "start": start, "next": query.urlencode() if following else ""}


@register.inclusion_tag("parts/field.html")
def step_field(field: Any, value: str = "", prefix: str = "", problem: str = "") -> dict[str, Any]:
    """One field of a step (core.procedure.Field) as a labelled control that keeps *value*."""
    choices = [(ident, words(label)) for ident, label in field.choices]
    return {
        "field": field,
        "id": f"{prefix}{field.id}",
        "label": words(field.labels),
        "help": words(field.help),
        "purpose": words(field.purpose),
        "choices": choices,
        "value": value,
        "problem": problem,
        "ratings": look.ratings() if field.type == "rating" else (),
    }


@register.filter
def of(held: Mapping[str, Any] | None, key: object) -> Any:
    """`held[key]`, or nothing."""
    return held.get(str(key), "") if held else ""


@register.filter
def at(instant: datetime | None, form: str = "") -> SafeString | str:
    """An instant in the city's zone as a <time>: `11月23日 18:20`; *form*: `time`, `day` or `seconds` (look.said)."""
    if instant is None:
        return ""
    return format_html(
        '<time datetime="{}">{}</time>', instant.isoformat(), look.said(instant, kernel_clock.now(), form)
    )


@register.filter
def edge(running: Any) -> str:
    """The colour of a clock now, for the edge of its card; empty without a clock."""
    return look.clock_face(running, kernel_clock.now()).colour if running else ""


@register.filter
def source(text: str | None) -> str:
    """Where a rule is written, for people (look.source)."""
    return look.source(str(text or ""))


@register.filter
def percent(share: float | None) -> str:
    """0.9312 → 93.1 %, nothing → a dash."""
    return "–" if share is None else f"{share * 100:.1f} %"


@register.simple_tag
def other_words(items: Sequence[Words]) -> str:
    """Several texts joined as a list in the reader's language."""
    return _("、").join(words(item) for item in items)
