"""Reading the audit log."""

from django.db.models import QuerySet

from linli.audit.models import Entry


def of_target(kind: str, target: str) -> QuerySet[Entry]:
    """All lines about one thing, newest first; one SQL query when read."""
    return Entry.objects.filter(target_kind=kind, target=target).order_by("-at")


def newest() -> QuerySet[Entry]:
    """The whole log, newest first."""
    return Entry.objects.order_by("-at")
