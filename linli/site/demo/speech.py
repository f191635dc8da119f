"""Sentences of residents and staff: templates × places × categories."""

from dataclasses import dataclass
from random import Random
from typing import Any

from linli.site.demo import words
from linli.site.demo.ground import Land
from linli.site.demo.names import Gazetteer, Name

TIMES = ("昨天晚上", "今天早上", "刚才", "前天", "上午", "昨天下午", "这两天")


@dataclass(frozen=True, slots=True)
class Said:
    """A resident's sentence, and what it is meant to be about."""

    text: str
    category: str
    language: str


class Speech:
    """Everything that is said in the city. Texts follow the given random source and nothing else."""

    def __init__(self, land: Land, gazetteer: Gazetteer) -> None:
        self.land, self.gazetteer = land, gazetteer
        self.sentences: dict[str, dict[str, Any]] = words.data("sentences")
        self.talk = words.data("talk")
        self.by_where = {where: self._weights(where, wet=False) for where in ("town", "country")}
        self.wet = {where: self._weights(where, wet=True) for where in ("town", "country")}

    def _weights(self, where: str, *, wet: bool) -> tuple[list[str], list[float]]:
        rows = [
            (code, each["weight"])
            for code, each in self.sentences.items()
            if each.get("where", where) == where and (each.get("rain", False) or not wet)
        ]
        return [code for code, _ in rows], [weight for _, weight in rows]

    def category(self, rng: Random, grid: str, *, storm: bool) -> str:
        """What somebody in the grid speaks up about."""
        where = "town" if self.land.spots[grid].urban else "country"
        codes, weights = (self.wet if storm else self.by_where)[where]
        return rng.choices(codes, weights)[0]

    def resident(self, rng: Random, grid: str, category: str) -> Said:
        """A sentence about *category* in *grid*; a few in English."""
        held = self.sentences[category]
        english = held.get("en", ())
        if english and rng.random() < 0.05:
            return Said(self._filled(rng, rng.choice(english), grid), category, "en")
        return Said(self._filled(rng, rng.choice(held["zh"]), grid), category, "zh-hans")

    def done(self, rng: Random, category: str, grid: str, *, again: bool) -> str:
        """What the one who completes it writes."""
        if again:
            return str(rng.choice(self.talk["again"]))
        notes = self.sentences.get(category, {}).get("done") or ["已到现场核实并处理完毕，已告知诉求人。"]
        return self._filled(rng, rng.choice(notes), grid)

    def line(self, rng: Random, kind: str, name: str = "") -> str:
        """Something from talk.toml; may be empty where people often write nothing."""
        return str(rng.choice(self.talk[kind])).replace("{name}", name)

    def pause(self, rng: Random, reason: str) -> str:
        """The note that goes with a pause."""
        return str(rng.choice(self.talk["pause"][reason]))

    def set_aside(self, reason: str) -> str:
        """The explanation that goes with a refusal."""
        return str(self.talk["set_aside"][reason])

    def _filled(self, rng: Random, template: str, grid: str) -> str:
        village = self.land.spots[grid[:12]].name
        names = self.gazetteer.by_grid[grid]
        home = self._name(rng, names, "estate", village)
        road = self._name(rng, names, "road", village)
        mark = self._name(rng, names, "landmark", f"{village}党群服务中心")
        place = rng.choice(
            (f"{village}{home}", f"{village}{road}", f"{home}门口", f"{road}靠近{home}", f"{village}{mark}附近")
        )
        held = {"p": place, "v": village, "home": home, "road": road, "mark": mark}
        return template.format(**held, h=rng.choice(TIMES), n=rng.randint(2, 8))

    def _name(self, rng: Random, names: list[Name], kind: str, otherwise: str) -> str:
        found = [name.name for name in names if name.kind == kind]
        return rng.choice(found) if found else otherwise
