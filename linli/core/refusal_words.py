"""The words of every refusal: code → (HTTP status, text in both languages). They stand in ``refusals.toml``."""

import tomllib
from importlib import resources

from linli.core.words import Words


def _read() -> dict[str, tuple[int, Words]]:
    book = tomllib.loads((resources.files("linli.core") / "refusals.toml").read_text("utf-8"))
    return {code: (one["status"], Words(one["zh"], one["en"])) for code, one in book.items()}


WORDS = _read()
