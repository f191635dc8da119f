"""Categories: the tree, one category as a form, what a change would move, publishing, history."""

from dataclasses import fields
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.core.refusals import Refused
from linli.core.words import Words
from linli.kernel import clock, declarations
from linli.matters import reference
from linli.parties import gate
from linli.procedures.categories import DUTIES, Category
from linli.web import errors, look
from linli.web.admin import checking, effects
from linli.web.admin.common import SYSTEM, language, may_publish, only, page, publish, versions
from linli.web.admin.toml import category_body, keyword_text
from linli.web.city import excel

TEXTS: Final = ("zh", "en", "description_zh", "description_en", "respond", "complete", "silence", "source")
SPANS: Final = ("respond", "complete", "silence")  # a number and its unit
LISTS: Final = ("keywords", "keywords_en", "examples_zh", "examples_en")
CHOICES: Final = ("calendar", "evidence", "duty", "kind")
CALENDAR_WORDS: Final = {
    "always": Words("不停歇（每天二十四小时）", "Never stops (24 hours a day)"),
    "cn-workdays": Words("机关工作日", "Office working days"),
}
EVIDENCE_WORDS: Final = {
    "photo": Words("办结照片", "A photo of the result"),
    "note": Words("办理说明", "A note on what was done"),
    "none": Words("不需要", "None"),
}
KIND_WORDS: Final = {
    "request": Words("诉求", "Request"),
    "dispute": Words("纠纷", "Dispute"),
    "question": Words("咨询", "Question"),
    "help_in_danger": Words("紧急求助", "Help in danger"),
    "praise": Words("表扬", "Praise"),
}


@only(SYSTEM)
def tree(request: HttpRequest) -> HttpResponse:
    """All categories in their tree, found by a word (?q=), or as an Excel file."""
    catalogue = reference.current(fresh=True).catalogue
    changed = declarations.newest("category")
    if "xlsx" in request.GET:
        return _workbook(catalogue.by_code.values())
    wanted = request.GET.get("q", "").strip().lower()[:60]
    tops = []
    for top in catalogue.tree:
        groups = []
        for group in top.children:
            leaves = [leaf for leaf in getattr(group, "children", ()) if _fits(leaf, wanted)]
            if leaves:
                groups.append((group, leaves))
        if groups:
            tops.append((top, groups, sum(len(leaves) for _g, leaves in groups)))
    context = {"tops": tops, "q": wanted, "changed": changed, "count": len(catalogue.by_code)}
    return page(request, "categories.html", context)


def _fits(leaf: Category, wanted: str) -> bool:
    if not wanted:
        return True
    words = (leaf.code, leaf.label.zh, leaf.label.en.lower(), *(k.word for k in leaf.keywords))
    return any(wanted in word for word in words)


def _workbook(rows: Any) -> HttpResponse:
    titles = (
        _("编码"),
        _("分类"),
        _("响应时限"),
        _("办结时限"),
        _("工作日历"),
        _("凭证"),
        _("职责"),
        _("紧急"),
        _("依据"),
    )
    said = language()
    lines = [
        (c.code, c.path.said(said), c.respond.said(said), c.complete.said(said), c.calendar, c.evidence,
         DUTIES[c.duty].said(said) if c.duty in DUTIES else c.duty, _("是") if c.urgent else "", look.source(c.source))
        for c in rows
    ]  # fmt: skip
    return excel.answer("linli-categories", [(_("分类"), titles, lines)])


def values_of(category: Category) -> dict[str, Any]:
    """A category as the form shows it."""
    return {
        "zh": category.label.zh,
        "en": category.label.en,
        "description_zh": category.description.zh,
        "description_en": category.description.en,
        "keywords": "\n".join(keyword_text(k) for k in category.keywords if k.language == "zh"),
        "keywords_en": "\n".join(keyword_text(k) for k in category.keywords if k.language == "en"),
        "examples_zh": "\n".join(category.examples_zh),
        "examples_en": "\n".join(category.examples_en),
        "respond": str(category.respond),
        "complete": str(category.complete),
        "silence": str(category.silence),
        "calendar": category.calendar,
        "evidence": category.evidence,
        "duty": category.duty,
        "kind": category.kind,
        "urgent": category.urgent,
        "source": category.source,
    }


@only(SYSTEM)
def edit(request: HttpRequest, code: str) -> HttpResponse:
    """One category as a form: check, see what would move, publish."""
    category = reference.current(fresh=True).catalogue.get(code)
    if category is None:
        raise Http404
    viewer = gate.viewer_of(request)
    context: dict[str, Any] = {"category": category, "may": may_publish(viewer), "values": values_of(category)}
    status = 200
    if request.method == "POST":
        typed = typed_of(request)
        body = category_body(category, typed)
        faults, made = checking.category(code, body)
        context |= {"values": typed, "body": body}
        if made is None:
            status = 422
            context |= _said(faults)
        elif "publish" in request.POST:
            return _published(request, category, body)
        else:
            context |= {"preview": differences(category, made), "effect": _effect(category, made)}
    context |= _choices() | {"versions": versions("category", code)}
    return page(request, "category.html", context, status)


def typed_of(request: HttpRequest) -> dict[str, Any]:
    """What the form held."""
    found: dict[str, Any] = {
        name: request.POST.get(name, "").replace("\x00", "").replace("\r\n", "\n").strip()
        for name in (*TEXTS, *LISTS, *CHOICES)
    }
    for name in SPANS:
        if found[name] and (unit := request.POST.get(f"{name}_unit", "").strip()[:20]):
            found[name] = f"{found[name]} {unit}"
    found["urgent"] = request.POST.get("urgent") == "true"
    return found


def _said(faults: list[checking.Fault]) -> dict[str, Any]:
    said = language()
    known = {*TEXTS, *LISTS, *CHOICES}
    at_fields: dict[str, str] = {}
    for fault in faults:
        if fault.field in known:
            at_fields.setdefault(fault.field, fault.words.said(said))
    loose = [(f.line, f.words.said(said)) for f in faults if f.field not in known]
    return {"errors": at_fields, "loose": loose, "refused": True}


def _effect(before: Category, after: Category) -> effects.Effect:
    return effects.of_change([before.code], terms={before.code: after.terms()})


def _published(request: HttpRequest, category: Category, body: str) -> HttpResponse:
    viewer, at = gate.viewer_of(request), clock.now()
    why = f"分类“{category.label.zh}”调整"
    if declarations.version("category", category.code) is None:
        # the catalogue's own version becomes the first, so that one can go back to it
        first = category_body(category, values_of(category))
        try:
            publish("category", category.code, first, viewer=viewer, at=at, why="原有版本")
        except Refused as refused:
            return errors.refused(request, refused.refusal)
    try:
        number = publish("category", category.code, body, viewer=viewer, at=at, why=why)
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    text = _("已发布第%(number)s版。新收的事项立即适用；在办事项的期限随后调整，并记入各自的历史。")
    messages.success(request, text % {"number": number})
    return HttpResponseRedirect(reverse("admin-category", args=[category.code]))


def differences(before: Category, after: Category) -> list[tuple[str, str, str]]:
    """(what, before, after) of everything that differs."""
    names = {
        "names": _("名称"), "description": _("说明"), "keywords": _("关键词"), "examples_zh": _("中文示例"),
        "examples_en": _("英文示例"), "kind": _("性质"), "respond": _("响应时限"), "complete": _("办结时限"),
        "silence": _("等待评价"), "calendar": _("工作日历"), "source": _("依据"), "evidence": _("凭证"),
        "duty": _("职责"), "urgent": _("紧急"),
    }  # fmt: skip
    found = []
    for field in fields(Category):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if field.name in names and old != new:
            found.append((names[field.name], _text(old), _text(new)))
    return found


def _text(value: Any) -> str:
    said = language()
    if isinstance(value, Words):
        return f"{value.zh} / {value.en}"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, tuple):
        if value and isinstance(value[0], Words):
            return _text(value[-1])
        return "、".join(str(getattr(item, "word", item)) for item in value)
    for words in (CALENDAR_WORDS, EVIDENCE_WORDS, KIND_WORDS, DUTIES):
        if isinstance(value, str) and value in words:
            return words[value].said(said)
    return str(value.said(said)) if hasattr(value, "said") else str(value)


def _choices() -> dict[str, Any]:
    return {
        "choices": {
            "calendar": list(CALENDAR_WORDS.items()),
            "evidence": list(EVIDENCE_WORDS.items()),
            "kind": list(KIND_WORDS.items()),
            "duty": list(DUTIES.items()),
        }
    }
