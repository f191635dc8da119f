"""The kernel's tables: outbox, idempotency keys, declarations, stamps."""

from typing import Any

from django.db import models
from django.db.models import Q

from linli.core.ids import uuid7


class Outbox(models.Model):
    """Something to be sent or done after the commit that wrote it; each (topic, key) once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    topic = models.TextField()
    key = models.TextField()
    payload: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    available_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        db_table = "kernel_outbox"
        constraints = [models.UniqueConstraint(fields=["topic", "key"], name="kernel_outbox_once")]
        indexes = [
            models.Index(
                fields=["available_at"], name="kernel_outbox_open", condition=Q(done_at=None) & Q(failed_at=None)
            )
        ]


class Idempotency(models.Model):
    """A caller's key and what came of it; the same key with another body is a conflict."""

    pk = models.CompositePrimaryKey("scope", "key")
    scope = models.TextField()
    key = models.TextField()
    body_hash = models.BinaryField()
    target = models.TextField(default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "kernel_idempotency"
        indexes = [models.Index(fields=["at"], name="kernel_idempotency_at")]


class Declaration(models.Model):
    """One published version of a declaration; versions are never edited."""

    kind = models.TextField()
    ident = models.TextField()
    version = models.PositiveIntegerField()
    body = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.TextField()

    class Meta:
        db_table = "kernel_declaration"
        constraints = [
            models.UniqueConstraint(fields=["kind", "ident", "version"], name="kernel_declaration_version"),
            models.CheckConstraint(
                condition=Q(kind__in=["category", "routing", "calendar", "procedure", "understanding"]),
                name="kernel_declaration_kind",
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="kernel_declaration_from_one"),
        ]


class Stamp(models.Model):
    """A number that grows with every change of some reference data; who caches it compares."""

    name = models.TextField(primary_key=True)
    n = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "kernel_stamp"
