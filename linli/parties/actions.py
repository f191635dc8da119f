"""The verbs on people, units, posts and absences. Each is one transaction, audited, and moves the stamp ``parties``."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from uuid import UUID

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q

from linli.audit.actions import record
from linli.core.refusals import Refused
from linli.core.role_words import said
from linli.core.routing import level_of_area
from linli.core.words import Words
from linli.kernel import outbox, stamps
from linli.parties import guards
from linli.parties.access import Viewer
from linli.parties.models import Absence, Duty, Person, Post, Unit
from linli.parties.refusals import refused, wrong
from linli.parties.roles import ADMIN_ROLES, STAMP

_MANAGE = Words("管理账号", "manage accounts")
_APPOINT = Words("授予岗位", "grant posts")
_ORGANISE = Words("管理单位", "manage units")
_LEAVE = Words("登记请假", "record leave")
_CATEGORY = Words("分类", "category")
_LEADS = frozenset({"centre_lead", "unit_lead", "security_admin"})


_bulk: ContextVar[bool] = ContextVar("linli_parties_bulk", default=False)


@contextmanager
def one_stamp() -> Iterator[None]:
    """Many verbs in one transaction move the stamp once, at the end (one row updated 10,000 times is slow)."""
    token = _bulk.set(True)
    try:
        yield
    finally:
        _bulk.reset(token)
    if not transaction.get_rollback():
        stamps.bump(STAMP)


def _note(
    actor: Viewer, verb: str, kind: str, target: UUID, at: datetime, area: str = "", reason: str = "", **data: object
) -> None:
    """One audit line and a new stamp, in the caller's transaction."""
    text = guards.text_of(reason, Words("理由", "reason"), 500, needed=False)
    record(actor.actor_id, verb, kind, str(target), at=at, area=area, reason=text, data=data)
    if not _bulk.get():
        stamps.bump(STAMP)


def _manages_people(actor: Viewer) -> None:
    """Accounts belong to no area: any security administrator may manage them."""
    areas = actor.areas(guards.SECURITY)
    guards.require(actor, guards.SECURITY, areas[0] if areas else "", _MANAGE)


@transaction.atomic
def create_person(
    username: str,
    name: str,
    *,
    actor: Viewer,
    at: datetime,
    phone: str = "",
    email: str = "",
    language: str = "zh-hans",
    password: str | None = None,
) -> Person:
    """A new account without posts; without *password* nobody can sign in with it yet. Raises Refused."""
    _manages_people(actor)
    person = Person(
        username=guards.username_of(username),
        name=guards.text_of(name, Words("姓名", "name"), 60),
        phone=guards.text_of(phone, Words("电话", "phone"), 20, needed=False),
        email=guards.text_of(email, Words("邮箱", "e-mail"), 254, needed=False),
        language=guards.language_of(language),
        created_at=at,
    )
    if password is None:
        person.set_unusable_password()
    else:
        guards.good_password(password, person)
        person.set_password(password)
    if Person.objects.filter(username=person.username).exists():
        raise refused("username_taken", username=person.username)
    person.save(force_insert=True)
    _note(actor, "create_person", "person", person.pk, at, username=person.username)
    return person


@transaction.atomic
def change_person(person: UUID, values: Mapping[str, str], *, actor: Viewer, at: datetime) -> bool:
    """Change name, phone or email; False when nothing differs. The audit line names the fields, not their text."""
    limits = {"name": 60, "phone": 20, "email": 254}
    _manages_people(actor)
    held = _person(person)
    changed = []
    for field, value in values.items():
        if field not in limits:
            raise Refused("field_unknown", field=field, fields="、".join(limits))
        text = guards.text_of(value, Words(field, field), limits[field], needed=field == "name")
        if getattr(held, field) != text:
            setattr(held, field, text)
            changed.append(field)
    if changed:
        held.save(update_fields=changed)
        _note(actor, "change_person", "person", held.pk, at, fields=changed)
    return bool(changed)


@transaction.atomic
def set_password(person: UUID, password: str, *, actor: Viewer, at: datetime) -> None:
    """A new password given by a security administrator; all sessions of the person end with it. Raises Refused."""
    _manages_people(actor)
    held = _person(person)
    guards.good_password(password, held)
    held.set_password(password)
    held.save(update_fields=["password"])
    _note(actor, "set_password", "person", person, at)


@transaction.atomic
def reset_second_factor(person: UUID, *, actor: Viewer, at: datetime, reason: str) -> int:
    """Forget the person's second factors (a lost phone), so that they set one up again. Returns how many went.

    Open sessions end, whoever has them. Reads all sessions: some seconds in a city, and rare.
    """
    from allauth.mfa.models import Authenticator

    _manages_people(actor)
    held = _person(person)
    guards.text_of(reason, Words("理由", "reason"), 500)
    count: int = Authenticator.objects.filter(user=held).delete()[0]
    for session in Session.objects.filter(expire_date__gt=at).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(held.pk):
            session.delete()
    _note(actor, "reset_second_factor", "person", person, at, reason=reason, factors=count)
    return count


@transaction.atomic
def end_person(person: UUID, *, actor: Viewer, at: datetime, reason: str = "") -> None:
    """End an account and all its posts; it is signed out at its next request. Nothing is deleted."""
    _manages_people(actor)
    held = _person(person)
    for post in Post.objects.select_for_update().filter(_not_ended(at), person=held):
        _end(post, actor, at, reason)
    if held.is_active:
        held.is_active = False
        held.save(update_fields=["is_active"])
        _note(actor, "end_person", "person", held.pk, at, reason=reason)


@transaction.atomic
def create_unit(
    name: str,
    area: str,
    kind: str,
    *,
    actor: Viewer,
    at: datetime,
    level: str = "",
    tag: str = "",
    name_en: str = "",
    phone: str = "",
    parent: UUID | None = None,
) -> Unit:
    """A new unit over *area*; its *level* follows from the area unless given. Raises Refused."""
    place = guards.area_of(area)
    guards.require(actor, guards.SYSTEM, place, _ORGANISE)
    unit = Unit(
        name=guards.text_of(name, Words("单位名称", "unit name"), 120),
        name_en=guards.text_of(name_en, Words("英文名称", "English name"), 160, needed=False),
        kind=guards.text_of(kind, Words("单位类型", "kind of unit"), 30),
        tag=guards.text_of(tag, Words("职责领域", "field of duty"), 30, needed=False),
        phone=guards.text_of(phone, Words("电话", "phone"), 20, needed=False),
        area=place,
        level=level or level_of_area(place),
        parent_id=parent,
    )
    if Unit.objects.filter(area=place, name=unit.name).exists():
        raise refused("unit_taken", area=place, name=unit.name)
    unit.save(force_insert=True)
    _note(actor, "create_unit", "unit", unit.id, at, place, name=unit.name)
    return unit


@transaction.atomic
def change_unit(unit: UUID, values: Mapping[str, str], *, actor: Viewer, at: datetime) -> bool:
    """Change name_en, kind, tag or phone of a unit; False when nothing differs. Raises Refused."""
    limits = {"name_en": 160, "kind": 30, "tag": 30, "phone": 20}
    held = _unit(unit)
    guards.require(actor, guards.SYSTEM, held.area, _ORGANISE)
    changed: dict[str, list[str]] = {}
    for field, value in values.items():
        if field not in limits:
            raise Refused("field_unknown", field=field, fields="、".join(limits))
        text = guards.text_of(value, Words(field, field), limits[field], needed=field == "kind")
        if getattr(held, field) != text:
            changed[field] = [getattr(held, field), text]
            setattr(held, field, text)
    if changed:
        held.save(update_fields=list(changed))
        _note(actor, "change_unit", "unit", held.id, at, held.area, changed=changed)
    return bool(changed)


@transaction.atomic
def set_duties(unit: UUID, categories: Iterable[str], *, actor: Viewer, at: datetime, source: str = "") -> bool:
    """Make *categories* (dotted prefixes) the unit's duties; False when they are already. Raises Refused."""
    held = _unit(unit)
    guards.require(actor, guards.SYSTEM, held.area, _ORGANISE)
    wanted = {guards.text_of(category, _CATEGORY, 160) for category in categories}
    before = set(Duty.objects.filter(unit=held).values_list("category", flat=True))
    if wanted == before:
        return False
    Duty.objects.filter(unit=held, category__in=before - wanted).delete()
    Duty.objects.bulk_create([Duty(unit=held, category=c, source=source) for c in sorted(wanted - before)])
    _note(
        actor,
        "set_duties",
        "unit",
        held.id,
        at,
        held.area,
        added=sorted(wanted - before),
        ended=sorted(before - wanted),
    )
    return True


@transaction.atomic
def grant_post(
    person: UUID,
    unit: UUID,
    role: str,
    area: str,
    *,
    actor: Viewer,
    at: datetime,
    valid_from: datetime | None = None,
    valid_to: datetime | None = None,
) -> Post:
    """Give a role over an area; the same open post once more changes nothing and is returned. Raises Refused.

    Only security administrators of the area may, and nobody for themselves. A second administrator role is refused
    (the database refuses it too). A post with an end hands its matters on when that comes.
    """
    place = guards.area_of(area)
    named = guards.role_of(role)
    guards.require(actor, guards.SECURITY, place, _APPOINT)
    if actor.actor_id == f"person:{person}":
        raise refused("own_post")
    holder = _person(person)
    if not holder.is_active:
        raise refused("person_ended", name=holder.name)
    start = valid_from or at
    home = _unit(unit)
    if home.active_to is not None and home.active_to <= start:
        raise refused("unit_ended", name=home.name)
    if valid_to is not None and valid_to <= start:
        raise wrong(Words("结束时间", "end"), Words("须晚于开始时间", "it must be after the start"))
    open_posts = Post.objects.filter(person=holder, valid_to__isnull=True)
    if valid_to is None and (same := open_posts.filter(unit=home, role=named, area=place).first()):
        return same
    _one_administrator(holder, named, start, valid_to)
    post = Post(person=holder, unit=home, role=named, area=place, valid_from=start, valid_to=valid_to)
    post.save(force_insert=True)
    _note(actor, "grant_post", "post", post.id, at, place, person=str(holder.pk), role=named, unit=str(home.id))
    if valid_to is not None:
        outbox.put("post_ended", str(post.id), {"post": str(post.id)}, valid_to)
    return post


def _one_administrator(holder: Person, role: str, start: datetime, end: datetime | None) -> None:
    """Refuse a second administrator role that overlaps with one held; the holder's row is locked already."""
    if role not in ADMIN_ROLES:
        return
    overlap = Q(valid_to__isnull=True) | Q(valid_to__gt=start)
    if end is not None:
        overlap &= Q(valid_from__lt=end)
    other = Post.objects.filter(overlap, person=holder, role__in=ADMIN_ROLES)
    held = other.values_list("role", flat=True).first()
    if held is not None:
        raise Refused("two_administrators", name=holder.name, role=said(held))


@transaction.atomic
def end_post(post: UUID, *, actor: Viewer, at: datetime, reason: str = "") -> bool:
    """End a post now; its rights are gone at the holder's next request and its matters are handed on through the
    outbox. False when it had ended before. Raises Refused."""
    held = Post.objects.select_for_update().filter(id=post).first()
    if held is None:
        raise Refused("post_unknown")
    guards.require(actor, guards.SECURITY, held.area, _APPOINT)
    if held.valid_to is not None and held.valid_to <= at:
        return False
    _end(held, actor, at, reason)
    return True


def _end(post: Post, actor: Viewer, at: datetime, reason: str) -> None:
    # a fixed term has put its message for later already, under the post's own key
    key = str(post.id) if post.valid_to is None else f"{post.id}:early"
    post.valid_to = max(at, post.valid_from)
    post.save(update_fields=["valid_to"])
    _note(actor, "end_post", "post", post.id, at, post.area, reason, person=str(post.person_id), role=post.role)
    outbox.put("post_ended", key, {"post": str(post.id)}, at)


@transaction.atomic
def record_absence(
    post: UUID, away_from: datetime, away_to: datetime, *, actor: Viewer, at: datetime, reason: str = ""
) -> Absence:
    """Routing passes over the post from–to. The holder, a head over the area or a security administrator may."""
    held = Post.objects.select_for_update().filter(id=post).first()
    if held is None or (held.valid_to is not None and held.valid_to <= at):
        raise Refused("post_unknown")
    if post not in actor.post_ids:
        guards.require(actor, _LEADS, held.area, _LEAVE)
    if away_to <= away_from:
        raise wrong(Words("请假结束时间", "end of leave"), Words("须晚于开始时间", "it must be after the start"))
    text = guards.text_of(reason, Words("事由", "reason"), 60, needed=False)
    absence, made = Absence.objects.get_or_create(
        post=held, away_from=away_from, away_to=away_to, defaults={"reason": text}
    )
    if made:
        span = {"from": away_from.isoformat(), "to": away_to.isoformat()}
        _note(actor, "record_absence", "post", held.id, at, held.area, **span)
    return absence


@transaction.atomic
def end_absence(absence: UUID, *, actor: Viewer, at: datetime) -> bool:
    """The holder is back: an absence ends now, or never comes if it lies ahead. False when it was over."""
    away = Absence.objects.select_for_update().select_related("post").filter(id=absence).first()
    if away is None:
        raise Refused("post_unknown")
    if away.post_id not in actor.post_ids:
        guards.require(actor, _LEADS, away.post.area, _LEAVE)
    if away.away_to <= at:
        return False
    if away.away_from >= at:
        away.delete()
    else:
        away.away_to = at
        away.save(update_fields=["away_to"])
    _note(actor, "end_absence", "post", away.post_id, at, away.post.area, absence=str(absence))
    return True


def _not_ended(at: datetime) -> Q:
    return Q(valid_to__isnull=True) | Q(valid_to__gt=at)


def _person(person: UUID) -> Person:
    """The person, their row locked: grants to one person go one after the other."""
    held = Person.objects.select_for_update().filter(pk=person).first()
    if held is None:
        raise Refused("not_yours")
    return held


def _unit(unit: UUID) -> Unit:
    held = Unit.objects.select_for_update().filter(pk=unit).first()
    if held is None:
        raise Refused("not_yours")
    return held
