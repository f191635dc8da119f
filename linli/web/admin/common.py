"""What the administration's pages share: who may enter, publishing, histories, frames."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from linli.audit import actions as audit
from linli.core.refusals import Refused
from linli.core.role_words import ROLES
from linli.core.words import Words
from linli.kernel import declarations, outbox
from linli.matters import reference
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.models import Person

SYSTEM: Final = "system_admin"
SECURITY: Final = "security_admin"
AUDIT: Final = "audit_admin"
MOVES: Final = frozenset({"category", "calendar"})  # what, when published, moves deadlines
View = Callable[..., HttpResponseBase]


def only(role: str) -> Callable[[View], View]:
    """A page for one kind of administrator; nobody sees the others' parts."""

    def decorate(view: View) -> View:
        return never_cache(gate.staff(roles=[role])(view))

    return decorate


def parts(viewer: Viewer) -> list[tuple[str, str, str, str]]:
    """(address name, label, icon, what it is for) of the pages that the viewer may enter."""
    found: list[tuple[str, str, str, str]] = []
    if viewer.has(SYSTEM):
        found += [
            ("admin-places", _("地方"), "map", _("地方的名称、代码和边界；导入。")),
            ("admin-units", _("单位"), "building", _("单位及其职责分类。")),
            ("admin-categories", pgettext("administration", "分类"), "list", _("每类事项的时限、凭证、关键词。")),
            ("admin-routing", _("派单规则"), "split", _("谁先办；可以试算。")),
            ("admin-calendars", _("工作日历"), "calendar", _("节假日和调休。")),
            ("admin-procedures", _("规程"), "flag", _("阶段、步骤、时钟及依据。")),
            ("admin-understanding", pgettext("administration", "理解"), "eye", _("模型、门槛和人工更正。")),
        ]
    if viewer.has(SECURITY):
        found += [
            ("admin-people", _("人员与岗位"), "people", _("账号、岗位、请假。")),
            ("admin-tokens", _("接口令牌"), "lock", _("其他系统接入的凭证。")),
        ]
    if viewer.has(AUDIT):
        found += [("admin-audit", _("审计日志"), "eye", _("谁看了、谁改了什么。"))]
    return found


def page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the administration with its navigation."""
    viewer = gate.viewer_of(request)
    ways = [(reverse(name), label, icon, request.path) for name, label, icon, _about in parts(viewer)]
    context |= {"admin_ways": [(way, label, icon, path.startswith(way)) for way, label, icon, path in ways]}
    return render(request, f"admin/{template}", context, status=status)


def language() -> str:
    return get_language() or "zh-hans"


def may_publish(viewer: Viewer) -> bool:
    """Declarations hold for the whole city: only its own system administrator publishes them."""
    return any(len(area) == 4 for area in viewer.areas(frozenset({SYSTEM})))


def publish(kind: str, ident: str, body: str, *, viewer: Viewer, at: datetime, why: str = "") -> int:
    """Publish a checked body, on the record; where it moves deadlines, running clocks follow. Raises Refused."""
    if not may_publish(viewer):
        step = Words("发布全市规则", "publish rules for the whole city")
        raise Refused("not_allowed", step=step, roles=ROLES[SYSTEM])
    with transaction.atomic():
        before = declarations.newest(kind).get(ident, 0)
        number = declarations.publish(kind, ident, body, actor=viewer.actor_id, at=at)
        if number == before:
            return number
        data = {"version": number}
        audit.record(viewer.actor_id, "publish", kind, ident, at=at, reason=why[:500], data=data)
        if kind in MOVES:
            text = why or f"{kind} {ident} · {number}"
            outbox.put("recompute", f"{kind}/{ident}/{number}", {"why": text, "actor": viewer.actor_id}, at)
    reference.current(fresh=True)
    return number


@dataclass(frozen=True, slots=True)
class Version:
    """One published version: who, when."""

    number: int
    at: datetime
    who: str
    body: str
    newest: bool


def versions(kind: str, ident: str) -> list[Version]:
    """All versions of a declaration, newest first. Two queries."""
    rows = declarations.history(kind, ident)
    names = names_of(row.published_by for row in rows)
    return [
        Version(row.version, row.published_at, names.get(row.published_by, row.published_by), row.body, n == 0)
        for n, row in enumerate(rows)
    ]


def names_of(actors: Iterable[str]) -> dict[str, str]:
    """``person:<uuid>`` → name. One query."""
    wanted: dict[UUID, str] = {}
    for actor in set(actors):
        kind, _colon, ident = actor.partition(":")
        try:
            if kind == "person":
                wanted[UUID(ident)] = actor
        except ValueError:
            continue
    found = Person.objects.filter(pk__in=wanted).values_list("pk", "name") if wanted else ()
    return {wanted[pk]: name for pk, name in found}


def said(words: Words) -> str:
    """In the reader's language."""
    return words.said(language())
