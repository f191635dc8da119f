"""Every shipped procedure can be walked from its opening to each of its ends, through the real API."""

import pytest

from linli.procedures.load import procedure, shipped

FOUND = {p.id: p for p in (procedure(body, name) for name, body in shipped("procedures").items()) if p.opening}


@pytest.fixture
def scratch_town(db: None):  # type: ignore[no-untyped-def]
    from django.core.cache import cache

    from linli.matters import reference
    from linli.site.walk import START
    from linli.site.walk_town import build

    cache.clear()
    yield build(list(FOUND.values()), START)
    reference.forget()


@pytest.mark.parametrize("ident", sorted(FOUND))
def test_every_way_can_be_gone(ident: str, scratch_town) -> None:  # type: ignore[no-untyped-def]
    from linli.site.walk import walk_one

    assert walk_one(FOUND[ident], scratch_town) == []


def test_a_step_nobody_can_take_is_found(scratch_town, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace
    from types import MappingProxyType

    from linli.matters import reference
    from linli.site.walk import walk_one

    whole = FOUND["application"]
    steps = {**whole.steps, "grant": replace(whole.steps["grant"], by=("audit_admin",))}
    planted = replace(whole, steps=MappingProxyType(steps))
    ref = reference.current()
    held = replace(ref.declared, latest=MappingProxyType({**ref.declared.latest, "application": planted}),
                   procedures=MappingProxyType({**ref.declared.procedures, ("application", 1): planted}))  # fmt: skip
    changed = replace(ref, declared=held)
    monkeypatch.setattr(reference, "current", lambda *, fresh=False: changed)
    faults = walk_one(planted, scratch_town)
    assert any("grant" in fault for fault in faults)
