"""The verbs on people, units, posts and absences: rights, refusals, audit, the stamp and the outbox."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, connection, transaction

from linli.audit.models import Entry
from linli.core.ids import uuid7
from linli.core.refusals import Refused
from linli.kernel import stamps
from linli.kernel.models import Outbox
from linli.parties import actions, queries, token_actions
from linli.parties.access import NOBODY, SYSTEM, Viewer, viewer_for
from linli.parties.models import Absence, Person, Post, Token
from linli.parties.roles import ADMIN_ROLES, ROLES
from tests.parties.people import AT, Town, person, post

pytestmark = pytest.mark.django_db


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.refusal.code


def test_a_person_gets_an_account_and_a_post(town: Town) -> None:
    made = actions.create_person("Zhang.San", "张三", actor=town.security_viewer, at=AT, password="长一点的密码-2026")
    assert made.username == "zhang.san"
    assert made.check_password("长一点的密码-2026")
    before = stamps.read().get("parties", 0)
    given = actions.grant_post(made.pk, town.county.id, "网格员", "511102004001", actor=town.security_viewer, at=AT)
    assert (given.role, given.area, given.valid_from, given.valid_to) == ("grid_worker", "511102004001", AT, None)
    assert stamps.read()["parties"] == before + 1
    line = Entry.objects.get(verb="grant_post")
    assert (line.actor, line.target, line.area) == (f"person:{town.security.pk}", str(given.id), "511102004001")
    assert line.data == {"person": str(made.pk), "role": "grid_worker", "unit": str(town.county.id)}
    again = actions.grant_post(
        made.pk, town.county.id, "grid_worker", "511102004001", actor=town.security_viewer, at=AT
    )
    assert again.id == given.id
    assert Entry.objects.filter(verb="grant_post").count() == 1


@pytest.mark.parametrize("role", sorted(ROLES))
def test_only_security_administrators_of_the_area_grant_posts(town: Town, role: str) -> None:
    other = person("other")
    post(other, town.county, role)
    viewer = viewer_for(other, AT)
    target = person("target")

    def grant() -> Post:
        return actions.grant_post(target.pk, town.county.id, "operator", "511102", actor=viewer, at=AT)

    if role == "security_admin":
        assert grant().role == "operator"
        beyond = lambda: actions.grant_post(target.pk, town.city.id, "operator", "5111", actor=viewer, at=AT)  # noqa: E731
        assert code_of(beyond) == "not_allowed"
    else:
        assert code_of(grant) == "not_allowed"
        assert not Post.objects.filter(person=target).exists()


def test_nobody_and_tokens_change_nothing(town: Town) -> None:
    token = Viewer("token", "x", "x", town.security_viewer.posts, frozenset({"matters:step"}))
    for viewer in (NOBODY, token):
        assert code_of(lambda v=viewer: actions.create_person("neu", "新", actor=v, at=AT)) == "not_allowed"
        assert code_of(lambda v=viewer: actions.create_unit("新", "5111", "x", actor=v, at=AT)) == "not_allowed"
    assert Person.objects.count() == 1


def test_a_security_administrator_cannot_appoint_themselves(town: Town) -> None:
    call = lambda: actions.grant_post(  # noqa: E731
        town.security.pk, town.city.id, "operator", "5111", actor=town.security_viewer, at=AT
    )
    assert code_of(call) == "own_post"


@pytest.mark.parametrize("first", sorted(ADMIN_ROLES))
@pytest.mark.parametrize("second", sorted(ADMIN_ROLES))
def test_no_account_holds_two_administrator_roles(town: Town, first: str, second: str) -> None:
    held = person("admin", name="管理员")
    actions.grant_post(held.pk, town.county.id, first, "511102", actor=SYSTEM, at=AT)
    call = lambda: actions.grant_post(held.pk, town.city.id, second, "5111", actor=SYSTEM, at=AT)  # noqa: E731
    assert code_of(call) == "two_administrators"
    assert Post.objects.filter(person=held).count() == 1


def test_the_database_refuses_two_administrator_roles_too(town: Town) -> None:
    held = person("admin")
    post(held, town.city, "audit_admin", valid_to=AT + timedelta(days=30))
    for extra in ({}, {"valid_to": AT + timedelta(days=5)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            post(held, town.city, "system_admin", **extra)
    quiet = post(held, town.city, "operator")
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.filter(id=quiet.id).update(role="system_admin")
    assert post(held, town.city, "system_admin", valid_from=AT + timedelta(days=30)).role == "system_admin"


def test_an_ended_post_puts_its_handing_on_into_the_outbox(town: Town) -> None:
    held = post(person("li"), town.county, "operator")
    assert actions.end_post(held.id, actor=town.security_viewer, at=AT, reason="调离")
    assert not actions.end_post(held.id, actor=town.security_viewer, at=AT)
    line = Outbox.objects.get(topic="post_ended")
    assert (line.key, line.payload, line.available_at) == (str(held.id), {"post": str(held.id)}, AT)
    assert Entry.objects.get(verb="end_post").reason == "调离"
    assert code_of(lambda: actions.end_post(uuid7(), actor=SYSTEM, at=AT)) == "post_unknown"


def test_a_fixed_term_hands_on_at_its_end_and_again_when_cut_short(town: Town) -> None:
    end = AT + timedelta(days=90)
    held = actions.grant_post(
        person("temp").pk, town.county.id, "operator", "511102", actor=SYSTEM, at=AT, valid_to=end
    )
    assert Outbox.objects.get(topic="post_ended").available_at == end
    actions.end_post(held.id, actor=SYSTEM, at=AT + timedelta(days=1))
    due = Outbox.objects.filter(topic="post_ended", available_at=AT + timedelta(days=1)).get()
    assert due.payload == {"post": str(held.id)}
    assert due.key.partition(":")[0] == str(held.id)  # as the handler reads it


def test_ending_an_account_ends_its_posts(town: Town) -> None:
    gone = person("gone")
    first, second = post(gone, town.county, "operator"), post(gone, town.city, "dispatcher")
    actions.end_person(gone.pk, actor=town.security_viewer, at=AT)
    assert set(Outbox.objects.values_list("key", flat=True)) == {str(first.id), str(second.id)}
    assert viewer_for(Person.objects.get(pk=gone.pk), AT).posts == ()
    call = lambda: actions.grant_post(gone.pk, town.city.id, "operator", "5111", actor=SYSTEM, at=AT)  # noqa: E731
    assert code_of(call) == "person_ended"


def test_a_failure_in_the_middle_leaves_nothing(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    held = post(person("li"), town.county, "operator")

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(actions.outbox, "put", broken)
    with pytest.raises(RuntimeError):
        actions.end_post(held.id, actor=SYSTEM, at=AT)
    assert Post.objects.get(id=held.id).valid_to is None
    assert not Entry.objects.exists()


def test_units_and_duties_belong_to_the_system_administrator(town: Town) -> None:
    admin = person("xitong")
    post(admin, town.county, "system_admin")
    viewer = viewer_for(admin, AT)
    made = actions.create_unit("城管局", "511102", "department", actor=viewer, at=AT, tag="城管")
    assert (made.level, made.tag) == ("county", "城管")
    assert actions.set_duties(made.id, ["street", "street.stall", "noise"], actor=viewer, at=AT)
    assert actions.set_duties(made.id, ["street", "water"], actor=viewer, at=AT)
    assert not actions.set_duties(made.id, ["water", "street"], actor=viewer, at=AT)
    seen = set(made.duties.values_list("category", flat=True))
    assert seen == {"street", "water"}
    last = Entry.objects.filter(verb="set_duties").order_by("-id").first()
    assert last is not None
    assert last.data == {"added": ["water"], "ended": ["noise", "street.stall"]}
    assert code_of(lambda: actions.create_unit("城管局", "511102", "department", actor=viewer, at=AT)) == "unit_taken"
    assert code_of(lambda: actions.create_unit("x", "5111", "department", actor=viewer, at=AT)) == "not_allowed"
    assert code_of(lambda: actions.set_duties(town.city.id, ["a"], actor=viewer, at=AT)) == "not_allowed"
    security = town.security_viewer
    assert code_of(lambda: actions.create_unit("y", "5111", "centre", actor=security, at=AT)) == "not_allowed"
    assert actions.change_unit(made.id, {"phone": "0833-2101"}, actor=viewer, at=AT)
    assert not actions.change_unit(made.id, {"phone": "0833-2101"}, actor=viewer, at=AT)
    assert code_of(lambda: actions.change_unit(made.id, {"area": "5111"}, actor=viewer, at=AT)) == "field_unknown"


def test_leave_is_recorded_by_the_holder_or_a_head(town: Town) -> None:
    li, head, peer = person("li"), person("head"), person("peer")
    held = post(li, town.county, "operator")
    post(head, town.county, "centre_lead")
    post(peer, town.county, "operator")
    until = AT + timedelta(days=2)
    away = actions.record_absence(held.id, AT, until, actor=viewer_for(li, AT), at=AT, reason="年假")
    assert next(s for s in queries.seats(AT) if s.post == held.id).away == ((AT, until),)
    same = actions.record_absence(held.id, AT, until, actor=viewer_for(head, AT), at=AT)
    assert same.id == away.id
    peer_view = viewer_for(peer, AT)
    assert code_of(lambda: actions.record_absence(held.id, AT, until, actor=peer_view, at=AT)) == "not_allowed"
    assert code_of(lambda: actions.record_absence(held.id, until, AT, actor=SYSTEM, at=AT)) == "field_wrong"
    assert actions.end_absence(away.id, actor=viewer_for(li, AT), at=AT + timedelta(hours=1))
    assert Absence.objects.get(id=away.id).away_to == AT + timedelta(hours=1)
    ahead = actions.record_absence(held.id, until, until + timedelta(days=1), actor=SYSTEM, at=AT)
    assert actions.end_absence(ahead.id, actor=SYSTEM, at=AT)
    assert not Absence.objects.filter(id=ahead.id).exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"username": "a b"}, "field_wrong"),
        ({"username": ""}, "field_wrong"),
        ({"username": "ANQUAN"}, "username_taken"),
        ({"name": " "}, "field_missing"),
        ({"name": "长" * 61}, "field_too_long"),
        ({"language": "fr"}, "choice_unknown"),
        ({"password": "12345678"}, "field_wrong"),
    ],
)
def test_bad_accounts_are_refused(town: Town, change: dict[str, str], code: str) -> None:
    values: dict[str, str] = {"username": "new", "name": "新人"} | change
    assert code_of(lambda: actions.create_person(**values, actor=town.security_viewer, at=AT)) == code
    assert Person.objects.count() == 1


@pytest.mark.parametrize("area", ["", "51", "51110", "5111020", "abcd", "５１１１", "5111~"])
def test_bad_areas_are_refused(town: Town, area: str) -> None:
    call = lambda: actions.grant_post(town.security.pk, town.city.id, "operator", area, actor=SYSTEM, at=AT)  # noqa: E731
    assert code_of(call) == "field_wrong"


def test_a_new_password_is_checked_and_audited_without_its_text(town: Town) -> None:
    held = person("li")
    actions.set_password(held.pk, "又长又新的密码-77", actor=town.security_viewer, at=AT)
    assert Person.objects.get(pk=held.pk).check_password("又长又新的密码-77")
    line = Entry.objects.get(verb="set_password")
    assert "又长又新" not in f"{line.data}{line.reason}"
    assert code_of(lambda: actions.set_password(held.pk, "short", actor=SYSTEM, at=AT)) == "field_wrong"


def test_a_secret_is_never_in_the_database(town: Town) -> None:
    token, secret = token_actions.issue_token(
        "热线", ["matters:create", "matters:read"], actor=town.security_viewer, at=AT, area="5111"
    )
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text LIKE %s', [f"%{secret[6:]}%"])
            assert cursor.fetchone() == (0,), table
    assert len(token.digest) == 64
    assert Entry.objects.get(verb="issue_token").data == {"scopes": ["matters:create", "matters:read"]}


def test_tokens_are_given_by_security_administrators_only(town: Town) -> None:
    admin = person("xitong")
    post(admin, town.city, "system_admin")
    county = person("xianan")
    post(county, town.county, "security_admin")
    issue = token_actions.issue_token

    def refused_for(viewer: Viewer, scopes: list[str], area: str = "", unit: UUID | None = None) -> str:
        return code_of(lambda: issue("t", scopes, actor=viewer, at=AT, area=area, unit=unit))

    assert refused_for(viewer_for(admin, AT), ["matters:create"]) == "not_allowed"
    assert refused_for(viewer_for(county, AT), ["matters:create"]) == "not_allowed"
    assert refused_for(viewer_for(county, AT), ["matters:create"], "5111") == "not_allowed"
    assert refused_for(town.security_viewer, ["matters:read"]) == "field_missing"
    assert refused_for(town.security_viewer, ["everything"]) == "choice_unknown"
    assert refused_for(town.security_viewer, []) == "choice_unknown"
    assert not Token.objects.exists()
    assert issue("t", ["matters:create"], actor=viewer_for(county, AT), at=AT, area="511102")[0].area == "511102"
