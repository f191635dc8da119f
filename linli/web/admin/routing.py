"""Routing: the rules in their order, a draft to work on, lint, trying it out, publishing, history."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from linli.core.codes import is_area
from linli.core.refusals import Refused
from linli.core.role_words import ROLES
from linli.core.routing import HANDLERS, LEVELS, Ask, Choice, Roster, RouteRule
from linli.core.words import Words
from linli.kernel import clock, declarations
from linli.matters import declared, desk_queries, reference
from linli.parties import gate
from linli.procedures import load
from linli.procedures.routing import Routing
from linli.web import errors
from linli.web.admin import checking
from linli.web.admin.common import SYSTEM, language, may_publish, only, page, publish, versions
from linli.web.admin.toml import listed, quoted, routing_body, rule_values
from linli.web.city import excel

DRAFT: Final = "linli_routing_draft"
IDENT: Final = "default"
FLAGS: Final = ("urgent", "sure", "quick")
EMPTY: Final = RouteRule("", Words("", ""), (), "village")


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule's answer to a question: passed over, or who it finds."""

    rule: RouteRule
    choice: Choice | None


def present() -> str:
    """The rules' text in force."""
    own = [body.text for body in declared.bodies("routing", "routing", [])]
    return own[-1] if own else load.shipped("routing")[IDENT]


@only(SYSTEM)
def rules(request: HttpRequest) -> HttpResponse:
    """The rules with the draft's changes; POST changes the draft or publishes it."""
    if request.method == "POST":
        return _change(request)
    draft = request.session.get(DRAFT)
    body = draft or present()
    faults, routing = checking.route(IDENT, body)
    if "xlsx" in request.GET and routing:
        return _workbook(routing)
    context: dict[str, Any] = {
        "may": may_publish(gate.viewer_of(request)),
        "draft": draft is not None and draft != present(),
        "body": body,
        "lines": list(enumerate(body.splitlines(), 1)),
        "faults": [(f.line, f.words.said(language()), f.warning) for f in faults],
        "rules": routing.rules if routing else (),
        "said": {r.id: conditions(r) for r in routing.rules} if routing else {},
        "good": routing is not None and not any(not f.warning for f in faults),
        "versions": versions("routing", IDENT),
    }
    return page(request, "routing.html", context | _tried(request, routing))


def _change(request: HttpRequest) -> HttpResponse:
    """One change of the draft."""
    way = HttpResponseRedirect(reverse("admin-routing"))
    body = request.session.get(DRAFT) or present()
    if "discard" in request.POST:
        request.session.pop(DRAFT, None)
        return way
    if "text" in request.POST:
        request.session[DRAFT] = request.POST["text"].replace("\x00", "").replace("\r\n", "\n")[:200_000]
        return HttpResponseRedirect(reverse("admin-routing") + "#text")
    if "publish" in request.POST:
        return _publish(request, body)
    _faults, routing = checking.route(IDENT, body)
    if routing is None:
        messages.error(request, _("文本里有错误，请先在下面改正。"))
        return way
    held = list(routing.rules)
    names = [rule.id for rule in held]
    for verb, step in (("up", -1), ("down", 1)):
        if (ident := request.POST.get(verb, "")) in names:
            here = names.index(ident)
            there = here + step
            if 0 <= there < len(held):
                held[here], held[there] = held[there], held[here]
    if (ident := request.POST.get("drop", "")) in names:
        held.pop(names.index(ident))
    request.session[DRAFT] = routing_body(routing, held)
    return HttpResponseRedirect(reverse("admin-routing") + "#rules")


def _publish(request: HttpRequest, body: str) -> HttpResponse:
    """Publish the draft, if the same checks that load it pass; else it stays a draft."""
    faults = [f for f in checking.route(IDENT, body)[0] if not f.warning]
    if faults:
        first = faults[0]
        text = _("没有发布，原来的规则继续有效。第%(line)s行：%(why)s")
        messages.error(request, text % {"line": first.line, "why": first.words.said(language())})
        return HttpResponseRedirect(reverse("admin-routing") + "#text")
    viewer, at = gate.viewer_of(request), clock.now()
    try:
        if declarations.version("routing", IDENT) is None:
            publish("routing", IDENT, present(), viewer=viewer, at=at, why="原有版本")
        number = publish("routing", IDENT, body, viewer=viewer, at=at, why=request.POST.get("why", ""))
    except Refused as refused:
        return errors.refused(request, refused.refusal)
    request.session.pop(DRAFT, None)
    messages.success(request, _("已发布第%(number)s版，下一件事项起按新规则派单。") % {"number": number})
    return HttpResponseRedirect(reverse("admin-routing"))


@only(SYSTEM)
def rule(request: HttpRequest, ident: str = "") -> HttpResponse:
    """One rule as a form; what is typed goes into the draft when it can be read."""
    body = request.session.get(DRAFT) or present()
    _faults, routing = checking.route(IDENT, body)
    if routing is None:
        messages.error(request, _("文本里有错误，请先在下面改正。"))
        return HttpResponseRedirect(reverse("admin-routing") + "#text")
    held = next((r for r in routing.rules if r.id == ident), None)
    if ident and held is None:
        raise Http404
    values = rule_values(held or EMPTY)
    status, wrong = 200, {}
    if request.method == "POST":
        values = _typed(request)
        made = [(_block(values) if r is held else _block(rule_values(r))) for r in routing.rules]
        if held is None:
            made.append(_block(values))
        text = routing_body(routing, ()) + "".join(made)
        faults, after = checking.route(IDENT, text)
        if after is not None:
            request.session[DRAFT] = text
            return HttpResponseRedirect(reverse("admin-routing") + "#rules")
        status, wrong = 422, _by_field(faults)
    context = {"held": held, "values": values, "wrong": wrong, **_offered()}
    return page(request, "rule.html", context, status)


def _block(values: dict[str, object]) -> str:
    return "\n[[rules]]\n" + "".join(f"{key} = {quoted(value)}\n" for key, value in values.items())


def _typed(request: HttpRequest) -> dict[str, object]:
    """The form's values as the declaration writes them; empty ones are left out."""
    got = request.POST

    def plain(name: str) -> str:
        return got.get(name, "").replace("\x00", "").strip()[:500]

    values: dict[str, object] = {"id": plain("id"), "labels": Words(plain("zh"), plain("en"))}
    values |= {"roles": got.getlist("roles"), "level": plain("level")}
    for name in ("categories", "areas"):
        if text := plain(name):
            values[name] = [part for line in listed(text) for part in line.replace("，", ",").split(",") if part]
    for name in ("duties", "kinds"):
        if chosen := got.getlist(name):
            values[name] = chosen
    if days := got.getlist("weekdays"):
        values["weekdays"] = [int(d) for d in days if d in "1234567"]
    for name in FLAGS:
        if got.get(name) in ("true", "false"):
            values[name] = got[name] == "true"
    if hours := plain("hours"):
        values["hours"] = hours
    for name in ("by_duty", "below"):
        if got.get(name) == "true":
            values[name] = True
    return values


def _by_field(faults: Sequence[checking.Fault]) -> dict[str, str]:
    """The problems by the field they name, the rest under ''."""
    found: dict[str, str] = {}
    for fault in faults:
        text = fault.words.en
        known = ("roles", "level", "areas", "hours", "weekdays", "categories", "duties", "kinds")
        field = next((name for name in known if f"'{name}'" in text), "")
        if "identifier" in text or "stands twice" in text or "'id'" in text:
            field = "id"
        elif "the Chinese text" in text:
            field = "zh"
        elif "the English text" in text:
            field = "en"
        elif "code of a place" in text:
            field = "areas"
        found.setdefault(field, fault.words.said(language()))
    return found


def _offered() -> dict[str, Any]:
    from linli.procedures.categories import DUTIES
    from linli.web.admin.categories import KIND_WORDS

    return {
        "roles": [(r, ROLES[r]) for r in ROLES if r in HANDLERS],
        "levels": [(name, words) for name, _n, words in LEVELS],
        "duties": list(DUTIES.items()),
        "kinds": list(KIND_WORDS.items()),
        "weekdays": weekdays(),
        "flags": [
            ("urgent", _("是险情或急事"), _("不论"), _("只限是"), _("只限不是")),
            ("sure", _("理解有把握"), _("不论"), _("只限是"), _("只限不是")),
            ("quick", _("按小时办结的"), _("不论"), _("只限是"), _("只限不是")),
        ],
    }


def weekdays() -> list[tuple[int, str]]:
    names = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
    return list(enumerate(names, 1))


def conditions(rule: RouteRule) -> list[str]:
    """When a rule applies, in words."""
    said = language()
    found = []
    named = {"urgent": (_("险情"), _("不是险情")), "sure": (_("理解有把握"), _("理解没有把握")),
             "quick": (_("按小时办结"), _("按天办结"))}  # fmt: skip
    for name, (yes, no) in named.items():
        if (flag := getattr(rule, name)) is not None:
            found.append(yes if flag else no)
    catalogue = reference.current().catalogue
    for code in rule.categories:
        leaf = catalogue.get(code)
        found.append(leaf.label.said(said) if leaf else code)
    found += [reference.current().index.name(area) for area in rule.areas]
    found += list(rule.duties)
    if rule.hours:
        found.append(f"{rule.hours[0]:%H:%M}–{rule.hours[1]:%H:%M}")
    days = dict(weekdays())
    found += [days[d] for d in rule.weekdays]
    if rule.by_duty:
        found.append(_("按职责"))
    return found


def _tried(request: HttpRequest, routing: Routing | None) -> dict[str, Any]:
    """Who would get a matter of this category here and now, and what each rule before said."""
    got = request.GET
    ref = reference.current()
    groups = desk_queries.category_groups(language())
    context: dict[str, Any] = {"groups": groups, "ask": got, "moment": got.get("at") or _local(clock.now())}
    if "category" not in got or routing is None:
        return context
    area = got.get("area", "").strip()
    place = area if is_area(area) else ""
    if not place and area:
        hits = desk_queries.find_places(area, ref.home(), 1)
        place = hits[0].area if hits else ""
    if not place:
        return context | {"no_place": bool(area), "tried_empty": True}
    category = ref.catalogue.get(got["category"])
    terms = ref.terms_of(got["category"])
    ask = Ask(
        got["category"],
        terms.duty,
        place,
        _instant(got.get("at", "")),
        category.kind if category else "request",
        urgent=terms.urgent or got.get("urgent") == "true",
        sure=bool(category) and got.get("unsure") != "true",
        quick=terms.quick,
    )
    roster = replace(ref.roster, rules=routing.rules, zone=routing.zone)
    choice = roster.route(ask)
    return context | {
        "choice": choice,
        "steps": trail(roster, ask, choice),
        "place": [e.name for e in ref.index.chain(place)],
    }


def trail(roster: Roster, ask: Ask, choice: Choice) -> list[Tried]:
    """Each rule up to the one that won: whether it found somebody (asked alone)."""
    found = []
    for rule in roster.rules:
        alone = replace(roster, rules=(rule,)).route(ask)
        hit = alone.rule == rule.id
        found.append(Tried(rule, alone if hit else None))
        if rule.id == choice.rule:
            break
    return found


def _local(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M}"


def _instant(text: str) -> datetime:
    try:
        given = parse_datetime(text)
    except ValueError:
        given = None
    if given is None:
        return clock.now()
    return timezone.make_aware(given) if given.tzinfo is None else given


def _workbook(routing: Routing) -> HttpResponse:
    said = language()
    lines = [
        (
            n,
            r.id,
            r.labels.said(said),
            "、".join(conditions(r)),
            r.level,
            "、".join(ROLES[x].said(said) for x in r.roles),
        )
        for n, r in enumerate(routing.rules, 1)
    ]
    titles = (_("次序"), _("标识"), _("规则"), _("条件"), _("层级"), _("岗位"))
    return excel.answer("linli-routing", [(_("派单规则"), titles, lines)])
