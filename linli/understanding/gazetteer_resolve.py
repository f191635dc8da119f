"""Which of several places is meant: by what stands above it in the text, by the role it plays, by the prior."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from linli.core.words import Words
from linli.understanding.gazetteer_mentions import Entry, Mention
from linli.understanding.gazetteer_spelling import EVERYDAY
from linli.understanding.reading import Reason

_AFTER_EVERYDAY = re.compile(r"$|[，。,.；;！!？? 的]|[那这]|有人|路口|门口|村|[0-9]|停[水电]")
LEVEL_BASE: Final[Mapping[int, float]] = {4: 0.4, 6: 0.6, 9: 0.8, 12: 0.92, 15: 0.95}
UPPER: Final = frozenset({"city", "county", "township"})
_HOW_BASE: Final[Mapping[str, float]] = {
    "sound": 0.72,
    "typo": 0.66,
    "roman": 0.85,
    "near": 0.5,
    "elsewhere": 0.4,
    "inside": 0.45,
    "word": 0.5,
}
_HOW_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "sound": ("与“{name}”读音相同或相近，按此理解", 'sounds like "{name}" and is taken for it'),
    "typo": ("与“{name}”只差一个字，按此理解", 'differs from "{name}" by one character and is taken for it'),
    "roman": ("是“{name}”的拼音", 'is "{name}" in Latin letters'),
    "near": ("与“{name}”相近，请确认", 'is like "{name}"; please confirm'),
    "inside": (
        "可能是另一个更长的地名的一部分，也可能是{name}，请确认",
        "may be part of a longer name, or {name}; please confirm",
    ),
    "word": ("也可能不是地名，是不是{name}请确认", "may not be a place; please confirm whether it is {name}"),
    "elsewhere": (
        "是{name}，不在文中所说的乡镇（街道），请确认",
        "is {name}, not in the town that is named; please confirm",
    ),
}


def restrict(text: str, mentions: Sequence[Mention]) -> None:
    """Keep of each mention's places those inside an upper place that is named too: beside it, else anywhere."""
    before: Mention | None = None
    for mention in mentions:
        others = [other for other in mentions if other is not mention]
        beside_it = [other for other in others if other.group == mention.group]
        for circle in (beside_it, others):
            if _narrowed(mention, circle) and mention.entries:
                whole = mention.entries[0].official or bool(_AFTER_EVERYDAY.match(text, mention.end))
                town = before is not None and any(entry.kind in UPPER for entry in before.entries)
                beside = circle is not others and whole and town
                if mention.weak < EVERYDAY or beside:
                    mention.supported = "upper"
                break
        before = mention


def _narrowed(mention: Mention, others: Sequence[Mention]) -> bool:
    depths = [
        max((len(up.area) for other in others for up in other.entries if _above(up, entry, other, mention)), default=0)
        for entry in mention.entries
    ]
    deepest = max(depths)
    if not deepest:
        return False
    mention.entries = [entry for entry, depth in zip(mention.entries, depths, strict=True) if depth == deepest]
    return True


def _above(up: Entry, entry: Entry, other: Mention, mention: Mention) -> bool:
    """Whether *up* holds *entry*; the same area counts where its name is the narrower one (a road and a village)."""
    if not entry.area.startswith(up.area):
        return False
    if len(up.area) < len(entry.area):
        beside = other.end == mention.start and up.kind == "township" and entry.official
        return other.weak < EVERYDAY or beside
    return len(other.entries) < len(mention.entries)


def deepest(mentions: Sequence[Mention]) -> list[Mention]:
    """Those that are not merely the upper place of another; each set of places once."""
    left: dict[frozenset[str], Mention] = {}
    for mention in mentions:
        is_upper = any(
            other is not mention
            and not (mention.paired and other.group != mention.group)  # from a county to a village in it: two ends
            and any(e.area != up.area and e.area.startswith(up.area) for e in other.entries)
            for up in mention.entries
            for other in mentions
        )
        if not is_upper:
            left.setdefault(frozenset(entry.area for entry in mention.entries), mention)
    kept = list(left.values())
    sure = [mention for mention in kept if mention.paired or not mention.weak]
    return sure or kept or list(mentions[:1])


def foremost(mentions: Sequence[Mention]) -> list[Mention]:
    """Where the matter is comes before what is on the way, that before where the sender lives."""
    least = min((mention.role for mention in mentions), default=0)
    return [mention for mention in mentions if mention.role == least]


def holder(entries: Sequence[Entry]) -> Entry | None:
    """The one among the places that holds all others (a town and the village of the same name in it)."""
    for entry in entries:
        if all(other.area.startswith(entry.area) for other in entries):
            return entry
    return None


def common(areas: Sequence[str]) -> str:
    """The lowest place that holds all of them, or ""."""
    shortest = min(len(area) for area in areas)
    for length in (15, 12, 9, 6, 4):
        if length <= shortest and len({area[:length] for area in areas}) == 1:
            return areas[0][:length]
    return ""


def by_prior(entries: Sequence[Entry], prior: Mapping[str, float]) -> Entry | None:
    """The one that the prior speaks for, if exactly one."""
    weights = [_prior_of(entry.area, prior) for entry in entries]
    best = max(weights, default=0.0)
    return entries[weights.index(best)] if best > 0 and weights.count(best) == 1 else None


def _prior_of(area: str, prior: Mapping[str, float]) -> float:
    """How much the prior speaks for an area: the longest shared prefix at a level decides, times its weight."""
    best = 0.0
    for known, weight in prior.items():
        for length in (15, 12, 9, 6):
            if len(area) >= length and area[:length] == known[:length] and len(known) >= length:
                best = max(best, length * weight)
                break
    return best


def confidence(mention: Mention, entry: Entry) -> float:
    """How sure a single meaning is."""
    base = LEVEL_BASE.get(len(entry.area), 0.5)
    if mention.how:
        return min(base, _HOW_BASE[mention.how])
    if entry.weak:
        return 0.85 if mention.supported == "upper" else 0.65
    return base


def named(mention: Mention, name: str) -> Reason:
    """Why this place: what the text says."""
    if mention.how:
        zh, en = _HOW_WORDS[mention.how]
        return Words(f"“{mention.word}”" + zh.format(name=name), f'"{mention.word}" ' + en.format(name=name))
    if mention.supported == "upper":
        return Words(f"文中写明“{mention.word}”及其上级地名", f'The text names "{mention.word}" and the place above it')
    return Words(f"文中写明“{mention.word}”", f'The text names "{mention.word}"')
