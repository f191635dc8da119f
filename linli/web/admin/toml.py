"""Writing declarations as TOML: small texts of known shape, made from forms; the strict readers read them back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from linli.core.calendars import Calendar
from linli.core.routing import RouteRule
from linli.core.words import Words
from linli.procedures.calendars import WEEKDAYS
from linli.procedures.categories import Category, Keyword
from linli.procedures.categories_check import default_weight
from linli.procedures.routing import Routing


def quoted(value: object) -> str:
    """A TOML value: JSON's strings, numbers and flags are TOML's, too (DEL must be escaped)."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Words):
        return f"{{ zh = {quoted(value.zh)}, en = {quoted(value.en)} }}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(quoted(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def pairs(values: Mapping[str, object]) -> str:
    return "".join(f"{key} = {quoted(value)}\n" for key, value in values.items())


def listed(text: str) -> list[str]:
    """The lines of a text area; Chinese and Latin commas part, too, for keywords."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def keyword_text(keyword: Keyword) -> str:
    """A keyword as it is declared; its weight is written where it is not the usual one."""
    if keyword.weight == default_weight(keyword.word, keyword.language):
        return keyword.word
    return f"{keyword.word}:{keyword.weight:g}"


def category_body(category: Category, typed: Mapping[str, Any]) -> str:
    """The body that replaces one category: its labels above as they stand, itself as typed."""
    top, group, _leaf = category.code.split(".", 2)
    level1, level2, _level3 = category.names
    values: dict[str, object] = {"code": category.code, "replaces": True}
    for name in ("zh", "en", "description_zh", "description_en"):
        values[name] = typed[name]
    for name in ("keywords", "keywords_en", "examples_zh", "examples_en"):
        values[name] = listed(typed[name])
    for name in ("kind", "respond", "complete", "silence", "calendar", "source", "evidence", "duty", "urgent"):
        values[name] = typed[name]
    values["danger"] = category.danger
    values["aka"] = list(category.aka)
    values["catch_all"] = category.catch_all
    if category.untranslated:
        values["untranslated"] = True
    return (
        pairs({"code": top, **_names(level1)})
        + f"\n[groups.{group}]\n{pairs(_names(level2))}"
        + f"\n[[category]]\n{pairs(values)}"
    )


def _names(words: Words) -> dict[str, object]:
    found: dict[str, object] = {"zh": words.zh, "en": words.en}
    if words.zh == words.en:
        found["untranslated"] = True
    return found


def routing_body(routing: Routing, rules: Sequence[RouteRule], source: str = "") -> str:
    """Rules in their order."""
    head: dict[str, object] = {"id": routing.id, "version": routing.version, "labels": routing.labels}
    if source:
        head["source"] = source
    head["zone"] = str(routing.zone)
    return pairs(head) + "".join(f"\n[[rules]]\n{pairs(rule_values(rule))}" for rule in rules)


def rule_values(rule: RouteRule) -> dict[str, object]:
    """What a rule says; what it leaves open is left out."""
    values: dict[str, object] = {"id": rule.id, "labels": rule.labels, "roles": list(rule.roles), "level": rule.level}
    for name in ("categories", "duties", "areas", "kinds", "weekdays"):
        if getattr(rule, name):
            values[name] = list(getattr(rule, name))
    for name in ("urgent", "sure", "quick"):
        if getattr(rule, name) is not None:
            values[name] = getattr(rule, name)
    if rule.hours:
        values["hours"] = f"{rule.hours[0]:%H:%M}-{rule.hours[1]:%H:%M}"
    for name in ("by_duty", "below"):
        if getattr(rule, name):
            values[name] = True
    return values


def spans_of(days: Iterable[date]) -> list[tuple[date, date]]:
    """Days as (first, last) of each unbroken run."""
    found: list[tuple[date, date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == timedelta(days=1):
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def year_text(off: Iterable[date], worked: Iterable[date], source: str) -> str:
    """The lines of one year's table."""
    spans = ", ".join(f"{{ from = {a.isoformat()}, to = {b.isoformat()} }}" for a, b in spans_of(off))
    return f"source = {quoted(source)}\noff = [{spans}]\nworked = {quoted(sorted(worked))}\n"


def calendar_body(calendar: Calendar, data: Mapping[str, Any], years: Mapping[int, str]) -> str:
    """The calendar's own keys from *data* (its present TOML), with *years* written anew."""
    kept = ("id", "zone", "always", "tables", "weekdays_off", "opens", "roll", "source")
    head = pairs({key: data[key] for key in kept if key in data})
    names = f"\n[names]\n{pairs({'zh': calendar.names.zh, 'en': calendar.names.en})}"
    return head + names + "".join(f"\n[years.{year}]\n{text}" for year, text in sorted(years.items()))


__all__ = ["WEEKDAYS", "calendar_body", "category_body", "keyword_text", "listed", "routing_body", "year_text"]
