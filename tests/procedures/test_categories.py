"""The catalogue: the shipped one is complete and consistent; a broken one is refused with place and reason."""

import csv
from pathlib import Path

import pytest

from linli.core.procedure import Terms
from linli.procedures import taxonomy
from linli.procedures.categories import (
    DUTIES,
    Body,
    Catalogue,
    CatalogueError,
    Category,
    Node,
    check,
    load,
    shipped,
    shipped_bodies,
)
from linli.understanding import danger
from linli.understanding.reader import read

ALL = sorted(shipped().by_code)


def test_shape() -> None:
    catalogue = shipped()
    assert len(catalogue.tree) == 15
    assert len(catalogue.by_code) >= 110
    assert len({node.names.zh for node in catalogue.tree}) == 15
    for node in catalogue.tree:
        assert any(leaf.catch_all for group in node.children if isinstance(group, Node) for leaf in group.children)
        assert catalogue.children(node.code) == node.children
    group = catalogue.children("urban")[0]
    assert [leaf.code for leaf in catalogue.children(group.code)] == ["urban.lighting.streetlamp"]
    assert catalogue.children("nothing") == ()


@pytest.mark.parametrize("code", ALL)
def test_each_category(code: str) -> None:
    category = shipped().by_code[code]
    for words in (*category.names, category.description):
        assert words.zh
        assert words.en.isascii()
    assert category.source
    assert category.duty in DUTIES
    assert category.danger in {"", *danger.KINDS}
    assert {keyword.language for keyword in category.keywords} == {"zh", "en"}
    terms = category.terms()
    assert isinstance(terms, Terms)
    assert set(terms.deadlines) == {"respond", "complete", "silence"}
    assert str(terms.deadlines["respond"].span) == "5 min"


@pytest.mark.parametrize("code", [code for code in ALL if not shipped().by_code[code].catch_all])
def test_its_own_examples_lead_to_it(code: str) -> None:
    """Each example is among the first two guesses of the reader (no place needed for that)."""
    category = shipped().by_code[code]
    for text in (*category.examples_zh, *category.examples_en):
        part = read(text, catalogue=shipped(), gazetteer=None).parts[0]
        guesses = [guess.code for guess in (part.category, *part.alternatives) if guess is not None]
        assert code in guesses[:2], (text, guesses)


def test_no_two_categories_share_a_name_under_one_label() -> None:
    names = [tuple(words.zh for words in category.names) for category in shipped().by_code.values()]
    assert len(names) == len(set(names))
    aka = [alias for category in shipped().by_code.values() for alias in category.aka]
    assert len(aka) == len(set(aka))


GOOD = """
code = "street"
zh = "街面"
en = "Street"

[defaults]
complete = "1 h"
source = "the city's own rule"
duty = "城管"

[groups.light]
zh = "照明"
en = "Light"

[[category]]
code = "street.light.lamp"
zh = "路灯"
en = "Lamp"
description_zh = "路灯不亮"
description_en = "A lamp is out"
keywords = ["路灯:3", "灯不亮"]
keywords_en = ["lamp"]
examples_zh = ["路灯不亮"]
examples_en = ["The lamp is out"]
"""


def refused(text: str) -> str:
    with pytest.raises(CatalogueError) as caught:
        load([Body("own.toml", text)])
    assert all(problem.why.zh and problem.why.en for problem in caught.value.problems)
    return str(caught.value)


def test_a_good_body() -> None:
    catalogue = load([Body("own.toml", GOOD)])
    category = catalogue.by_code["street.light.lamp"]
    assert category.path.zh == "街面 › 照明 › 路灯"
    assert [(keyword.word, keyword.weight) for keyword in category.keywords] == [
        ("路灯", 3),
        ("灯不亮", 1.5),
        ("lamp", 1.5),
    ]
    assert category.calendar == "always"
    assert not category.urgent


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('en = "Lamp"', 'en = ""', '"en" is missing'),
        ('en = "Lamp"', 'en = "路灯"', "untranslated"),
        ('zh = "路灯"\n', "", '"zh" is missing'),
        ('complete = "1 h"', 'complete = "1 hour or so"', "is not a span of time"),
        ('complete = "1 h"\n', "", "is not a span of time"),
        ('source = "the city\'s own rule"\n', "", '"source" is missing'),
        ('duty = "城管"', 'duty = "邮局"', '"duty" must be one of'),
        ('zh = "路灯"', 'zh = "路灯"\ncolour = "red"', 'unknown key "colour"'),
        ('zh = "路灯"', 'zh = "路灯"\ncomplete = "2 h"', "needs its own source"),
        ('"street.light.lamp"', '"road.light.lamp"', 'must read "street.group.leaf"'),
        ('"street.light.lamp"', '"street.sound.lamp"', "not declared in groups"),
        ('"路灯:3"', '"路灯:30"', "weighs not"),
        ('"路灯:3"', '"路"', "too short"),
        ('"灯不亮"]', '"灯不亮", "灯不亮:2"]', "given twice"),
        ("[groups.light]", "[groups.light", "not valid TOML"),
        ('examples_zh = ["路灯不亮"]', "examples_zh = 3", "must be a list of texts"),
        ('zh = "路灯"', 'zh = "路灯"\nurgent = "yes"', "true or false"),
        ('code = "street"\n', "", "needs a code"),
    ],
)
def test_a_broken_body_is_refused(old: str, new: str, said: str) -> None:
    assert old in GOOD
    message = refused(GOOD.replace(old, new, 1))
    assert said in message
    assert message.startswith("own.toml:")


def test_a_problem_says_its_line() -> None:
    broken = GOOD.replace('en = "Lamp"', 'en = ""')
    line = broken.splitlines().index('code = "street.light.lamp"') + 1
    assert refused(broken).startswith(f"own.toml:{line} category[1] street.light.lamp")


def test_duplicates_are_refused_unless_they_replace() -> None:
    again = GOOD.replace('"1 h"', '"2 h"')
    with pytest.raises(CatalogueError, match="duplicate code"):
        load([Body("a.toml", GOOD), Body("b.toml", again)])
    replaced = again.replace("[[category]]", "[[category]]\nreplaces = true")
    catalogue = load([Body("a.toml", GOOD), Body("b.toml", replaced)])
    assert str(catalogue.by_code["street.light.lamp"].complete) == "2 h"
    other = GOOD.replace('en = "Street"', 'en = "Road"').replace("street.light.lamp", "street.light.bulb")
    with pytest.raises(CatalogueError, match="differ from those given before"):
        load([Body("a.toml", GOOD), Body("b.toml", other)])


def row(*labels: str) -> dict[str, str]:
    return {f"level{number}": label for number, label in enumerate(labels, 1)}


def test_a_foreign_catalogue_maps_or_adds() -> None:
    known: Catalogue = shipped()
    rows = [
        row("城乡建设", "城市照明", "路灯故障"),
        row("城乡建设", "城市建设和市政管理", "自来水供应"),
        row("城乡建设", "城市照明", "霓虹灯"),
        row("太空事务", "卫星", "掉落"),
        row("太空事务", "卫星", "掉落"),
        row("城乡建设", "", "空"),
    ]
    found = taxonomy.from_taxonomy_csv(rows, known)
    assert (found.mapped, found.new, len(found.problems)) == (2, 2, 1)
    assert found.problems[0].where == "taxonomy:7"
    assert found.codes["城乡建设", "城市照明", "路灯故障"] == "urban.lighting.streetlamp"
    assert found.codes["城乡建设", "城市建设和市政管理", "自来水供应"] == "urban.utilities.water"
    assert found.codes["城乡建设", "城市照明", "霓虹灯"] == "urban.lighting.霓虹灯"
    assert found.codes["太空事务", "卫星", "掉落"] == "太空事务.卫星.掉落"
    both = load((*shipped_bodies(), *found.bodies))
    neon: Category = both.by_code["urban.lighting.霓虹灯"]
    assert neon.names[1].en == "Street lighting"
    assert neon.duty == "住建"
    assert neon.untranslated
    again = taxonomy.from_taxonomy_csv(rows[:5], both)
    assert (again.mapped, again.new, again.bodies) == (4, 0, ())


def test_a_real_foreign_catalogue(field_data: Path) -> None:
    with (field_data / "tipdm-c" / "taxonomy_attachment1.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    found = taxonomy.from_taxonomy_csv(rows, shipped())
    assert not found.problems
    assert len(found.codes) == 517
    assert found.mapped >= 300
    assert check((*shipped_bodies(), *found.bodies)) == ()
