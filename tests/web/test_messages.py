"""Every Chinese text of pages and Python has its English; planted gaps are found."""

import re

from tests.web.messages import HOUSE, Message, english, in_python, in_templates

HAN = re.compile(r"[\u4e00-\u9fff]")


def gaps(found: list[Message], known: dict[tuple[str, str], str]) -> list[str]:
    """The messages without English, each with its place."""
    return [
        f"{one.place} {one.text!r}" for one in found if HAN.search(one.text) and (one.context, one.text) not in known
    ]


def test_templates_are_complete_in_english() -> None:
    found = list(in_templates())
    assert len(found) > 100
    assert gaps(found, english()) == []


def test_python_is_complete_in_english() -> None:
    found = list(in_python())
    assert len(found) > 20
    assert gaps(found, english()) == []


def test_a_missing_text_is_found() -> None:
    known = english()
    first = next(one for one in in_templates() if HAN.search(one.text))
    assert gaps([first], {key: text for key, text in known.items() if key != (first.context, first.text)})


def test_english_keeps_every_place_to_fill() -> None:
    for (_context, text), said in english().items():
        for pattern in (r"%\((\w+)\)s", r"\{(\w+)\}"):
            assert set(re.findall(pattern, text)) == set(re.findall(pattern, said)), text


def test_english_is_english() -> None:
    both = ("邻里", "中文")
    left = [
        said for (_context, text), said in english().items() if HAN.search(said) and not any(w in said for w in both)
    ]
    assert left == []


def test_templates_hold_no_text_outside_translation() -> None:
    """Chinese in a template stands inside {% translate %} or {% blocktranslate %}."""
    both = {"400.html", "500.html"}  # the last-resort pages say everything in both languages
    inside = re.compile(
        r"{%\s*blocktrans(late)?\b.*?{%\s*endblocktrans(late)?\s*%}|{%.*?%}|{{.*?}}|{#.*?#}|<!--.*?-->", re.DOTALL
    )
    for path in sorted(HOUSE.glob("*/templates/**/*.html")):
        if path.name not in both:
            bare = inside.sub("", path.read_text("utf-8")).replace("Linli 邻里", "")
            left = HAN.search(bare)
            assert left is None, f"{path.name}: …{bare[max(0, left.start() - 30) : left.start() + 20]}…"
