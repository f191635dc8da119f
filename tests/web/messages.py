"""Every text a person may see, as the source holds it: Python by Babel, templates through templatize."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

HOUSE = Path(__file__).resolve().parents[2] / "linli"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip


@dataclass(frozen=True)
class Message:
    """One msgid with its context and where it stands."""

    text: str
    context: str
    place: str


def _python(source: str, place: str) -> Iterator[Message]:
    for line, texts, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        text = texts[0] if isinstance(texts, tuple) else texts
        yield Message(text, context or "", f"{place}:{line}")


def in_templates(folder: Path = HOUSE) -> Iterator[Message]:
    """The messages of all templates."""
    for path in sorted(folder.glob("**/templates/**/*")):
        if path.suffix in (".html", ".txt", ".svg"):
            yield from _python(templatize(path.read_text("utf-8"), origin=str(path)), str(path.relative_to(HOUSE)))


def in_python(folder: Path = HOUSE) -> Iterator[Message]:
    """The messages of all modules."""
    for path in sorted(folder.glob("**/*.py")):
        source = path.read_text("utf-8")
        if "django.utils.translation" in source:
            yield from _python(source, str(path.relative_to(HOUSE)))


def english() -> dict[tuple[str, str], str]:
    """(context, msgid) → English, from all catalogues."""
    found: dict[tuple[str, str], str] = {}
    for path in sorted(HOUSE.glob("*/locale/*/en/LC_MESSAGES/django.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="en", abort_invalid=True)
        for message in catalogue:
            text = message.id[0] if isinstance(message.id, tuple) else message.id
            said = message.string[-1] if isinstance(message.string, tuple) else message.string  # "once" names no number
            if text and said and not message.fuzzy:
                found[message.context or "", text] = said
    return found
