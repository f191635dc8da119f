"""Writing the audit log."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import connection, transaction

from linli.audit.models import Entry
from linli.core.refusals import Refused

KEEP = timedelta(days=183)  # 网络安全法 art 21: network logs are kept six months at least


def record(
    actor: str,
    verb: str,
    target_kind: str,
    target: str,
    *,
    at: datetime,
    area: str = "",
    reason: str = "",
    data: Mapping[str, object] | None = None,
) -> None:
    """Write one line in the caller's transaction. Costs one SQL statement."""
    Entry.objects.create(
        at=at,
        actor=actor,
        verb=verb,
        target_kind=target_kind,
        target=target,
        area=area,
        reason=reason,
        data=dict(data or {}),
    )


def purge(before: datetime, *, actor: str, at: datetime) -> int:
    """Delete lines older than *before*; refused within the six months that the law asks for. Returns how many went."""
    if before > at - KEEP:
        raise Refused("audit_too_young", keep=KEEP.days)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL linli.purge = 'on'")
        count, _ = Entry.objects.filter(at__lt=before).delete()
        cursor.execute("SET LOCAL linli.purge = 'off'")  # a caller's transaction may go on
        record(actor, "purge", "audit", before.isoformat(), at=at, data={"lines": count})
    return count
