"""The board: open work by colour, what turns red next first. A first page for all day."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.core.routing import LEVELS, level_of_area
from linli.core.words import Words
from linli.kernel import clock
from linli.matters import desk_queries, queries
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.roles import CENTRE_ROLES
from linli.web import look, sheets

DESK = CENTRE_ROLES | {"unit_lead", "officer"}
MOST = 25  # cards a column shows; the rest is a list


@dataclass(frozen=True, slots=True)
class Column:
    """One colour of the board."""

    colour: str
    word: str
    count: int
    cards: list[sheets.Card]

    @property
    def more(self) -> int:
        """How many have no card."""
        return max(0, self.count - len(self.cards))


def level_choices(viewer: Viewer) -> list[tuple[str, Words]]:
    """The levels that lie within the viewer's areas."""
    widest = min((len(area) for area in viewer.centre_areas), default=15)
    top = level_of_area("0" * widest)
    names = [name for name, _, _ in LEVELS]
    return [(name, words) for name, _, words in LEVELS if names.index(name) <= names.index(top)]


def columns(viewer: Viewer, level: str, *, mine: bool) -> tuple[list[Column], int]:
    """The board's columns and how many matters wait for the resident. Eight queries."""
    at = clock.now()
    rows = queries.visible_to(viewer)
    if level:
        rows = rows.filter(level=level)
    if mine:
        rows = rows.filter(holder_post__in=viewer.post_ids)
    counts = queries.colour_counts(desk_queries.at_work(rows), at)
    waiting = queries.open_only(rows).filter(stage__in=desk_queries.WAITING).count()
    found = desk_queries.board(rows, at, MOST)
    merged = desk_queries.merged_counts(row for held in found.values() for row in held)
    made = [Column(c, look.colour_word(c), counts[c], sheets.cards(found[c], merged)) for c in desk_queries.COLOURS]
    return made, waiting


@never_cache
@require_safe
@gate.staff(roles=DESK)
def board(request: HttpRequest) -> HttpResponse:
    """The board, whole or (for the live script) its columns alone."""
    viewer = gate.viewer_of(request)
    levels = level_choices(viewer)
    wanted = request.GET.get("level", "")
    level = wanted if wanted in {name for name, _ in levels} else ""
    mine = request.GET.get("mine") == "1"
    made, waiting = columns(viewer, level, mine=mine)
    context: dict[str, Any] = {
        "columns": made,
        "waiting": waiting,
        "level": level,
        "levels": levels,
        "mine": mine,
        "tab": "board",
    }
    context["may_take"] = viewer.has(*CENTRE_ROLES)
    if "part" in request.GET:
        return render(request, "desk/columns.html", context)
    return render(request, "desk/board.html", context)
