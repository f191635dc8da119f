"""What the words of one catalogue say about a text: keywords looked up in one pass, and pairs of characters (or words)
of its names, descriptions and example sentences.

Keywords carry their declared weight (a repeated one adds REPEAT). A pair weighs by how few categories use it, as in
inverse document frequency; pairs used by more than COMMON categories say nothing. Pairs count little beside keywords:
they smooth what a missing or overlapping keyword would tear, and find the leaf when only examples are alike.
"""

import itertools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from weakref import WeakKeyDictionary

from linli.core.catalogue import Catalogue, Category
from linli.understanding.lexicon import Hit, Lexicon, folded

REPEAT: Final = 0.25
SIBLINGS: Final = 0.4
"""Share of what other categories under the same level-1 label got that counts for each."""
PAIRS: Final = 0.6
"""Weight of the pairs beside the keywords."""
COMMON: Final = 20
LEAST: Final = 0.4
"""Pairs that add up to less say nothing about a category of which no keyword was found."""
READ: Final = 240
"""Characters in which pairs are counted; a longer letter has keywords enough."""

Leaf = tuple[Category, float]
PAIRS_MOST: Final = 3.0
"""What pairs add to one category at most: as much as one keyword."""
_PLACES = frozenset(("社区", "网格", "街道", "门口", "旁边", "楼下", "附近", "居委", "村委", "对面"))
"""Where something is says little about what it is."""
_EMPTY = frozenset(
    "的了是不我你他她它们在有没个这那哪么什怎吗呢吧就都也还又很太请问能会要到得着过和与及或被把给让向从对为以于可知道说想"
)
_EMPTY_EN = frozenset(
    (
        *(
            "the",
            "and",
            "for",
            "our",
            "not",
            "with",
            "has",
            "have",
            "are",
            "was",
            "were",
            "how",
            "who",
            "what",
            "where",
        ),
        *("when", "which", "can", "could", "does", "did", "nobody", "someone", "there", "that", "this", "from", "into"),
        *("out", "its", "his", "her", "their", "them", "you", "your", "they", "still", "more", "than", "too", "any"),
        *(
            "all",
            "one",
            "two",
            "new",
            "old",
            "want",
            "need",
            "about",
            "been",
            "will",
            "without",
            "every",
            "day",
            "days",
        ),
        *("year", "years"),
    )
)
_COURTESY = re.compile(
    "您好|你好|请问一?下?|谢谢|麻烦[了您你]?|拜托|尊敬的|领导|(?:我|本人)?想?(?:要)?反映(?:一下|情况|问题)?|尽快(?:处理|解决|安排)?|请|[了吗呢吧啊呀哦嘛]"
    "|昨天|昨晚|今天|今早|刚才|现在|最近|第?[一二三四五六七八九十0-9]+网格|[^\\w]+|please|thank you|thanks|hello"
)
"""Politeness, time and punctuation: the same matter said at more length has the same evidence."""
_RUN = re.compile("[\u4e00-\u9fff]+|[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Per category what its words say (``own``), the words themselves, and what its level-1 label got altogether."""

    own: Mapping[str, float]
    words: Mapping[str, list[tuple[str, float]]]
    pools: Mapping[str, float]
    top_of: Mapping[str, str]

    def totals(self) -> dict[str, float]:
        """Each category's own evidence, and a share of its siblings'."""
        pools, top_of = self.pools, self.top_of
        return {code: got + SIBLINGS * (pools[top_of[code]] - got) for code, got in self.own.items()}

    def strength(self) -> float:
        """How much was said at all: 0 for nothing, towards 1 for many or strong words."""
        most = max(self.own.values(), default=0.0)
        return most / (most + 1.2)


class Index:
    """The words of one catalogue, ready to be looked up."""

    def __init__(self, catalogue: Catalogue) -> None:
        # the catalogue itself is not kept: the index lives only as long as it
        self.categories = catalogue.by_code
        self.names = {name: node.code for node in catalogue.tree for name in (node.names.zh, node.names.en, node.code)}
        self.tops = {node.code: node.names for node in catalogue.tree}
        self.lexicon: Lexicon[Leaf] = Lexicon(
            (keyword.word, (category, keyword.weight)) for keyword, category in catalogue.keywords()
        )
        self.top_of = {code: code.split(".", 1)[0] for code in self.categories}
        self.group_of = {code: code.rsplit(".", 1)[0] for code in self.categories}
        self.catch_alls = {code.split(".", 1)[0]: code for code, c in self.categories.items() if c.catch_all}
        self.pairs = _pairs(catalogue)
        self.mapping = lru_cache(16)(self._mapping)

    def _mapping(self, labels: tuple[str, ...]) -> Mapping[str, tuple[str, str]]:
        """For each label of a model: code of the level-1 label it means, and of the category when it names one."""
        leaves = {also: category.code for category in self.categories.values() for also in category.aka}
        leaves |= {"/".join(name.zh for name in c.names): c.code for c in self.categories.values()}
        leaves |= {code: code for code in self.categories}
        found: dict[str, tuple[str, str]] = {}
        for label in labels:
            leaf, first = leaves.get(label, ""), label.split("/", 1)[0].strip()
            top = leaf.split(".", 1)[0] or self.names.get(first) or self._also(first)
            if top:
                found[label] = (top, leaf)
        return found

    def _also(self, name: str) -> str:
        """The level-1 label that most foreign labels beginning with *name* were declared to mean; "" for none."""
        votes: dict[str, int] = {}
        for category in self.categories.values():
            for other in category.aka:
                if other.split("/", 1)[0] == name:
                    top = category.code.split(".", 1)[0]
                    votes[top] = votes.get(top, 0) + 1
        return max(votes, key=lambda top: votes[top]) if votes else ""


_INDEXES: WeakKeyDictionary[Catalogue, Index] = WeakKeyDictionary()


def index_of(catalogue: Catalogue) -> Index:
    """The catalogue's index, built once and kept as long as the catalogue."""
    index = _INDEXES.get(catalogue)
    if index is None:
        index = _INDEXES[catalogue] = Index(catalogue)
    return index


def pairs_of(text: str) -> set[str]:
    """Neighbouring Chinese characters and English words of three letters or more, without words that carry no matter
    of their own. *text* is folded."""
    found: set[str] = set()
    for run in _RUN.findall(text):
        if run.isascii():
            if run not in _EMPTY_EN:
                found.add(run)
        else:
            found.update(a + b for a, b in itertools.pairwise(run) if a not in _EMPTY or b not in _EMPTY)
    return found


def _pairs(catalogue: Catalogue) -> dict[str, tuple[tuple[str, float], ...]]:
    """Which categories a pair speaks for, and how strongly. Catch-all categories have no words of their own."""
    users: dict[str, list[str]] = {}
    for category in catalogue.by_code.values():
        if category.catch_all:
            continue
        names = (category.names[1], category.label, category.description)
        texts = [*category.examples_zh, *category.examples_en, *(text for name in names for text in (name.zh, name.en))]
        texts += [keyword.word for keyword in category.keywords]
        for pair in pairs_of(folded("。".join(texts))) - _PLACES:
            users.setdefault(pair, []).append(category.code)
    count = max(2, len(catalogue.by_code))
    return {
        pair: tuple((code, math.log(count / len(codes))) for code in codes)
        for pair, codes in users.items()
        if len(codes) <= COMMON
    }


def weigh(index: Index, text: str, hits: Iterable[Hit[Leaf]], *, pairs: bool = True) -> Evidence:
    """Add up what *hits* (of ``index.lexicon`` in *text*) and the *pairs* of *text* say. *text* is folded."""
    own: dict[str, float] = {}
    words: dict[str, list[tuple[str, float]]] = {}
    pools: dict[str, float] = {}
    seen: dict[str, int] = {}
    for hit in hits:
        times = seen[hit.word] = seen.get(hit.word, 0) + 1
        if times > 3:
            continue
        share = 1.0 if times == 1 else REPEAT
        tops: dict[str, float] = {}
        for category, weight in hit.payloads:
            code = category.code
            own[code] = own.get(code, 0.0) + weight * share
            if times == 1:
                words.setdefault(code, []).append((hit.word, weight))
            top = index.top_of[code]
            tops[top] = max(tops.get(top, 0.0), weight * share)
        for top, weight in tops.items():
            pools[top] = pools.get(top, 0.0) + weight
    if pairs:
        _add_pairs(index, text[:READ], own, pools)
    return Evidence(own, words, pools, index.top_of)


def _add_pairs(index: Index, text: str, own: dict[str, float], pools: dict[str, float]) -> None:
    scores: dict[str, float] = {}
    said = _COURTESY.sub(" ", text)
    for pair in pairs_of(said):
        for code, weight in index.pairs.get(pair, ()):
            scores[code] = scores.get(code, 0.0) + weight
    factor = PAIRS / math.sqrt(max(6, len(said) - said.count(" ")))
    best: dict[str, float] = {}
    for code, score in scores.items():
        got = min(PAIRS_MOST, score * factor)
        if got < LEAST and code not in own:
            continue
        own[code] = own.get(code, 0.0) + got
        top = index.top_of[code]
        best[top] = max(best.get(top, 0.0), got)
    for top, got in best.items():
        pools[top] = pools.get(top, 0.0) + got
