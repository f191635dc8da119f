"""Matters that may be the same problem, and what people said of it. No word of a message stands here."""

from django.db import models

from linli.core.ids import uuid7


class Likeness(models.Model):
    """A later matter that looks like an earlier one. *why* are numbers (understanding.likeness_score.Why).

    *decided*: same or different, by a person; until then empty. What a person decided is never suggested again.
    *claimed*: the resident said so while typing.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="+")
    score = models.FloatField()
    why = models.JSONField(default=dict)
    same_sender = models.BooleanField(default=False)
    claimed = models.BooleanField(default=False)
    at = models.DateTimeField()
    decided = models.CharField(max_length=10, blank=True, default="")
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_likeness"
        constraints = [
            models.UniqueConstraint(fields=["matter", "other"], name="likeness_once"),
            models.CheckConstraint(condition=models.Q(decided__in=["", "same", "different"]), name="likeness_decided"),
        ]
