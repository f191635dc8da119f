"""Which matters form a topic, and what people said of topics. No words are kept here: names are made when read."""

from django.db import models

from linli.core.ids import uuid7
from linli.matters.models import area_field


class TopicMember(models.Model):
    """A matter that belongs to a topic of two or more; *topic* was its earliest matter once. Made anew at any time."""

    matter = models.OneToOneField(
        "matters.Matter", primary_key=True, on_delete=models.PROTECT, related_name="topic_member"
    )
    topic = models.UUIDField(db_index=True)

    class Meta:
        db_table = "indicators_topic_member"


class TopicVerdict(models.Model):
    """What a person decided of a topic: *verdict* is confirm, dismiss or undo; the last one holds. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    topic = models.UUIDField(db_index=True)
    verdict = models.CharField(max_length=8)
    area = area_field()
    people = models.PositiveIntegerField()
    by = models.CharField(max_length=60)
    by_name = models.CharField(max_length=60, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "indicators_topic_verdict"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(verdict__in=("confirm", "dismiss", "undo")), name="topic_verdict_known"
            )
        ]
