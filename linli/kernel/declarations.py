"""Published declarations (categories, routing, calendars, procedures): each version stands for ever."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max

from linli.kernel import stamps
from linli.kernel.models import Declaration

STAMP = "declarations"


def publish(kind: str, ident: str, body: str, *, actor: str, at: datetime) -> int:
    """Publish *body* as the next version and return its number; the same body again makes no new version.

    Publishers of one declaration wait for each other. The stamps ``declarations`` and ``declarations.<kind>`` grow.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"declaration {kind} {ident}"])
        last = Declaration.objects.filter(kind=kind, ident=ident).order_by("-version").first()
        if last is not None and last.body == body:
            return last.version
        version = last.version + 1 if last else 1
        Declaration.objects.create(
            kind=kind, ident=ident, version=version, body=body, published_at=at, published_by=actor
        )
        stamps.bump(STAMP)
        stamps.bump(f"{STAMP}.{kind}")
        return version


def current(kind: str) -> list[Declaration]:
    """The newest version of every declaration of *kind*, by ident. One query."""
    return list(Declaration.objects.filter(kind=kind).order_by("ident", "-version").distinct("ident"))


def every(kind: str) -> list[Declaration]:
    """All versions of all declarations of *kind*, by ident, oldest first. One query."""
    return list(Declaration.objects.filter(kind=kind).order_by("ident", "version"))


def version(kind: str, ident: str, number: int | None = None) -> Declaration | None:
    """One version of one declaration, the newest by default; None when there is none. One query."""
    found = Declaration.objects.filter(kind=kind, ident=ident)
    return found.order_by("-version").first() if number is None else found.filter(version=number).first()


def history(kind: str, ident: str) -> list[Declaration]:
    """All versions of one declaration, newest first. One query."""
    return list(Declaration.objects.filter(kind=kind, ident=ident).order_by("-version"))


def newest(kind: str) -> dict[str, int]:
    """The newest version number of every declaration of *kind*. One query, without bodies."""
    rows = Declaration.objects.filter(kind=kind).values_list("ident").annotate(Max("version"))
    return dict(rows)
