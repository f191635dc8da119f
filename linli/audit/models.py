"""The audit log: one line per look at, or change of, something that matters. The database refuses to edit it."""

from django.db import models

from linli.core.ids import uuid7


class Entry(models.Model):
    """One line: who (a person's id, ``system`` or ``token:…``) did or saw what, where, and why."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    verb = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=40)
    target = models.CharField(max_length=120)
    area = models.CharField(max_length=15, blank=True, default="", db_collation="C")
    reason = models.CharField(max_length=500, blank=True, default="")
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        indexes = [
            models.Index(fields=["target_kind", "target", "-at"], name="audit_target"),
            models.Index(fields=["actor", "-at"], name="audit_actor"),
            models.Index(fields=["-at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.verb} {self.target_kind}:{self.target}"
