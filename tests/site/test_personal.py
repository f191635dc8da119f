"""Every stored field that can hold something about a person is declared with purpose, ground, retention and erasure."""

import tomllib
from importlib import resources

import pytest

HOLDERS = {"CharField", "TextField", "JSONField", "EmailField", "FloatField", "BinaryField", "URLField", "FileField"}
FORBIDDEN = ("religion", "ethnic", "politic", "biometric", "face", "risk", "score", "rank", "colour", "tag_of_person")


def declared() -> dict:  # type: ignore[type-arg]
    return tomllib.loads((resources.files("linli.site") / "personal.toml").read_text("utf-8"))


def stored() -> dict[str, set[str]]:
    from django.apps import apps

    models = [m for m in apps.get_models() if m.__module__.startswith("linli.")]
    return {
        m._meta.db_table: {f.column for f in m._meta.concrete_fields if f.get_internal_type() in HOLDERS}
        for m in models
    }


def missing(tables: dict[str, set[str]], book: dict) -> list[str]:  # type: ignore[type-arg]
    """Fields that no list names, and names that no field has."""
    listed = {table: set(entry["fields"]) for table, entry in book["personal"].items()}
    listed |= {table: set(fields) for table, fields in book["plain"].items()}
    absent = [f"{t}.{f}" for t, fields in tables.items() for f in fields - listed.get(t, set())]
    return sorted(absent + [f"{t}.{f} (gone)" for t, fields in listed.items() for f in fields - tables.get(t, set())])


def test_every_field_is_declared() -> None:
    assert missing(stored(), declared()) == []


@pytest.mark.parametrize("table", sorted(declared()["personal"]))
def test_each_declaration_is_whole(table: str) -> None:
    entry = declared()["personal"][table]
    needed = (entry["purpose"]["zh"], entry["purpose"]["en"], entry["basis"], entry["retention"], entry["erasure"])
    assert all(needed)


def test_an_undeclared_field_is_found() -> None:
    assert missing(stored() | {"matters_statement": {"text", "blood_type"}}, declared()) != []


def test_no_column_labels_a_person() -> None:
    people = {"parties_person", "parties_post", "matters_statement"}
    bad = [
        f"{t}.{f}" for t, fields in stored().items() if t in people for f in fields if any(w in f for w in FORBIDDEN)
    ]
    assert bad == []
