"""Settings: typed, documented, and clear about what is wrong."""

from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from linli.kernel import settings


def test_defaults_without_environment() -> None:
    held = settings.load({})
    assert held == settings.Settings()
    assert held.embedded


def test_every_kind_is_read() -> None:
    held = settings.load(
        {
            "LINLI_DATA": "/srv/linli",
            "LINLI_PORT": "8080",
            "LINLI_SECURE": "yes",
            "LINLI_ALLOWED_HOSTS": "linli.example, 10.0.0.1,",
            "LINLI_CITY": " Empty ",
            "LINLI_DATABASE_URL": "postgresql://a:b@c/d",
        }
    )
    assert (held.data, held.port, held.secure) == (Path("/srv/linli"), 8080, True)
    assert held.allowed_hosts == ("linli.example", "10.0.0.1")
    assert (held.city, held.embedded) == ("empty", False)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LINLI_PORT", "0"),
        ("LINLI_PORT", "65536"),
        ("LINLI_PORT", "８０８０x"),
        ("LINLI_DEBUG", "perhaps"),
        ("LINLI_CITY", "atlantis"),
        ("LINLI_TIME_ZONE", "Mars/Olympus"),
        ("LINLI_TIME_ZONE", "../../etc/passwd"),
        ("LINLI_DATABASE_URL", "mysql://a/b"),
        ("LINLI_SECRET_KEY", "short"),
    ],
)
def test_bad_values_are_named_in_both_languages(name: str, text: str) -> None:
    with pytest.raises(settings.SettingsError) as caught:
        settings.load({name: text})
    (words,) = caught.value.problems
    assert name in words.zh
    assert name in words.en
    assert any("\u4e00" <= sign <= "\u9fff" for sign in words.zh)


def test_all_bad_values_are_named_at_once() -> None:
    with pytest.raises(settings.SettingsError) as caught:
        settings.load({"LINLI_PORT": "x", "LINLI_POOL": "y"})
    assert len(caught.value.problems) == 2


def test_empty_means_default() -> None:
    assert settings.load({"LINLI_PORT": ""}).port == 8000


def test_table_documents_every_field_and_hides_secrets() -> None:
    held = settings.load({"LINLI_SECRET_KEY": "k" * 40, "LINLI_DATABASE_URL": "postgresql://a:hush@c/d"})
    rows = settings.table(held)
    assert [row.variable for row in rows] == [f"LINLI_{item.name.upper()}" for item in fields(settings.Settings)]
    assert all(row.meaning.zh and row.meaning.en and row.kind.zh for row in rows)
    printed = repr(rows)
    assert "kkk" not in printed
    assert "hush" not in printed


def test_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        settings.Settings().port = 1  # type: ignore[misc]
