"""The words of danger, read from ``data/danger.toml`` and made ready to be searched for."""

import re
import tomllib
from importlib import resources
from typing import Any, Final

from linli.core.words import Words

_DATA: Final[dict[str, Any]] = tomllib.loads(
    resources.files("linli.understanding").joinpath("data/danger.toml").read_text("utf-8")
)
_LISTS: Final[dict[str, list[str]]] = _DATA.pop("_lists")
_INSIDE: Final = r"[^，。；！？\n]"

KINDS: Final[dict[str, Words]] = {kind: Words(said["name_zh"], said["name_en"]) for kind, said in _DATA.items()}
WORDS: Final[dict[str, tuple[str, ...]]] = {kind: (*said["zh"], *said["en"]) for kind, said in _DATA.items()}


def _any(name: str) -> str:
    return f"(?:{'|'.join(_LISTS[name])})"


def _filled(pattern: str) -> str:
    for name in ("child", "elder", "harm"):
        pattern = pattern.replace(f"{{{name}}}", _any(name))
    return pattern.replace("{gap}", _INSIDE).replace("{harmless}", f"(?!{'|'.join(_LISTS['harmless'])})")


AFTER: Final = {kind: re.compile("|".join(said["after"])) for kind, said in _DATA.items() if "after" in said}
PATTERNS: Final = tuple(
    (kind, re.compile(f"[{said['hint']}]"), re.compile("|".join(map(_filled, said["patterns"]))))
    for kind, said in _DATA.items()
    if "patterns" in said
)
NEGATED: Final = re.compile(rf"{_any('negated')}{_any('fillers')}*$")
PREVENTED: Final = re.compile(rf"{_any('prevented')}{_INSIDE}{{0,5}}$")
SUPPOSED: Final = re.compile(rf"{_any('supposed')}{_INSIDE}{{0,5}}$")
PAST: Final = re.compile(rf"{_any('past')}[^。；！？\n今现刚正昨快又]{{0,16}}$")
HABIT: Final = re.compile(rf"{_any('habit')}$")
CHIMNEY: Final = re.compile(_any("chimney"))

_YOUNG = "(?:child|kid|baby|boy|girl|son|daughter|children|toddler)"
_WHOSE = r"(?:a|an|the|his|her|their|my|own|little|small|young|\s)*"
_HOME = "(?:house|flat|building|kitchen|car|shop|room|roof|forest|wood|home|apartment)"
_WHO = "(?:mother|father|grandmother|grandfather|grandma|grandpa|son|daughter|child|old man|old woman|old lady)"
ENGLISH: Final = re.compile(
    rf"\b(?P<child_violence>(?:beats?|beating|hits?|hitting|abus\w+|molest\w+|whipp\w+)\s{_WHOSE}{_YOUNG}"
    rf"|{_YOUNG}\s(?:is|was|being|gets|\s)*(?:beaten|abused|molested))"
    rf"|\b(?P<fire>{_HOME}\s(?:is|are)\s(?:\w{{1,12}}\s)?burning)"
    rf"|\b(?P<missing>{_WHO}\s[a-z ]{{0,20}}(?:missing|disappeared|lost\b))"
    rf"|\b(?P<trapped>(?:{_YOUNG}|man|woman|people)\s[a-z ]{{0,20}}(?:locked in|stuck in|hanging from))"
)
"""What is a danger in English only together; one search over the text."""

SIMPLIFIED: Final = str.maketrans(
    "殺氣電觸樓傷毆煙濃燒墜暈護線斷爺孫兒門體灘灣災嚴關開報遺書實環點熱現場聽說過誰幾個沒準練習預無媽婦們",
    "杀气电触楼伤殴烟浓烧坠晕护线断爷孙儿门体滩湾灾严关开报遗书实环点热现场听说过谁几个没准练习预无妈妇们",
)
"""Traditional characters of these words; the rest may stay as it is."""
