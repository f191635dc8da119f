"""What people's decisions teach: corrections as training rows, and what an outside model advised. Neither decides."""

from django.db import models

from linli.core.ids import uuid7


class Correction(models.Model):
    """One judgement of a person beside what the machine had said: a training row.

    *field* is category, area or kind; *said* "" means that the machine gave no answer, *chosen* "" that the person only
    said that it is wrong. *text* has its personal data masked; erasing the matter empties it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="corrections", db_index=False)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    source = models.CharField(max_length=10)
    actor = models.CharField(max_length=80)
    post = models.ForeignKey("parties.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    area = models.CharField(max_length=15, db_collation="C", blank=True, default="")
    field = models.CharField(max_length=10)
    said = models.CharField(max_length=160, blank=True, default="")
    confidence = models.FloatField(null=True)
    chosen = models.CharField(max_length=160, blank=True, default="")
    agreed = models.BooleanField()
    version = models.CharField(max_length=160, blank=True, default="")
    text = models.TextField(blank=True, default="")
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_correction"
        constraints = [models.UniqueConstraint(fields=["matter", "seq", "field"], name="correction_once")]
        indexes = [models.Index(fields=["field", "-at"], name="correction_field_at")]


class Advice(models.Model):
    """What a model outside said of one matter when the own one was unsure. *error* says why there is no answer."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.OneToOneField("matters.Matter", on_delete=models.PROTECT, related_name="advice")
    at = models.DateTimeField()
    address = models.CharField(max_length=200)
    model = models.CharField(max_length=100, blank=True, default="")
    category = models.CharField(max_length=160, blank=True, default="")
    confidence = models.FloatField(null=True)
    error = models.CharField(max_length=30, blank=True, default="")
    took_ms = models.PositiveIntegerField()

    class Meta:
        db_table = "matters_advice"
