"""Spots inside a village: what is said only by its kind (菜市场), buildings by number, and relations to a spot."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from linli.core.words import Words
from linli.understanding.gazetteer_asking import Namer
from linli.understanding.gazetteer_mentions import Entry, Mention
from linli.understanding.gazetteer_spelling import number
from linli.understanding.reading import PlaceGuess

TAILS: Final = tuple(
    re.findall(
        r"\w+",
        "农贸市场 菜市场 便民服务中心 党群服务中心 卫生服务站 卫生院 卫生室 医院 幼儿园 小学 中学 学校 派出所"
        " 车站 公交站 加油站 广场 公园 活动室 文化站 敬老院 养老院 超市 市场 垃圾站 水厂",
    )
)
_ANY_TAIL = re.compile("|".join(sorted(TAILS, key=len, reverse=True)))
_ALIKE: Final = {
    "菜市场": ("农贸市场", "市场"),
    "农贸市场": ("菜市场", "市场"),
    "学校": ("小学", "中学"),
    "市场": ("菜市场", "农贸市场"),
}
_BUILDING = re.compile(r"([0-9]{1,3}|[一二三四五六七八九十]{1,3})\s*(?:号楼|号院|[栋幢座])")
_RELATION = re.compile(
    r"(?:的?)(对面|旁边?|隔壁|附近|门口|门前|后面|背后|前面|楼下|路口|交叉口|入口|出口|里面|[往向][东南西北前后左右]{1,2}"
    r"(?:走|边)?[约大概]*\s*[0-9一二三四五六七八九十百两]+\s*(?:米|公里|m|km))"
)
_RELATIONS: Final = {
    "对面": "opposite",
    "旁": "beside",
    "旁边": "beside",
    "隔壁": "next door to",
    "附近": "near",
    "门口": "at the gate of",
    "门前": "in front of",
    "后面": "behind",
    "背后": "behind",
    "前面": "in front of",
    "楼下": "below",
    "路口": "at the crossing of",
    "交叉口": "at the crossing of",
    "入口": "at the entrance of",
    "出口": "at the exit of",
    "里面": "inside",
}
_SPOT_KINDS: Final = frozenset({"road", "estate", "landmark", "building", "alias"})


class Spots:
    """Landmarks by the kind their name ends with, and buildings by estate and number."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.tails: dict[str, list[Entry]] = defaultdict(list)
        self.buildings: dict[tuple[str, int], str] = {}
        for entry in entries:
            if entry.kind not in _SPOT_KINDS:
                continue
            if match := next((m for m in [_BUILDING.search(entry.name)] if m), None):
                self.buildings[entry.name[: match.start()], number(match[1])] = entry.area
            for tail in TAILS:
                if entry.name.endswith(tail):
                    self.tails[tail].append(entry)

    def generic(self, text: str, prior: Mapping[str, float], namer: Namer) -> tuple[PlaceGuess, ...]:
        """“菜市场对面” where only the pin, the operator's or the sender's area says whose market it is."""
        scopes = [area for area in sorted(prior, key=lambda area: -prior[area]) if len(area) >= 9]
        for scope in scopes:
            for match in _ANY_TAIL.finditer(text):
                if found := self._one(match[0], scope):
                    zh, en = _related(text, match.end(), match[0], found.name)
                    why = Words(
                        f"{zh}；按所在辖区，“{match[0]}”指{found.name}",
                        f'{en}; in the known area, "{match[0]}" is {found.name}',
                    )
                    return (PlaceGuess(found.area, namer.name(found.area), 0.65, (why,)),)
        return ()

    def nearer(self, text: str, guess: PlaceGuess, mentions: Sequence[Mention], namer: Namer) -> PlaceGuess:
        """A village or town found, made narrower by a building's number or a landmark's kind; relations are said."""
        for mention in mentions:
            if mention.entries[0].kind not in _SPOT_KINDS:
                continue
            building = _BUILDING.match(text, mention.end)
            area = self.buildings.get((mention.word, number(building[1]))) if building else None
            if building and area:
                why = Words(f"文中写明“{building[0]}”", f'The text says "{building[0]}"')
                return PlaceGuess(area, namer.name(area), guess.confidence, (*guess.reasons, why))
            if relation := _RELATION.match(text, mention.end):
                zh, en = _related(text, relation.start(), mention.word, mention.entries[0].name)
                return PlaceGuess(guess.area, guess.name, guess.confidence, (*guess.reasons, Words(zh, en)))
            return guess
        if 9 <= len(guess.area) <= 12:
            for match in _ANY_TAIL.finditer(text):
                if found := self._one(match[0], guess.area):
                    zh, en = _related(text, match.end(), match[0], found.name)
                    why = Words(f"{zh}，即{found.name}", f"{en}: {found.name}")
                    return PlaceGuess(found.area, namer.name(found.area), guess.confidence, (*guess.reasons, why))
        return guess

    def _one(self, tail: str, scope: str) -> Entry | None:
        """The only landmark of that kind in an area; None where there are several in different grids."""
        for name in (tail, *_ALIKE.get(tail, ())):
            found = [entry for entry in self.tails.get(name, ()) if entry.area.startswith(scope)]
            if len({entry.area for entry in found}) == 1:
                return found[0]
            if found:
                return None
        return None


def _related(text: str, at: int, word: str, name: str) -> tuple[str, str]:
    """What the text says about the spot: 在菜市场对面."""
    match = _RELATION.match(text, at)
    if match is None:
        return f"文中提到“{word}”", f'The text mentions "{word}"'
    relation = _RELATIONS.get(match[1], match[1])
    return (
        f"文中写明在“{word}”{match[1]}，按“{name}”所在确定",
        f'The text says {relation} "{word}"; taken as where {name} is',
    )
