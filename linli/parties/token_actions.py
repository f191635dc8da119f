"""The verbs on API tokens."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction

from linli.audit.actions import record
from linli.core.refusals import Refused
from linli.core.words import Words
from linli.kernel import stamps
from linli.parties import guards
from linli.parties.access import Viewer
from linli.parties.models import Token
from linli.parties.refusals import missing
from linli.parties.roles import STAMP
from linli.parties.tokens import digest_of, new_secret

_ISSUE = Words("管理接口令牌", "manage API tokens")
_BY_AREA = frozenset({"matters:read", "matters:step"})


@transaction.atomic
def issue_token(
    name: str, scopes: Iterable[str], *, actor: Viewer, at: datetime, area: str = "", unit: UUID | None = None
) -> tuple[Token, str]:
    """A new token and its secret, which is shown this once and not kept. Raises Refused.

    Reading or handling matters needs an *area*; only security administrators over it (without one: over a city) may.
    """
    wanted = guards.scopes_of(scopes)
    if not area and _BY_AREA.intersection(wanted):
        raise missing(guards.AREA_WORDS)
    place = guards.area_of(area) if area else ""
    cities = [held for held in actor.areas(guards.SECURITY) if len(held) == 4]
    guards.require(actor, guards.SECURITY, place or next(iter(cities), ""), _ISSUE)
    secret = new_secret()
    token = Token(
        name=guards.text_of(name, Words("令牌名称", "token name"), 80),
        digest=digest_of(secret),
        scopes=wanted,
        area=place,
        unit_id=unit,
        created_at=at,
        created_by_id=UUID(actor.id) if actor.kind == "person" else None,
    )
    token.save(force_insert=True)
    record(actor.actor_id, "issue_token", "token", str(token.id), at=at, area=place, data={"scopes": wanted})
    stamps.bump(STAMP)
    return token, secret


@transaction.atomic
def end_token(token: UUID, *, actor: Viewer, at: datetime, reason: str = "") -> bool:
    """End a token: it is refused at its next request. False when it had ended before. Raises Refused."""
    held = Token.objects.select_for_update().filter(id=token).first()
    if held is None:
        raise Refused("not_yours")
    cities = [area for area in actor.areas(guards.SECURITY) if len(area) == 4]
    guards.require(actor, guards.SECURITY, held.area or next(iter(cities), ""), _ISSUE)
    if held.ended_at is not None:
        return False
    held.ended_at = at
    held.save(update_fields=["ended_at"])
    record(actor.actor_id, "end_token", "token", str(held.id), at=at, area=held.area, reason=reason)
    stamps.bump(STAMP)
    return True
