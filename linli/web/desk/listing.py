"""The list: filters, order, pages by cursor, and filters kept under a name."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from linli.kernel import clock
from linli.matters import desk_queries, queries, reference
from linli.matters.models import SavedFilter
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.queries import units_of
from linli.parties.roles import CENTRE_ROLES
from linli.web import corrections, look, sheets
from linli.web.desk import suggest
from linli.web.desk.board import DESK, level_choices
from linli.web.desk.filters import Filter

ROWS = 100
COUNTED = 10_000  # beyond it the exact number is not worth its time
KEPT = 30


@never_cache
@require_safe
@gate.staff(roles=DESK)
def listing(request: HttpRequest) -> HttpResponse:
    """One page of the list, whole or (``part``, for the live script) its rows and their number alone.

    Nine queries whatever its length, ten where something waits to be sorted; a part is two fewer.
    """
    viewer, at = gate.viewer_of(request), clock.now()
    wanted = Filter.of(request.GET)
    rows = wanted.apply(wanted.searchable(queries.visible_to(viewer), viewer), viewer.post_ids, at)
    after = request.GET.get("after", "")
    found = desk_queries.first(wanted.ordered(rows, after)[: ROWS + 1])
    held, more = found[:ROWS], len(found) > ROWS
    count = rows.values("pk")[: COUNTED + 1].count()
    context: dict[str, Any] = {
        "cards": sheets.cards(held, desk_queries.merged_counts(held)),
        "next": wanted.cursor(held[-1]) if more else "",
        "after": after,
        "first": not after,
        "count": count,
        "beyond": count > COUNTED,
        "counted": COUNTED,
        "query": wanted.query(),
        "offers": suggest.of_rows(held) if viewer.has(*CENTRE_ROLES) else {},
    }
    if "part" in request.GET:
        return render(request, "desk/list_part.html", context)
    context |= {
        "filter": wanted,
        "saved": list(SavedFilter.objects.filter(person=UUID(viewer.id)).order_by("name")[:KEPT]),
        "tab": "list",
        "learns": viewer.has(*corrections.READERS),
        "flags": [
            ("mine", wanted.mine, _("我承办的")),
            ("urgent", wanted.urgent, _("紧急")),
            ("reopened", wanted.reopened, _("重办的")),
            ("merged", wanted.merged, _("有合并的")),
        ],
        **choices(viewer, wanted),
    }
    return render(request, "desk/list.html", context)


def choices(viewer: Viewer, wanted: Filter) -> dict[str, Any]:
    """What the filters offer. One query, for the units."""
    ref = reference.current()
    stages = {s.id: s.labels for p in ref.declared.latest.values() for s in p.stages.values()}
    widest = viewer.centre_areas
    units = [(str(u.pk), u.name) for area in widest[:1] for u in units_of(area, at=clock.now())[:400]]
    return {
        "stages": stages,
        "colours": [(c, look.colour_word(c)) for c in desk_queries.COLOURS],
        "tops": [(node.code, node.names) for node in ref.catalogue.tree],
        "categories": desk_queries.category_groups(get_language() or "zh-hans"),
        "places": desk_queries.around_place(wanted.area or (widest[0] if widest else "")),
        "levels": level_choices(viewer),
        "units": units,
        "channels": channel_words(),
        "may_take": viewer.has(*CENTRE_ROLES),
    }


def channel_words() -> dict[str, str]:
    """The doors by which a request comes, in words."""
    return {
        "page": pgettext("channel", "网页"),
        "hotline": pgettext("channel", "热线"),
        "desk": pgettext("channel", "窗口"),
        "api": pgettext("channel", "接口"),
        "open311": pgettext("channel", "Open311"),
        "file": pgettext("channel", "表格导入"),
        "field": pgettext("channel", "网格员上报"),
    }


@require_POST
@gate.staff(roles=DESK)
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the list's filter under a name; the same name again replaces it."""
    viewer = gate.viewer_of(request)
    query = Filter.of(QueryDict(request.POST.get("query", "")[:500])).query()[:500]
    name = request.POST.get("name", "").replace("\x00", "").strip()[:40]
    back = f"{reverse('desk-list')}?{query}"
    if not name:
        messages.error(request, _("请给这个筛选起个名字。"))
        return HttpResponseRedirect(back)
    mine = SavedFilter.objects.filter(person=UUID(viewer.id))
    if mine.exclude(name=name).count() >= KEPT:
        messages.error(request, _("最多保存 %(most)s 个筛选，请先删除不用的。") % {"most": KEPT})
        return HttpResponseRedirect(back)
    try:
        with transaction.atomic():
            SavedFilter.objects.update_or_create(person_id=UUID(viewer.id), name=name, defaults={"query": query})
    except IntegrityError:  # pressed twice at once: the other one kept it
        pass
    messages.success(request, _("已保存筛选“%(name)s”。") % {"name": name})
    return HttpResponseRedirect(back)


@require_POST
@gate.staff(roles=DESK)
def drop(request: HttpRequest, ident: UUID) -> HttpResponse:
    """Forget one of one's own kept filters."""
    SavedFilter.objects.filter(pk=ident, person=UUID(gate.viewer_of(request).id)).delete()
    return HttpResponseRedirect(reverse("desk-list"))
