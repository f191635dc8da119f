"""How a sentence of the demo city comes in: understood by the real reading, drafted by the real intake."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from random import Random
from typing import Any, Final

from linli.core.snapshot import Actor, Holder, Snapshot
from linli.matters.apply import Standing
from linli.matters.drafting import RESIDENT, Draft, Received, Request, count, draft
from linli.matters.reference import Reference
from linli.site.demo import words
from linli.site.demo.ground import Land
from linli.site.demo.ledger import Ledger, Life, first_row
from linli.site.demo.names import Gazetteer
from linli.site.demo.speech import Said, Speech
from linli.site.demo.staff import phone
from linli.understanding.reading import Hints, Reading

UNCLEAR: Final = 0.045
ADVERTS: Final = 0.008
PERHAPS: Final = (
    "civil.community.committee",
    "environment.pollution.noise",
    "justice.traffic.parking",
    "urban.works.facility",
)
"""What unclear sentences turn out to be about, once somebody has rung up."""
AS_IT_IS: Final = 0.10
"""Share of misread sentences that stay as they were read; others were typed by an operator who chose the category."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is laid down for one arrival; empty fields are left to chance. *script* as in ``plans``."""

    grid: str = ""
    category: str = ""
    text: str = ""
    script: dict[str, Any] = field(default_factory=dict)


FREE: Final = Scene()


class Door:
    """Takes sentences in. Everything is drawn from the random source of the one arrival."""

    def __init__(self, seed: int, ref: Reference, land: Land, gazetteer: Gazetteer, ledger: Ledger) -> None:
        self.seed, self.ref, self.land, self.ledger = seed, ref, land, ledger
        self.gazetteer = gazetteer
        self.speech = Speech(land, gazetteer)
        self.people = words.People(Random(f"residents {seed}"))
        rng = Random(f"busy {seed}")
        self.grids = [spot.area for spot in land.at("grid")]
        busy = (rng.lognormvariate(0, 0.7) * (1.0 if land.spots[area].urban else 0.45) for area in self.grids)
        self.busy = list(accumulate(busy))

    def take(self, number: int, at: datetime, scene: Scene = FREE, *, storm: bool = False) -> list[Life]:
        """One arrival becomes one matter, seldom more."""
        rng = Random(self.seed * 1_000_003 + number)
        grid = scene.grid or rng.choices(self.grids, cum_weights=self.busy)[0]
        script = dict(scene.script)
        said, unclear = self._said(rng, grid, scene, script, storm=storm)
        request, actor = self._request(rng, grid, said, script, open_end=unclear or bool(scene.text))
        made = draft(request, self.ref, at, actor)
        count(made, self.ref)
        return [self._life(number, rng, grid, said, made, item, script, at, storm) for item in range(len(made.items))]

    def _said(self, rng: Random, grid: str, scene: Scene, script: dict[str, Any], *, storm: bool) -> tuple[Said, bool]:
        category = scene.category or self.speech.category(rng, grid, storm=storm)
        if scene.text:
            return Said(scene.text, category, "zh-hans"), True
        roll = rng.random()
        if not scene.category and not storm:
            if roll < ADVERTS:
                text = rng.choice(self.speech.talk["adverts"])
                kinds = {"测": "test", "专": "advertisement", "低": "advertisement", "招": "advertisement"}
                script["advert"] = kinds.get(text[0], "empty")
                return Said(text, category, "zh-hans"), True
            if roll < ADVERTS + UNCLEAR:
                return Said(rng.choice(self.speech.talk["unclear"]), rng.choice(PERHAPS), "zh-hans"), True
        return self.speech.resident(rng, grid, category), False

    def _request(
        self, rng: Random, grid: str, said: Said, script: dict[str, Any], *, open_end: bool
    ) -> tuple[Request, Actor]:
        """By page, by the telephone desk, or by another city's app; the desk chooses category and place itself."""
        seen = self.ref.read(said.text, Hints(pin_area=grid))
        right = len(seen.parts) == 1 and seen.sure and _category(seen) == said.category
        roll = rng.random()
        if roll < 0.16 or not (right or open_end or (not script and rng.random() < AS_IT_IS)):
            return self._by_desk(rng, grid, said, open_end=open_end)
        if not right and not open_end:
            script["wrong"] = True
        channel = "open311" if roll > 0.95 else "page"
        lon, lat = self._pin(rng, grid) if not open_end else (None, None)
        name, number = self._contact(rng)
        request = Request(said.text, channel, lon, lat, contact_name=name, contact_phone=number, language=said.language)
        return request, RESIDENT

    def _by_desk(self, rng: Random, grid: str, said: Said, *, open_end: bool) -> tuple[Request, Actor]:
        seats = self.ref.roster.at("operator", grid[:9]) or self.ref.roster.at("operator", grid[:6])
        seat = seats[rng.randrange(len(seats))]
        actor = Actor("person", str(seat.person), seat.name, frozenset({"operator"}), seat.post, seat.unit)
        request = Request(
            said.text,
            "desk",
            area="" if open_end else grid,
            near=seat.area if open_end else "",
            category="" if open_end else said.category,
            contact_name=self.people.resident(),
            contact_phone=phone(rng),
            language=said.language,
        )
        return request, actor

    def _contact(self, rng: Random) -> tuple[str, str]:
        """Half leave a name, most a number."""
        name = self.people.resident() if rng.random() < 0.5 else ""
        return name, phone(rng) if rng.random() < 0.75 else ""

    def _pin(self, rng: Random, grid: str) -> tuple[float, float]:
        """The point of something in the grid, so that it lies inside."""
        name = rng.choice(self.gazetteer.by_grid[grid])
        return name.lon, name.lat

    def _life(
        self,
        number: int,
        rng: Random,
        grid: str,
        said: Said,
        made: Draft,
        item: int,
        script: dict[str, Any],
        at: datetime,
        storm: bool,
    ) -> Life:
        row = made.rows["m"][item]
        clocks = [clock for clock in made.rows["c"] if clock["matter"] == row["id"]]
        standing = self._standing(made.items[item], row, at)
        code = self.ledger.code(row["code_area"], row["day"])
        meant = said.category if len(made.items) == 1 else row["category"] or said.category
        life = Life(number, rng, grid, meant, standing, first_row(row, code), {}, script=script, storm=storm)
        self.ledger.opened(life, row, clocks, at)
        return life

    def _standing(self, item: Received, row: dict[str, Any], at: datetime) -> Standing:
        """The matter as it would be read after its intake."""
        ref, seat = self.ref, item.opening.choice.seat
        holder = Holder(seat.post, seat.unit, seat.name, seat.unit_name) if seat else Holder(None, None)
        snap = Snapshot(
            matter=item.id,
            procedure=ref.latest(row["procedure"]),
            terms=item.terms,
            stage=item.stage,
            category=item.category,
            area=item.area,
            level=item.opening.level,
            kind=row["kind"],
            urgent=row["urgent"],
            opened_at=at,
            holder=holder,
            reopened=0,
            clocks=item.opening.clocks,
            calendars=ref.calendars,
            roster=ref.roster,
            catalogue=ref.terms,
            tried=frozenset({seat.post} if seat else ()),
            sure=row["sure"],
        )
        salt, head = bytes.fromhex(row["salt"]), bytes.fromhex(row["head"])
        return Standing(snap, 1, head, salt, None, "", None, None, "")


def _category(reading: Reading) -> str:
    guess = reading.parts[0].category
    return guess.code if guess else ""
