"""Handing over a shift at a centre."""

from django.db import models
from django.db.models import Q

from linli.core.ids import uuid7


class Shift(models.Model):
    """One handing over at a centre: who gave it to whom, with what note, and what was red or yellow then.

    *listed* holds ``{"code", "colour"}`` of at most ``shift.LISTED`` matters, the most pressing first; *red* and
    *yellow* count all of them. Rows are never changed but for *taken_at*.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    unit = models.ForeignKey("parties.Unit", on_delete=models.PROTECT, related_name="+", db_index=False)
    given_by = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    given_to = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    note = models.TextField(blank=True, default="")
    red = models.PositiveIntegerField()
    yellow = models.PositiveIntegerField()
    listed = models.JSONField(default=list)
    taken_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_shift"
        indexes = [
            models.Index(fields=["unit", "-at"], name="shift_unit"),
            models.Index(fields=["given_to"], name="shift_waiting", condition=Q(taken_at__isnull=True)),
        ]
