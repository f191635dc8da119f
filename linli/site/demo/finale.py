"""What stands open when the demo starts: every colour, every stage, with people at every level."""

from datetime import datetime, timedelta
from typing import Any, Final

from linli.site.demo.arrivals import Scene
from linli.site.demo.ground import Land
from linli.site.demo.history import Coming
from linli.site.demo.plans import NEVER

_STAY: Final = {"claim": NEVER}
SCENES: Final[tuple[tuple[float, str, str, dict[str, Any]], ...]] = (
    # minutes ago, category, where (a: the demo grid worker's grid, b: another one), script
    (0.4, "civil.community.committee", "a", _STAY),
    (3.4, "civil.community.volunteers", "a", _STAY),
    (7.0, "civil.community.committee", "b", _STAY),
    (1.1, "urban.lighting.streetlamp", "b", _STAY),
    (3.7, "environment.pollution.noise", "b", _STAY),
    (12.0, "urban.sanitation.rubbish", "c", _STAY),
    (27.0, "justice.traffic.parking", "c", _STAY),
    (18.0, "civil.community.committee", "a", {"claim": 1.5, "complete": NEVER}),
    (49.0, "environment.pollution.noise", "b", {"claim": 2.2, "complete": NEVER}),
    (52.0, "urban.utilities.power", "c", {"claim": 1.4, "complete": NEVER}),
    (83.0, "justice.traffic.signals", "b", {"claim": 3.0, "complete": NEVER}),
    (130.0, "urban.utilities.water", "c", {"claim": 2.0, "complete": NEVER}),
    (65.0, "urban.works.manhole", "b", {"claim": 0.8, "pause": "parts"}),
    (95.0, "justice.order.crime", "c", {"claim": 2.5, "pause": "other_agency"}),
    (140.0, "environment.pollution.noise", "a", {"claim": 2.0, "complete": 38, "answer": NEVER}),
    (75.0, "urban.works.manhole", "c", {"claim": 1.2, "complete": 41, "answer": NEVER}),
    (160.0, "urban.utilities.power", "b", {"claim": 2.0, "complete": 40, "answer": "not_solved", "answer_after": 117}),
    (58.0, "justice.traffic.parking", "a", {"claim": 1.1, "complete": 22, "answer": "not_solved", "answer_after": 32}),
    (36.0, "urban.works.drainage", "b", {"claim": 1.6, "complete": NEVER, "same": ("finale", "drainage")}),
    (31.0, "urban.works.drainage", "b", {"same": ("finale", "drainage")}),
    (29.5, "urban.works.drainage", "b", {"same": ("finale", "drainage")}),
    (21.0, "urban.works.drainage", "b", {"same": ("finale", "drainage")}),
)
UNSURE: Final = (
    (1.3, "门口那个东西又坏了，麻烦来看看。"),
    (4.1, "请问反映的事情到底归哪个管？"),
    (9.0, "楼下天天都有人，烦得很。"),
)


def scenes(land: Land, worker: set[str], at: datetime) -> list[Coming]:
    """The last arrivals before *at*, in order. *worker*: grids of the person behind the demo's grid worker sign-in."""
    grids = [spot.area for spot in land.at("grid")]
    mine = sorted(worker)[0]
    others = [area for area in grids if area[:9] == mine[:9] and area not in worker]
    far = [area for area in grids if area[:6] != mine[:6] and land.spots[area].urban] or grids
    where = {"a": mine, "b": others[len(others) // 2], "c": far[len(far) // 2]}
    found = [
        Coming(at - timedelta(minutes=ago), scene=Scene(where[place], category, script=script))
        for ago, category, place, script in SCENES
    ]
    stays: dict[str, Any] = {"triage": NEVER}
    found += [
        Coming(at - timedelta(minutes=ago), scene=Scene(others[0], "civil.community.committee", text, stays))
        for ago, text in UNSURE
    ]
    return sorted(found, key=lambda coming: coming.at)
