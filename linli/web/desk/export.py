"""The list as an Excel or CSV file: exactly the rows the viewer may see, sent while they are read."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from linli.audit import actions as audit
from linli.core.routing import level_words
from linli.kernel import clock
from linli.matters import queries, reference
from linli.matters.models import Matter
from linli.parties import gate
from linli.web import look, sheets, streaming
from linli.web.desk.board import DESK
from linli.web.desk.filters import Filter
from linli.web.desk.listing import channel_words

MOST: Final = 100_000


@require_safe
@gate.staff(roles=DESK)
def excel(request: HttpRequest) -> HttpResponseBase:
    """The list with its present filters; names and numbers in the texts are covered. The export is on the record."""
    rows, at = _asked(request)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _answer(streaming.xlsx(_("事项"), _titles(), _lines(rows, at)), "xlsx", kind, at)


@require_safe
@gate.staff(roles=DESK)
def comma_separated(request: HttpRequest) -> HttpResponseBase:
    """The same as CSV, for programs and very long lists."""
    rows, at = _asked(request)
    return _answer(streaming.comma_separated(_titles(), _lines(rows, at)), "csv", "text/csv; charset=utf-8", at)


def _asked(request: HttpRequest) -> tuple[QuerySet[Matter], datetime]:
    """The rows that are asked for, once that is on the record. Two queries."""
    viewer, at = gate.viewer_of(request), clock.now()
    wanted = Filter.of(request.GET)
    rows = wanted.ordered(wanted.apply(wanted.searchable(queries.visible_to(viewer), viewer), viewer.post_ids, at))
    data = {"rows": rows[:MOST].count(), "query": wanted.query()}
    audit.record(viewer.actor_id, "export", "list", "matters", at=at, area=frame_area(viewer), data=data)
    return rows[:MOST], at


def _answer(pieces: Iterator[bytes], ending: str, kind: str, at: datetime) -> HttpResponseBase:
    response = StreamingHttpResponse(pieces, content_type=kind)
    name = f"linli-{timezone.localtime(at):%Y%m%d-%H%M}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def frame_area(viewer: Any) -> str:
    """The widest area of a viewer, for the record."""
    return next(iter(viewer.centre_areas), "")


def _titles() -> list[tuple[str, int]]:
    return [
        (_("编号"), 26),
        (_("阶段"), 10),
        (_("时限"), 10),
        (_("紧急"), 6),
        (_("内容"), 60),
        (_("分类"), 30),
        (_("县（市、区）"), 14),
        (_("乡镇（街道）"), 14),
        (_("村（社区）"), 18),
        (_("网格"), 12),
        (_("责任层级"), 12),
        (_("承办单位"), 24),
        (_("承办人"), 10),
        (_("来源"), 10),
        (_("受理时间"), 17),
        (_("到期时间"), 17),
        (_("办结时间"), 17),
        (_("重办次数"), 8),
        (_("满意度"), 8),
    ]


def _lines(rows: QuerySet[Matter], at: datetime) -> Iterator[list[Any]]:
    """The cells of each row. One query, read in portions."""
    ref, said, channels = reference.current(), get_language() or "zh-hans", channel_words()
    rows = rows.select_related("statement", "holder_unit", "holder_post__person")
    for row in rows.iterator(chunk_size=2000):
        category = ref.catalogue.by_code.get(row.category)
        stage = ref.procedure(row.procedure, row.procedure_version).stages[row.stage]
        running = sheets.running(row, stage)
        names = [ref.index.name(row.area[:n]) if len(row.area) >= n else "" for n in (6, 9, 12, 15)]
        yield [
            row.code,
            stage.labels.said(said),
            look.clock_face(running, at).word if running else "",
            _("是") if row.urgent else "",
            sheets.masked(row.statement),
            (category.path if category else ref.terms_of(row.category).labels).said(said),
            *names,
            level_words(row.level).said(said) if row.level else "",
            row.holder_unit.name if row.holder_unit else "",
            row.holder_post.person.name if row.holder_post else "",
            channels.get(row.channel, row.channel),
            row.opened_at,
            row.due_at or "",
            row.closed_at or "",
            row.reopened,
            row.rating or "",
        ]
