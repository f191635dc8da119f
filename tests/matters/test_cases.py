"""Matters of declared kinds: opened, worked and ended through the same verbs; the closed loop of mediation."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from linli.core.refusals import Refused

if TYPE_CHECKING:
    from tests.matters.town import Town

FORM = {
    "facts": "楼上漏水，把我家天花板泡坏了，多次协商未果。",
    "topic": "neighbour",
    "claims": "修好并赔偿八百元",
    "name": "王小明",
    "phone": "13812345678",
    "other_name": "李四海",
    "other_phone": "13912345678",
}


class Dispute:
    """One mediation and those who work on it."""

    def __init__(self, town: "Town", at: datetime) -> None:
        from linli.matters.case_models import Participant
        from linli.matters.models import Matter
        from linli.matters.opening import Asked, open_case
        from linli.parties.access import NOBODY
        from tests.matters.town import VILLAGE

        self.town, self.at = town, at
        receipt = open_case(Asked("mediation", FORM, VILLAGE, "page"), viewer=NOBODY, at=at)
        self.id = receipt.items[0].id
        self.receipt = receipt
        self.matters, self.people = Matter.objects, Participant.objects

    @property
    def row(self) -> Any:
        return self.matters.get(pk=self.id)

    def part(self, role: str) -> Any:
        return self.people.get(matter=self.id, role=role, left_at=None)

    def take(self, step: str, by: Any, after: timedelta = timedelta(hours=1), **form: Any) -> Any:
        from linli.matters import actions

        self.at += after
        files = form.pop("files", ())
        return actions.take(self.id, step, viewer=by, form=form, files=files, at=self.at)

    def party(self, role: str) -> Any:
        from linli.matters import queries

        return queries.party(self.part(role))

    def staff(self, name: str) -> Any:
        return self.town.viewer(name, self.at)

    def agreed(self, **form: Any) -> "Dispute":
        """As far as the agreement."""
        mia = self.staff("mia")
        self.take("consent", self.party("respondent"))
        self.take("name_mediator", mia, post=str(self.town.posts["mia"].pk))
        self.take("begin", mia)
        given = {"form": "written", "terms": "李四海三日内修好并赔偿八百元。", "note": "双方到场签字"}
        given |= {"effective_on": "2026-11-24", "perform_by": "2026-12-01", **form}
        self.take("agree", mia, **given)
        return self


@pytest.fixture
def town(db: None) -> "Iterator[Town]":
    from linli.matters import reference
    from tests.matters.town import build_town, staff

    made = build_town()
    staff(made, "mia", "mediation", "officer", made_kind="mediation")
    staff(made, "max", "mediation", "officer", made_kind="mediation")
    staff(made, "cora", "court", "officer", made_kind="court")
    reference.forget()
    yield made
    reference.forget()


@pytest.fixture
def dispute(town: "Town") -> Dispute:
    from tests.matters.town import T0

    return Dispute(town, T0)


def test_an_opening_writes_everything(dispute: Dispute) -> None:
    from linli.matters.case_models import Value

    row = dispute.row
    assert (row.procedure, row.stage, row.sealed) == ("mediation", "asking", "parties")
    assert row.holder_unit == dispute.town.units["mediation"]
    assert row.statement.text == FORM["facts"]
    assert row.statement.contact_phone == FORM["phone"]
    assert dispute.part("applicant").consent == "given"
    assert dispute.part("applicant").opener
    assert dispute.part("respondent").consent == "asked"
    kept = dict(Value.objects.filter(matter=dispute.id).values_list("field", "value"))
    assert kept == {k: FORM[k] for k in ("topic", "claims", "other_name", "other_phone")}
    event = row.events.get(seq=1)
    assert FORM["name"] not in str(event.data)
    assert FORM["other_phone"] not in str(event.data)
    assert event.data["values"] == {"topic": "neighbour"}


def test_mediation_from_application_to_performance(dispute: Dispute) -> None:
    from linli.matters import media  # noqa: F401 - the store is there
    from linli.matters.case_models import Paper

    dispute.agreed()
    assert dispute.row.stage == "agreed"
    due = {c.rule: c.due_at for c in dispute.row.clocks.filter(state="open")}
    assert due["confirm_window"].isoformat() == "2026-12-24T16:00:00+00:00"  # 30 days after 24 November, end of the day
    assert due["performance"].isoformat() == "2026-12-01T16:00:00+00:00"
    number = Paper.objects.get(matter=dispute.id, paper="agreement").number
    assert number == "（2026）临江区人调字第1号"
    dispute.take("perform", dispute.staff("mia"), note="已修好，赔偿款已付")
    assert (dispute.row.stage, dispute.row.outcome) == ("performed", "performed")


def test_mediation_needs_both_sides(dispute: Dispute) -> None:
    mia = dispute.staff("mia")
    dispute.take("name_mediator", mia, post=str(dispute.town.posts["mia"].pk))
    with pytest.raises(Refused) as refused:
        dispute.take("begin", mia)
    assert refused.value.refusal.code == "need_unmet"
    assert "双方当事人都同意" in refused.value.refusal.words.zh
    dispute.take("consent", dispute.party("respondent"))
    dispute.take("begin", mia)
    assert dispute.row.stage == "mediating"


def test_either_side_ends_it_with_one_step(dispute: Dispute) -> None:
    dispute.take("leave", dispute.party("respondent"))
    assert (dispute.row.stage, dispute.row.outcome) == ("ended", "ended")
    assert dispute.part("respondent").consent == "withdrawn"


def test_who_is_recused_neither_acts_nor_sees(dispute: Dispute) -> None:
    from linli.matters import queries

    mia, maxi = dispute.staff("mia"), dispute.staff("max")
    holder = mia if dispute.row.holder_post == dispute.town.posts["mia"] else maxi
    dispute.take("name_mediator", holder, post=str(dispute.town.posts["mia"].pk))
    dispute.take("recuse", dispute.party("respondent"), who=str(dispute.part("mediator").pk), reason="她是对方的亲戚")
    assert not queries.visible_to(mia).filter(pk=dispute.id).exists()
    assert queries.visible_to(maxi).filter(pk=dispute.id).exists()
    with pytest.raises(Refused) as refused:
        dispute.take("consent", mia)
    assert refused.value.refusal.code == "not_yours"
    assert dispute.row.holder_post == dispute.town.posts["max"]
    with pytest.raises(Refused) as refused:
        dispute.take("name_mediator", maxi, post=str(dispute.town.posts["mia"].pk))
    assert refused.value.refusal.code == "part_barred"


def test_a_sealed_matter_is_not_for_the_area(dispute: Dispute) -> None:
    from linli.matters import queries

    for name in ("vera", "bob", "dora", "alice", "olga"):
        assert not queries.visible_to(dispute.staff(name)).filter(pk=dispute.id).exists(), name
    for role in ("applicant", "respondent"):
        assert queries.visible_to(dispute.party(role)).filter(pk=dispute.id).exists()


def test_judicial_confirmation_is_a_matter_of_its_own(dispute: Dispute) -> None:
    from linli.matters import actions

    dispute.agreed()
    dispute.take("confirm", dispute.staff("mia"))
    child = dispute.matters.get(parent=dispute.id)
    assert (child.procedure, child.stage) == ("judicial_confirmation", "applied")
    assert child.holder_unit == dispute.town.units["court"]
    assert set(child.participants.values_list("role", flat=True)) == {"applicant", "respondent", "mediator"}
    with pytest.raises(Refused) as refused:
        dispute.take("perform", dispute.staff("mia"), note="已履行")
    assert refused.value.refusal.code == "children_open"
    cora = dispute.staff("cora")
    actions.take(child.pk, "accept", viewer=cora, at=dispute.at)
    actions.take(child.pk, "confirm", viewer=cora, form={"note": "（2026）司确1号"}, at=dispute.at)
    dispute.take("confirmed", dispute.staff("mia"))
    assert dispute.row.outcome == "confirmed"


def test_the_window_of_thirty_days_shuts(dispute: Dispute) -> None:
    dispute.agreed(perform_by="2027-06-01")
    dispute.at = datetime.fromisoformat("2026-12-24T15:59:00+00:00") - timedelta(hours=1)
    dispute.at += timedelta(hours=1, minutes=2)
    with pytest.raises(Refused) as refused:
        dispute.take("confirm", dispute.staff("mia"), after=timedelta(0))
    assert "三十日" in refused.value.refusal.words.zh


def test_more_time_only_as_declared(dispute: Dispute) -> None:
    from linli.matters import actions

    dispute.agreed()
    dispute.take("confirm", dispute.staff("mia"))
    child, cora = dispute.matters.get(parent=dispute.id), dispute.staff("cora")
    actions.take(child.pk, "accept", viewer=cora, at=dispute.at)
    before = child.clocks.get(rule="decide").due_at
    actions.take(child.pk, "more_time", viewer=cora, form={"reason": "案情复杂"}, at=dispute.at)
    clock = child.clocks.get(rule="decide")
    days = [at.isoformat() for at in (before, clock.due_at)]
    assert days == ["2026-12-08T16:00:00+00:00", "2026-12-18T16:00:00+00:00"]
    assert clock.span == "25 d"
    with pytest.raises(Refused) as refused:
        actions.take(child.pk, "more_time", viewer=cora, form={"reason": "再等等"}, at=dispute.at)
    assert refused.value.refusal.code == "extension_used"


def test_a_date_without_a_table_is_not_guessed(dispute: Dispute) -> None:
    mia = dispute.staff("mia")
    dispute.take("consent", dispute.party("respondent"))
    dispute.take("name_mediator", mia, post=str(dispute.town.posts["mia"].pk))
    dispute.take("begin", mia)
    with pytest.raises(Refused) as refused:
        dispute.take("more_time", mia, reason="等待鉴定")
    assert refused.value.refusal.code == "year_missing"


def test_who_may_not_open_is_told_who_may(town: "Town") -> None:
    from linli.matters.opening import Asked, open_case
    from linli.parties.access import NOBODY
    from tests.matters.town import T0, VILLAGE

    with pytest.raises(Refused) as refused:
        open_case(Asked("judicial_confirmation", {}, VILLAGE, "page"), viewer=NOBODY, at=T0)
    assert refused.value.refusal.code == "child_only"
    with pytest.raises(Refused) as refused:
        open_case(Asked("mediation", FORM, VILLAGE, "page"), viewer=town.viewer("olga"), at=T0)
    assert refused.value.refusal.code == "may_not_open"


def test_a_key_opens_once(town: "Town") -> None:
    from linli.matters.models import Matter
    from linli.matters.opening import Asked, open_case
    from linli.parties.access import NOBODY
    from tests.matters.town import T0, VILLAGE

    asked = Asked("mediation", FORM, VILLAGE, "page", scope="t", key="k", body=b"same")
    first, again = (open_case(asked, viewer=NOBODY, at=T0) for _ in range(2))
    assert again.repeated
    assert again.known[0].id == first.items[0].id
    assert Matter.objects.count() == 1


def test_erasure_leaves_no_word_and_a_chain_that_holds(dispute: Dispute) -> None:
    import json

    from django.core import serializers

    from linli.matters import case_models, erasure, models, seals

    dispute.agreed()
    dispute.take("perform", dispute.staff("mia"), note="已履行")
    assert list(seals.verify(dispute.at.replace(year=2000), lambda n: None)) == []
    dispute.matters.filter(pk=dispute.id).update(sealed="")
    erasure.erase(dispute.id, viewer=dispute.staff("bob"), reason="当事人申请", at=dispute.at)
    assert list(seals.verify(dispute.at.replace(year=2000), lambda n: None)) == []
    tables = (models.Statement, models.Remark, models.Event, case_models.Participant, case_models.Value)
    dump = "".join(json.dumps(serializers.serialize("python", t.objects.all()), default=str) for t in tables)
    for canary in (FORM["facts"], FORM["name"], FORM["phone"], FORM["other_name"], FORM["other_phone"], "八百元"):
        assert canary not in dump


def test_running_matters_move_by_the_declared_mapping(dispute: Dispute) -> None:
    from dataclasses import replace as changed
    from types import MappingProxyType

    from linli.core.language import Move
    from linli.core.snapshot import Actor
    from linli.kernel import declarations
    from linli.matters import moving, reference, seals
    from linli.procedures.load import shipped

    body = shipped("procedures")["mediation"].replace("version = 1", "version = 2", 1).replace("asking", "inviting")
    body = body.replace("clocks.ask]", "clocks.invitation]")
    body += '\n[moves.1]\nstages = { asking = "inviting" }\nclocks = { ask = "invitation" }\n'
    declarations.publish("procedure", "mediation", body, actor="test", at=dispute.at)
    latest = reference.current(fresh=True).latest("mediation")
    assert latest.version == 2
    assert dispute.row.procedure_version == 1
    dispute.take("consent", dispute.party("respondent"))  # it goes on by the version it began with
    seen = moving.preview(latest, 1)
    assert dict(seen.stages) == {("asking", "inviting"): 1}
    assert dict(seen.clocks) == {("ask", "invitation"): 1}
    actor = Actor("system", "move", "", frozenset({"system"}))
    assert moving.move(latest, 1, actor=actor, at=dispute.at) == 1
    row = dispute.row
    assert (row.procedure_version, row.stage) == (2, "inviting")
    assert row.clocks.get(state="open").rule == "invitation"
    assert list(seals.verify(dispute.at.replace(year=2000), lambda n: None)) == []
    with pytest.raises(Refused) as refused:
        moving.preview(changed(latest, moves=MappingProxyType({2: Move({}, {})})), 1)
    assert refused.value.refusal.code == "move_undeclared"


def test_a_version_in_use_cannot_change(dispute: Dispute) -> None:
    from linli.kernel import declarations
    from linli.matters import reference
    from linli.procedures.load import shipped

    body = shipped("procedures")["mediation"].replace("征求双方意愿", "问问双方", 1)
    declarations.publish("procedure", "mediation", body, actor="test", at=dispute.at)
    ref = reference.current(fresh=True)
    assert ref.latest("mediation").stages["asking"].labels.zh == "征求双方意愿"
    assert any("Raise its version" in line for line in ref.declared.broken)
