"""Strict reading of catalogue bodies: every problem is named with file, line, path and reason."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from linli.core.spans import Span
from linli.core.words import Words
from linli.procedures.categories import CALENDARS, DUTIES, EVIDENCE, Body, Category, Keyword
from linli.procedures.reader import Problem

_KINDS = frozenset({"request", "dispute", "question", "help_in_danger", "praise"})
_TOP_KEYS = frozenset({"code", "zh", "en", "defaults", "groups", "category", "untranslated"})
_GROUP_KEYS = frozenset({"zh", "en", "untranslated"})
_INHERITED = frozenset(
    {"kind", "respond", "complete", "silence", "calendar", "source", "evidence", "duty", "urgent", "danger"}
)
_OWN = frozenset(
    {"code", "zh", "en", "description_zh", "description_en", "keywords", "keywords_en", "examples_zh", "examples_en"}
)
_LEAF_KEYS = _INHERITED | _OWN | {"aka", "catch_all", "replaces", "untranslated"}
_FALLBACK: Mapping[str, Any] = {
    "kind": "request",
    "respond": "5 min",
    "silence": "72 h",
    "calendar": "always",
    "evidence": "note",
    "urgent": False,
    "danger": "",
}
_CODE = re.compile(r"[^\W_][\w-]*(?:\.[^\W_][\w-]*){2}")
_PIECE = re.compile(r"[^\W_][\w-]*")
_WEIGHTED = re.compile(r"(.+?):([0-9]+(?:\.[0-9]+)?)")


def read(bodies: tuple[Body, ...]) -> tuple[dict[str, Category], tuple[Problem, ...]]:
    """All categories by code, and all problems."""
    reader = _Reader()
    for body in bodies:
        reader.body(body)
    return reader.categories, tuple(reader.problems)


class _Reader:
    def __init__(self) -> None:
        self.categories: dict[str, Category] = {}
        self.problems: list[Problem] = []
        self.labels: dict[str, Words] = {}
        self.now = Body("", "")

    def wrong(self, path: str, zh: str, en: str, near: str = "") -> None:
        at = self.now.text.find(f'"{near}"') if near else -1
        line = self.now.text.count("\n", 0, at) + 1 if at >= 0 else 1
        self.problems.append(Problem(f"{self.now.name}:{line}", path, Words(zh, en)))

    def body(self, body: Body) -> None:
        self.now = body
        try:
            data = tomllib.loads(body.text)
        except (tomllib.TOMLDecodeError, UnicodeError, RecursionError) as error:
            found = re.search(r"at line ([0-9]+)", str(error))
            reason = Words(f"不是有效的 TOML：{error}", f"not valid TOML: {error}")
            self.problems.append(Problem(f"{body.name}:{found[1] if found else 1}", "(file)", reason))
            return
        self.unknown(data, _TOP_KEYS, "(file)")
        code = data.get("code")
        if not isinstance(code, str) or not _PIECE.fullmatch(code):
            self.wrong(
                "code", "一级分类缺少编码，或编码含有非法字符", "the level-1 label needs a code of letters and digits"
            )
            return
        top = self.named(data, code, code)
        defaults = self.table(data, "defaults")
        self.unknown(defaults, _INHERITED, "defaults")
        groups = {name: self.group(code, name, entry) for name, entry in self.table(data, "groups").items()}
        leaves = data.get("category", [])
        if not isinstance(leaves, list) or not all(isinstance(leaf, dict) for leaf in leaves):
            self.wrong("category", "category 应写成 [[category]]", "category must be written as [[category]] tables")
            return
        for number, leaf in enumerate(leaves, 1):
            self.leaf(leaf, number, code, top, groups, {**_FALLBACK, **defaults})

    def group(self, top: str, name: str, entry: object) -> Words:
        path = f"groups.{name}"
        if not isinstance(entry, dict):
            self.wrong(path, "应为一个表", "must be a table")
            return Words("", "")
        self.unknown(entry, _GROUP_KEYS, path)
        return self.named(entry, f"{top}.{name}", path)

    def leaf(
        self,
        leaf: Mapping[str, Any],
        number: int,
        top: str,
        top_name: Words,
        groups: Mapping[str, Words],
        defaults: Mapping[str, Any],
    ) -> None:
        code = leaf.get("code")
        path = f"category[{number}] {code}"
        before = len(self.problems)
        if not isinstance(code, str) or not _CODE.fullmatch(code) or not code.startswith(top + "."):
            self.wrong(path, f"编码应为“{top}.二级.三级”", f'the code must read "{top}.group.leaf"', str(code))
            return
        if code in self.categories and leaf.get("replaces") is not True:
            self.wrong(
                path,
                "编码重复；若要替换已有分类，请写 replaces = true",
                "duplicate code; write replaces = true to replace it",
                code,
            )
        self.unknown(leaf, _LEAF_KEYS, path, code)
        group = groups.get(code.split(".")[1])
        if group is None:
            self.wrong(path, "二级分类未在 groups 中声明", "its level-2 label is not declared in groups", code)
            group = Words("", "")
        names = (top_name, group, self.named(leaf, code, path))
        category = self.made(leaf, {**defaults, **leaf}, code, path, names)
        if len(self.problems) == before and category is not None:
            self.categories[code] = category

    def made(
        self, own: Mapping[str, Any], leaf: Mapping[str, Any], code: str, path: str, names: tuple[Words, Words, Words]
    ) -> Category | None:
        spans = {key: self.span(leaf, key, path, code) for key in ("respond", "complete", "silence")}
        source = self.text(leaf, "source", path, code)
        if "complete" in own and "source" not in own:
            self.wrong(path, "自定办结时限须写明依据 source", "its own completion span needs its own source", code)
        self.choices(leaf, path, code)
        untranslated = leaf.get("untranslated") is True
        description = Words(*(self.text(leaf, f"description_{said}", path, code) for said in ("zh", "en")))
        keywords = self.keywords(leaf, "keywords", "zh", path, code)
        keywords += self.keywords(leaf, "keywords_en", "en", path, code)
        examples = tuple(self.texts(leaf, key, path, code) for key in ("examples_zh", "examples_en"))
        if not untranslated and not (keywords and all(examples)):
            self.wrong(path, "缺少关键词或中英文示例", "keywords and examples in both languages are needed", code)
        if spans["respond"] is None or spans["complete"] is None or spans["silence"] is None:
            return None
        return Category(
            code=code,
            names=names,
            description=description,
            keywords=keywords,
            examples_zh=examples[0],
            examples_en=examples[1],
            kind=str(leaf["kind"]),
            respond=spans["respond"],
            complete=spans["complete"],
            silence=spans["silence"],
            calendar=str(leaf["calendar"]),
            source=source,
            evidence=str(leaf["evidence"]),
            duty=str(leaf.get("duty", "")),
            urgent=leaf["urgent"] is True,
            danger=str(leaf["danger"]),
            aka=self.texts(leaf, "aka", path, code),
            catch_all=leaf.get("catch_all") is True,
            untranslated=untranslated,
        )

    # Pieces

    def choices(self, leaf: Mapping[str, Any], path: str, code: str) -> None:
        self.choice(leaf, "kind", _KINDS, path, code)
        self.choice(leaf, "calendar", CALENDARS, path, code)
        self.choice(leaf, "evidence", EVIDENCE, path, code)
        self.choice(leaf, "duty", frozenset(DUTIES), path, code)
        for key in ("urgent", "catch_all", "untranslated", "replaces"):
            if not isinstance(leaf.get(key, False), bool):
                self.wrong(path, f"{key} 应为 true 或 false", f"{key} must be true or false", code)

    def unknown(self, table: Mapping[str, Any], known: frozenset[str], path: str, near: str = "") -> None:
        for key in sorted(set(table) - known):
            self.wrong(path, f"不认识的键“{key}”", f'unknown key "{key}"', near)

    def table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = data.get(key, {})
        if isinstance(value, dict):
            return value
        self.wrong(key, "应为一个表", "must be a table")
        return {}

    def named(self, table: Mapping[str, Any], code: str, path: str) -> Words:
        words = Words(self.text(table, "zh", path, code), self.text(table, "en", path, code))
        if words.zh and words.zh == words.en and table.get("untranslated") is not True:
            self.wrong(
                path,
                "英文名称与中文相同；未翻译请写 untranslated = true",
                "the English name equals the Chinese one; write untranslated = true if so",
                code,
            )
        if code.count(".") < 2 and self.labels.setdefault(code, words) != words:
            self.wrong(path, f"“{code}”的名称与前文不同", f'the names of "{code}" differ from those given before', code)
        return words

    def text(self, table: Mapping[str, Any], key: str, path: str, near: str) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
        self.wrong(path, f"缺少“{key}”", f'"{key}" is missing', near)
        return ""

    def texts(self, table: Mapping[str, Any], key: str, path: str, near: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(item, str) and item.strip() for item in value):
            return tuple(item.strip() for item in value)
        self.wrong(path, f"“{key}”应为文字列表", f'"{key}" must be a list of texts', near)
        return ()

    def choice(self, table: Mapping[str, Any], key: str, allowed: frozenset[str], path: str, near: str) -> None:
        if table.get(key) not in allowed:
            known = ", ".join(sorted(allowed))
            self.wrong(path, f"“{key}”应为其中之一：{known}", f'"{key}" must be one of: {known}', near)

    def span(self, table: Mapping[str, Any], key: str, path: str, near: str) -> Span | None:
        value = table.get(key)
        try:
            return Span.parse(value if isinstance(value, str) else str(value))
        except ValueError as error:
            self.wrong(path, f"“{key}”不是有效的时限：{value!r}", f'"{key}": {error}', near)
            return None

    def keywords(self, table: Mapping[str, Any], key: str, language: str, path: str, near: str) -> tuple[Keyword, ...]:
        found: dict[str, Keyword] = {}
        for entry in self.texts(table, key, path, near):
            match = _WEIGHTED.fullmatch(entry)
            word = (match[1] if match else entry).lower()
            weight = float(match[2]) if match else default_weight(word, language)
            least = 3 if language == "en" else 2
            if not least <= len(word) <= 40 or not 0.2 <= weight <= 6:
                self.wrong(
                    path,
                    f"关键词“{entry}”太短、太长或权重不在 0.2–6 之间",
                    f'keyword "{entry}" is too short, too long or weighs not 0.2 to 6',
                    near,
                )
            elif word in found:
                self.wrong(path, f"关键词“{word}”重复", f'keyword "{word}" is given twice', near)
            found[word] = Keyword(word, weight, language)
        return tuple(found.values())


def default_weight(word: str, language: str) -> float:
    """Longer words say more: 1 for two characters, 1.5 for three, 2 from four on; English: 1.5, phrases 2."""
    if language == "en":
        return 2.0 if " " in word else 1.5
    return {2: 1.0, 3: 1.5}.get(len(word), 2.0)
