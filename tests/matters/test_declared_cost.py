"""The city's own categories are checked together, and one by one only when something is wrong with them."""

import pytest

from linli.matters import declared
from linli.procedures import categories
from linli.procedures.categories import Body
from tests.procedures.test_categories import GOOD

REPLACED = GOOD.replace("[[category]]", "[[category]]\nreplaces = true")
pytestmark = pytest.mark.django_db


def test_good_categories_are_checked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    checks: list[int] = []
    real = categories.check

    def counted(bodies: list[Body]) -> object:
        checks.append(len(bodies))
        return real(bodies)

    own = [Body("a.toml", GOOD), Body("b.toml", REPLACED)]
    monkeypatch.setattr(categories, "check", counted)
    monkeypatch.setattr(declared, "bodies", lambda kind, shipped, broken: own)
    broken: list[str] = []
    assert declared._catalogue(broken).by_code
    assert (len(checks), broken) == (1, [])
    own.append(Body("x.toml", "nonsense ="))
    assert declared._catalogue(broken).by_code  # the good ones stand, the broken one is named
    assert len(checks) == 2 + len(own)
    assert broken
