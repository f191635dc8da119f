"""What stands around every page: the city's name, the viewer's ways, the names of places."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from linli.kernel import clock
from linli.matters import reference
from linli.parties import gate
from linli.parties.access import Viewer
from linli.parties.roles import ADMIN_ROLES, CENTRE_ROLES
from linli.places import queries


@dataclass(frozen=True, slots=True)
class Way:
    """One entry of the header's navigation."""

    address: str
    label: str
    icon: str
    here: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame of one page. *next* is where the language switch returns to."""

    city: str
    now: datetime
    language: str
    other: str
    other_name: str
    next: str
    name: str
    signed_in: bool
    ways: tuple[Way, ...]


def of(request: HttpRequest | None) -> Frame:
    """The frame for *request*; without one (the last-resort error page) the plainest."""
    english = (get_language() or "zh-hans").startswith("en")
    seen = gate.viewer_of(request) if request is not None else None
    place = request.get_full_path() if request is not None and request.method in ("GET", "HEAD") else "/"
    return Frame(
        city=city_name() if request is not None else "",
        now=clock.now(),
        language="en" if english else "zh-Hans",
        other="zh-hans" if english else "en",
        other_name="中文" if english else "English",
        next=place,
        name=seen.name if seen else "",
        signed_in=request is not None and gate.has_session(request),
        ways=_ways(seen, request.path) if seen is not None and request is not None else (),
    )


def _ways(seen: Viewer, path: str) -> tuple[Way, ...]:
    """The sections a viewer may enter, as far as they stand."""
    if seen.kind != "person":
        return ()
    roles = {post.role for post in seen.posts}
    wanted = []
    if roles - ADMIN_ROLES:
        wanted.append(("field", _("我的任务"), "tasks"))
        wanted.append(("services", _("发起事项"), "plus"))
    if roles & (CENTRE_ROLES | {"unit_lead"}):
        wanted.append(("desk", _("工作台"), "inbox"))
    if roles & {"centre_lead", "dispatcher"}:
        wanted.append(("city", _("全市一屏"), "map"))
    if roles & CENTRE_ROLES:
        wanted.append(("topics", _("热点"), "chart"))
    if roles & ADMIN_ROLES:
        wanted.append(("administration", _("管理"), "settings"))
    ways = []
    for name, label, icon in wanted:
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        ways.append(Way(address, label, icon, path.startswith(address)))
    return tuple(ways)


def city_name() -> str:
    """The city's name; empty while no place has been imported."""
    ref = reference.current()
    return ref.index.name(ref.home())


def area_chain(area: str, levels: int = 0) -> str:
    """`沙湾县 · 青林镇 · 桥头社区`: the names down to *area*, without the city unless it is the city itself."""
    if not area:
        return ""
    chain = [entry.name for entry in queries.chain(area)]
    if len(chain) > 1:
        chain = chain[1:]
    return " · ".join(chain[-levels:] if levels else chain) or area
