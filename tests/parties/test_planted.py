"""Planted defects: each check of this room fails when what it guards is broken."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.test import Client

from linli.parties import access, actions, demo, gate, queries, signin, tokens
from linli.parties.access import Viewer
from linli.parties.models import Person
from tests.audit import test_log
from tests.parties import test_actions, test_every_address, test_queries, test_signin, test_tokens
from tests.parties.people import Town
from tests.parties.test_signin import _fresh_limits, guarded, li  # noqa: F401  (fixtures)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.parties.test_signin")]
_CAUGHT = (AssertionError, pytest.fail.Exception)
Patch = pytest.MonkeyPatch


def caught(check: Callable[[], object]) -> None:
    with pytest.raises(_CAUGHT):
        check()


def test_rights_kept_from_an_earlier_request(guarded: Person, town: Town, monkeypatch: Patch) -> None:  # noqa: F811
    kept: dict[object, Viewer] = {}
    real = gate.viewer_for
    monkeypatch.setattr(gate, "viewer_for", lambda who, at: kept.setdefault(who.pk, real(who, at)))
    caught(lambda: test_signin.test_an_ended_post_is_gone_at_the_next_request(guarded, Client()))


def test_ended_posts_that_still_count(guarded: Person, town: Town, monkeypatch: Patch) -> None:  # noqa: F811
    from django.db.models import Q

    def always(at: object) -> Q:
        return Q(valid_from__lte=at)

    monkeypatch.setattr(access, "current_posts", always)
    monkeypatch.setattr(queries, "current_posts", always)
    caught(lambda: test_signin.test_a_changed_role_counts_at_the_next_request(guarded, Client(), town))
    caught(lambda: test_queries.test_ended_future_and_inactive_posts_have_no_seat(town))


def test_a_second_factor_nobody_asks_for(town: Town, monkeypatch: Patch) -> None:
    monkeypatch.setattr(gate, "second_factor_passed", lambda request: True)
    caught(lambda: test_every_address.test_a_password_alone_opens_no_address(town))


def test_an_exception_too_many(town: Town, monkeypatch: Patch) -> None:
    from linli.parties import middleware

    monkeypatch.setattr(middleware, "BEFORE_SECOND_FACTOR", middleware.BEFORE_SECOND_FACTOR | {"account_start"})
    monkeypatch.setattr(gate, "viewer_of", lambda request: Viewer("person", "x", "x"))
    caught(lambda: test_every_address.test_a_password_alone_opens_no_address(town))


def test_a_session_that_keeps_its_key(guarded: Person, monkeypatch: Patch) -> None:  # noqa: F811
    monkeypatch.setattr(SessionStore, "cycle_key", lambda self: None)
    caught(lambda: test_signin.test_a_planted_session_is_worth_nothing(guarded, Client()))


def test_an_answer_that_tells_who_has_an_account(guarded: Person, town: Town, monkeypatch: Patch) -> None:  # noqa: F811
    monkeypatch.delattr(signin.StaffAccounts, "authenticate")
    caught(lambda: test_signin.test_unknown_ended_and_wrong_look_the_same(guarded, town))


def test_a_lock_that_a_new_spelling_opens(guarded: Person, monkeypatch: Patch) -> None:  # noqa: F811
    monkeypatch.setattr(
        signin.StaffAccounts,
        "_get_login_attempts_cache_key",
        lambda self, request, **given: request.META["REMOTE_ADDR"],
    )
    caught(lambda: test_signin.test_six_bad_sign_ins_lock_the_name_for_every_address(guarded))


def test_a_verb_that_does_not_look_for_a_second_administrator(town: Town, monkeypatch: Patch) -> None:
    monkeypatch.setattr(actions, "_one_administrator", lambda *given: None)
    with pytest.raises(Exception, match=r"administrator|one_admin_role"):  # the database still refuses
        test_actions.test_no_account_holds_two_administrator_roles(town, "audit_admin", "system_admin")


def test_a_database_without_its_triggers(town: Town) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER parties_post_three_administrators ON parties_post")
        cursor.execute("DROP TRIGGER audit_entry_keep_rows ON audit_entry")
    caught(lambda: test_actions.test_the_database_refuses_two_administrator_roles_too(town))
    caught(lambda: test_log.test_the_database_refuses_edits("DELETE FROM audit_entry"))
    caught(test_log.test_young_lines_stay_even_in_a_declared_purge)


def test_a_secret_kept_in_the_clear(town: Town, monkeypatch: Patch) -> None:
    from linli.parties import token_actions

    monkeypatch.setattr(token_actions, "digest_of", lambda secret: secret.ljust(64, "0")[:64])
    caught(lambda: test_actions.test_a_secret_is_never_in_the_database(town))


def test_an_ended_token_that_still_opens(town: Town, monkeypatch: Patch) -> None:
    real = tokens._viewer
    known: dict[str, Viewer | None] = {}

    def cached(secret: str, at: object) -> Viewer | None:
        row = tokens.Token.objects.filter(digest=tokens.digest_of(secret)).values_list(*tokens._COLUMNS).first()
        return known.setdefault(secret, real(row) if row else None)

    monkeypatch.setattr(test_tokens, "viewer_for_token", cached)
    caught(lambda: test_tokens.test_an_ended_token_is_gone_at_the_next_request(town))


def test_demo_links_that_work_in_a_real_city(town: Town, monkeypatch: Patch) -> None:
    monkeypatch.setattr(demo, "is_demo", lambda: True)
    caught(lambda: test_signin.test_demo_links_work_in_a_demo_only(town, Client()))
