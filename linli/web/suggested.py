"""What a history line says of the machine's word and of what the person made of it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.matters import reference
from linli.web import frame


def facts(data: Mapping[str, Any]) -> list[str]:
    """Lines for an event's ``suggested`` (matters.corrections) and ``kept``; none for other events."""
    found: list[str] = []
    told = data.get("suggested")
    if isinstance(told, dict):
        found += _category(told, data) + _place(told, data) + _kind(told, data)
    kept = data.get("kept")
    if isinstance(kept, dict) and kept.get("name"):
        who = f"{kept.get('unit_name', '')} {kept['name']}".strip()
        found.append(_("仍由%(who)s办理") % {"who": who})
    return found


def label(code: object) -> str:
    """A category in the reader's language; its code where the catalogue does not know it."""
    category = reference.current().catalogue.by_code.get(str(code))
    return category.path.said(get_language() or "zh-hans") if category else str(code)


def _category(told: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    if "category" not in told:
        return []
    said, version = str(told["category"]), str(told.get("version") or "–")
    if not said:
        return [_("系统未给出分类建议（模型 %(version)s）") % {"version": version}]
    values = {
        "said": label(said),
        "version": version,
        "share": round(100 * float(told.get("category_confidence") or 0)),
    }
    if said == data.get("category"):
        return [_("采纳系统建议（把握 %(share)s%%，模型 %(version)s）") % values]
    values["chosen"] = label(data.get("category") or "")
    return [_("系统建议“%(said)s”（把握 %(share)s%%，模型 %(version)s），改为“%(chosen)s”") % values]


def _place(told: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    said, chosen = told.get("area"), data.get("area")
    if not said or not chosen or said == chosen:
        return []
    return [
        _("系统理解的地点“%(said)s”，改为“%(chosen)s”")
        % {"said": frame.area_chain(str(said)), "chosen": frame.area_chain(str(chosen))}
    ]


def _kind(told: Mapping[str, Any], data: Mapping[str, Any]) -> list[str]:
    said = told.get("kind")
    return [_("系统判断的性质与人工不同，以人工为准")] if said and said != data.get("kind") else []
