"""The city's invented names, read from data/names.toml, and how new ones are put together."""

import random
import tomllib
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from importlib import resources
from typing import Any

Words = dict[str, Any]


@cache
def data(name: str) -> Words:
    """One of the TOML files beside this module."""
    return tomllib.loads(resources.files("linli.site.demo").joinpath("data", f"{name}.toml").read_text("utf-8"))


def city() -> Words:
    """Name, area and river of the city."""
    found: Words = data("names")["city"]
    return found


def stems(rng: random.Random) -> Iterator[str]:
    """Two-character place names without repetition; then with a direction before them."""
    places = data("names")["places"]
    plain = [first + second for first in places["firsts"] for second in places["seconds"]]
    rng.shuffle(plain)
    yield from plain
    for where in "东西南北上下新":
        yield from (where + stem for stem in plain)


class People:
    """Names of people with a sign-in name for each: 王海涛, wang.haitao; a number follows when it is taken.

    *there*: sign-in names of people who are in the database already.
    """

    def __init__(self, rng: random.Random, there: AbstractSet[str] = frozenset()) -> None:
        held = data("names")["people"]
        rows = [row.split() for row in held["surnames"]]
        self.rng = rng
        self.surnames: list[tuple[str, str]] = [(row[0], row[1]) for row in rows]
        self.weights = [int(row[2]) for row in rows]
        self.given: list[tuple[str, str]] = [(row.split()[0], row.split()[1]) for row in held["given"]]
        self.there = there
        self.taken: dict[str, int] = {}
        self.names: set[str] = set()

    def name(self) -> tuple[str, str]:
        """(name, sign-in name); names repeat only when few are left."""
        for _ in range(20):
            surname, sound = self.rng.choices(self.surnames, self.weights)[0]
            given, given_sound = self.rng.choice(self.given)
            if surname + given not in self.names:
                break
        self.names.add(surname + given)
        login = f"{sound}.{given_sound}"
        return surname + given, self._free(login)

    def _free(self, login: str) -> str:
        while True:
            number = self.taken[login] = self.taken.get(login, 0) + 1
            found = login if number == 1 else f"{login}{number}"
            if found not in self.there:
                return found

    def resident(self) -> str:
        """How residents give their names: in full, or 王女士."""
        surname = self.rng.choices(self.surnames, self.weights)[0][0]
        roll = self.rng.random()
        if roll < 0.3:
            return surname + self.rng.choice(("先生", "女士"))
        if roll < 0.4:
            return surname + self.rng.choice(["大爷", "阿姨", "老师", "师傅"])
        return surname + self.rng.choice(self.given)[0]
