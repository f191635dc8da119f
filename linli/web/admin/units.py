"""Units and their duties."""

from typing import Any, Final
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from linli.core.refusals import Refusal, Refused
from linli.core.role_words import ROLES
from linli.core.routing import level_words
from linli.kernel import clock
from linli.matters import reference
from linli.parties import actions, gate
from linli.parties.access import current_posts
from linli.parties.models import Duty, Post, Unit
from linli.procedures.categories import DUTIES
from linli.web.admin.common import SYSTEM, language, only, page
from linli.web.admin.forms import Input, filled, typed
from linli.web.admin.toml import listed
from linli.web.city import excel

ROWS: Final = 100
KINDS: Final = ("centre", "department", "station", "studio", "social_organisation")


def kind_words() -> dict[str, str]:
    return {
        "centre": _("综治中心"), "department": _("部门"), "station": _("站所"), "studio": _("工作室"),
        "social_organisation": _("社会组织"),
    }  # fmt: skip


@only(SYSTEM)
def units(request: HttpRequest) -> HttpResponse:
    """All units by name or place; a new one. Two queries."""
    refusal, sent = None, None
    if request.method == "POST":
        sent = typed(request, _inputs())
        try:
            made = actions.create_unit(
                sent["name"], sent["area"], sent["kind"], actor=gate.viewer_of(request), at=clock.now(),
                tag=sent["tag"], name_en=sent["name_en"], phone=sent["phone"],
            )  # fmt: skip
        except Refused as refused:
            refusal = refused.refusal
        else:
            messages.success(request, _("单位已建立。接着写明它的职责分类。"))
            return HttpResponseRedirect(reverse("admin-unit", args=[made.pk]))
    wanted = request.GET.get("q", "").strip()[:60]
    at = clock.now()
    rows = Unit.objects.order_by("area", "name", "pk")
    if wanted:
        rows = rows.filter(Q(name__icontains=wanted) | Q(tag=wanted) | Q(area__startswith=wanted))
    if "xlsx" in request.GET:
        return _workbook(rows)
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 7 else 0
    held = Count("posts", filter=Q(posts__valid_from__lte=at) & (Q(posts__valid_to=None) | Q(posts__valid_to__gt=at)))
    found = list(rows.annotate(held=held)[number : number + ROWS + 1])
    index = reference.current().index
    context = {
        "units": [
            (u, index.name(u.area), level_words(u.level), kind_words().get(u.kind, u.kind)) for u in found[:ROWS]
        ],
        "q": wanted,
        "next": str(number + ROWS) if len(found) > ROWS else "",
        "first": not number,
        "inputs": filled(_inputs(), sent, refusal),
        "refusal": refusal,
    }
    return page(request, "units.html", context, refusal.status if refusal else 200)


def _inputs(held: Unit | None = None) -> list[Input]:
    kinds = list(kind_words().items())
    if held is not None and held.kind not in KINDS:
        kinds.append((held.kind, held.kind))
    tags = [("", "–"), *((tag, words.said(language())) for tag, words in DUTIES.items())]
    fixed = [Input("name", _("单位名称"), told="单位名称"), Input("area", _("辖区代码"), told="辖区代码")]
    own = [
        Input("kind", _("类型"), "select", options=kinds, told="单位类型", value=held.kind if held else "department"),
        Input(
            "tag",
            _("职责领域"),
            "select",
            required=False,
            options=tags,
            told="职责领域",
            value=held.tag if held else "",
        ),
        Input("name_en", _("英文名称"), required=False, told="英文名称", value=held.name_en if held else ""),
        Input("phone", _("电话"), "tel", required=False, told="电话", value=held.phone if held else ""),
    ]
    return own if held else fixed + own


def _workbook(rows: Any) -> HttpResponse:
    lines = [(u.area, u.name, u.name_en, u.kind, u.tag, u.level, u.phone) for u in rows[:50_000]]
    titles = (_("辖区代码"), _("单位名称"), _("英文名称"), _("类型"), _("职责领域"), _("层级"), _("电话"))
    return excel.answer("linli-units", [(_("单位"), titles, lines)])


@only(SYSTEM)
def unit(request: HttpRequest, ident: UUID) -> HttpResponse:
    """One unit: what it is, its duties, who works there."""
    held = Unit.objects.select_related("parent").filter(pk=ident).first()
    if held is None:
        raise Http404
    refusal: Refusal | None = None
    sent = None
    duties = "\n".join(Duty.objects.filter(unit=held).order_by("category").values_list("category", flat=True))
    unknown: list[str] = []
    if request.method == "POST":
        viewer, at = gate.viewer_of(request), clock.now()
        try:
            if request.POST.get("verb") == "duties":
                duties = request.POST.get("duties", "")
                unknown = [d for d in listed(duties) if not _known(d)]
                if not unknown:
                    actions.set_duties(ident, listed(duties), actor=viewer, at=at)
            else:
                sent = typed(request, _inputs(held))
                actions.change_unit(ident, sent, actor=viewer, at=at)
        except Refused as refused:
            refusal = refused.refusal
        if refusal is None and not unknown:
            messages.success(request, _("已保存。"))
            return HttpResponseRedirect(reverse("admin-unit", args=[ident]))
    posts = Post.objects.filter(current_posts(clock.now()), unit=held).select_related("person").order_by("area", "role")
    catalogue = reference.current().catalogue
    context = {
        "unit": held,
        "place": [e.name for e in reference.current().index.chain(held.area)],
        "inputs": filled(_inputs(held), sent, refusal),
        "duties": duties,
        "unknown": unknown,
        "posts": [(p, ROLES[p.role]) for p in posts[:200]],
        "groups": [(t.code, t.names, [(g.code, g.names) for g in t.children]) for t in catalogue.tree],
        "refusal": refusal,
    }  # fmt: skip
    return page(request, "unit.html", context, refusal.status if refusal else 422 if unknown else 200)


def _known(code: str) -> bool:
    return any(c == code or c.startswith(code + ".") for c in reference.current().catalogue.by_code)
