"""Reading TOML strictly: every problem is kept, with file and line, in both languages; nothing is guessed."""

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from linli.core.spans import Span
from linli.core.words import NO_WORDS, Words

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HEADER = re.compile(r"\s*(\[{1,2})\s*([^\]\[]+?)\s*\]{1,2}\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\"'.-]+)\s*=")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong: *where* (file:line), *path* inside the declaration, *why*. *level*: error or warning."""

    where: str
    path: str
    why: Words
    level: str = "error"

    def said(self, language: str) -> str:
        """One line for a terminal or a page."""
        return f"{self.where} {self.path}: {self.why.said(language)}"


class DeclarationError(ValueError):
    """A declaration that can't be used; *problems* says all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(problem.said("en") for problem in problems))
        self.problems = problems


def lines_of(body: str) -> dict[str, int]:
    """Where each key stands: path (``steps.claim.labels``, ``rules.0.id``) → line. Inline tables have one line."""
    found: dict[str, int] = {}
    counts: dict[str, int] = {}
    table = ""
    for number, line in enumerate(body.splitlines(), 1):
        if header := _HEADER.match(line):
            table = _plain(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = f"{table}.{counts[table]}"
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            found.setdefault(f"{table}.{_plain(key[1])}".lstrip("."), number)
    return found


def _plain(path: str) -> str:
    return re.sub(r"\s*\.\s*", ".", path).replace('"', "").replace("'", "")


class Reader:
    """One body and the problems found in it so far. Every getter returns something usable and notes what is wrong."""

    def __init__(self, body: str, where: str) -> None:
        self.where = where
        self.problems: list[Problem] = []
        self._lines: dict[str, int] | None = None
        self._body = body
        self.data: dict[str, Any] = {}
        try:
            self.data = tomllib.loads(body)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            line = re.search(r"line (\d+)", str(error))
            at = f"{where}:{line[1] if line else 1}"
            self.problems.append(Problem(at, "", Words(f"不是合格的 TOML：{error}", f"not valid TOML: {error}")))
            raise DeclarationError(tuple(self.problems)) from error

    def at(self, path: str) -> str:
        """File and line of *path*, or of the nearest table above it."""
        if self._lines is None:
            self._lines = lines_of(self._body)
        while path:
            if path in self._lines:
                return f"{self.where}:{self._lines[path]}"
            path = path.rpartition(".")[0]
        return f"{self.where}:1"

    def wrong(self, path: str, zh: str, en: str) -> None:
        self.problems.append(Problem(self.at(path), path, Words(zh, en)))

    def done(self) -> None:
        """Raises DeclarationError when anything was wrong."""
        if self.problems:
            raise DeclarationError(tuple(self.problems))

    # getters; *path* is the table's, *key* the name in it

    def only(self, data: Mapping[str, Any], path: str, known: Collection[str]) -> None:
        for key in data:
            if key not in known:
                names = ", ".join(sorted(known))
                self.wrong(
                    _join(path, key), f"不认识的项“{key}”；可用：{names}", f"unknown key {key!r}; known: {names}"
                )

    def table(self, data: Mapping[str, Any], path: str, key: str, *, required: bool = False) -> dict[str, Any]:
        value = data.get(key)
        if isinstance(value, dict) and (value or not required):
            return value
        if value is not None or required:
            self.wrong(_join(path, key), f"缺少 [{key}]，或其中没有内容", f"[{key}] is missing, empty, or not a table")
        return {}

    def tables(
        self, data: Mapping[str, Any], path: str, key: str, *, required: bool = False
    ) -> dict[str, dict[str, Any]]:
        """The tables inside a table, by identifier."""
        good: dict[str, dict[str, Any]] = {}
        for ident, value in self.table(data, path, key, required=required).items():
            inner = _join(_join(path, key), ident)
            self.ident(ident, inner)
            if isinstance(value, dict):
                good[ident] = value
            else:
                self.wrong(inner, f"“{ident}”应为一组键值", f"{ident!r} must be a table")
        return good

    def ident(self, value: str, path: str) -> str:
        if not _ID.fullmatch(value):
            self.wrong(
                path,
                f"标识“{value}”只能用小写字母、数字和下划线，字母开头，最长40",
                f"{value!r}: an identifier is small letters, digits and _, a letter first, 40 at most",
            )
        return value

    def text(self, data: Mapping[str, Any], path: str, key: str, *, required: bool = False) -> str:
        value = data.get(key)
        if isinstance(value, str) and (value.strip() or not required):
            return value.strip()
        if value is not None or required:
            self.wrong(_join(path, key), f"缺少“{key}”，或不是文字", f"{key!r} is missing, empty, or not a text")
        return ""

    def one(
        self, data: Mapping[str, Any], path: str, key: str, known: Collection[str], default: str | None = None
    ) -> str:
        """A text out of *known*; without *default* it must be there."""
        value = data.get(key, default)
        if isinstance(value, str) and value in known:
            return value
        names = ", ".join(sorted(known)) or "–"
        self.wrong(
            _join(path, key),
            f"“{key}”为“{value}”，只能是：{names}",
            f"{key!r} is {value!r}; it must be one of: {names}",
        )
        return default or next(iter(known), "")

    def words(self, data: Mapping[str, Any], path: str, key: str, *, required: bool = True) -> Words:
        value = data.get(key)
        if value is None and not required:
            return NO_WORDS
        if isinstance(value, dict):
            self.only(value, _join(path, key), ("zh", "en"))
            return self.both(value, _join(path, key))
        self.wrong(
            _join(path, key),
            f'缺少“{key}”；写作 {{ zh = "…", en = "…" }}',
            f'{key!r} is missing; write {{ zh = "…", en = "…" }}',
        )
        return NO_WORDS

    def both(self, data: Mapping[str, Any], path: str) -> Words:
        """The two languages in *data* itself."""
        for language, zh, en in (("zh", "中文", "Chinese"), ("en", "英文", "English")):
            value = data.get(language)
            if not isinstance(value, str) or not value.strip():
                self.wrong(path, f"缺少{zh}（{language}）", f"the {en} text ({language}) is missing")
        return Words(str(data.get("zh", "")), str(data.get("en", "")))

    def strings(
        self,
        data: Mapping[str, Any],
        path: str,
        key: str,
        known: Collection[str] | None = None,
        *,
        required: bool = False,
    ) -> tuple[str, ...]:
        """A list of texts, each out of *known* where that is given, none twice."""
        value = data.get(key)
        if value is None and not required:
            return ()
        where = _join(path, key)
        if not isinstance(value, list) or not all(isinstance(v, str) for v in value) or (required and not value):
            self.wrong(
                where, f"“{key}”应为文字清单，且不能缺少", f"{key!r} must be a list of texts and may not be missing"
            )
            return ()
        for item in sorted({v for v in value if known is not None and v not in known}):
            names = ", ".join(sorted(known or ())) or "–"
            self.wrong(
                where, f"“{key}”中不认识“{item}”；可用：{names}", f"{item!r} in {key!r} is unknown; known: {names}"
            )
        return tuple(value)

    def flag(self, data: Mapping[str, Any], path: str, key: str, *, default: bool) -> bool:
        value = data.get(key, default)
        if not isinstance(value, bool):
            self.wrong(_join(path, key), f"“{key}”只能是 true 或 false", f"{key!r} must be true or false")
            return default
        return value

    def whole(
        self, data: Mapping[str, Any], path: str, key: str, low: int, high: int, default: int | None = None
    ) -> int:
        value = data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.wrong(
                _join(path, key),
                f"“{key}”应为{low}至{high}的整数",
                f"{key!r} must be a whole number from {low} to {high}",
            )
            return default if default is not None else low
        return value

    def share(self, data: Mapping[str, Any], path: str, key: str, default: float | None = None) -> float:
        value = data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            self.wrong(_join(path, key), f"“{key}”应为0至1的数", f"{key!r} must be a number from 0 to 1")
            return 1.0
        return float(value)

    def span(self, data: Mapping[str, Any], path: str, key: str) -> Span | None:
        value = data.get(key)
        if value is None:
            return None
        try:
            return Span.parse(value)
        except ValueError as error:
            self.wrong(_join(path, key), f"“{key}”不是时长，写作 5 min、2 working_h、15 working_d", f"{key!r}: {error}")
            return None


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
