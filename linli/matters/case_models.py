"""What matters of declared kinds have besides stage and clocks: people, values, papers, sessions, extensions, pins.

Everything personal stands here, apart from the history, and can be erased without breaking its chain.
"""

from django.db import models
from django.db.models import Q

from linli.core.ids import uuid7


class Participant(models.Model):
    """Somebody who takes part in a matter, in a role its procedure declares: a contact, a post or a unit.

    *digest*: of a contact's own code, with which they see and answer. *barred*: recused or complained about.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="participants")
    role = models.CharField(max_length=40)
    kind = models.CharField(max_length=8)
    post = models.ForeignKey("parties.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey("parties.Unit", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60, blank=True, default="")
    phone = models.CharField(max_length=30, blank=True, default="")
    consent = models.CharField(max_length=10, blank=True, default="")
    consent_at = models.DateTimeField(null=True)
    opener = models.BooleanField(default=False)
    barred = models.BooleanField(default=False)
    digest = models.BinaryField(max_length=16, null=True, unique=True)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_participant"
        indexes = [
            models.Index(fields=["post"], name="participant_post", condition=Q(post__isnull=False)),
            models.Index(fields=["unit"], name="participant_unit", condition=Q(unit__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["contact", "post", "unit"]), name="participant_kind"),
            models.CheckConstraint(
                condition=Q(consent__in=["", "asked", "given", "withdrawn"]), name="participant_consent"
            ),
        ]


class Value(models.Model):
    """What a form said last about one field. *personal*: the class of personal data, "" for none."""

    pk = models.CompositePrimaryKey("matter", "field")
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="values", db_index=False)
    field = models.CharField(max_length=40)
    value = models.JSONField()
    personal = models.CharField(max_length=20, blank=True, default="")
    keep = models.CharField(max_length=30, blank=True, default="")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_value"


class Paper(models.Model):
    """A document that was issued: its number and when. What it says is made from the matter by its template."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="papers")
    paper = models.CharField(max_length=40)
    number = models.CharField(max_length=80, blank=True, default="")
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "matters_paper"


class PaperCounter(models.Model):
    """The running number of a kind of document: by what its number says around it, and year."""

    scope = models.CharField(primary_key=True, max_length=120)
    n = models.PositiveIntegerField()

    class Meta:
        db_table = "matters_papercounter"


class Extension(models.Model):
    """More time that a clock was given, under which declared rule, and by whom (the event says)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="extensions")
    rule = models.CharField(max_length=40)
    cycle = models.PositiveSmallIntegerField()
    extension = models.CharField(max_length=40)
    was = models.DateTimeField()
    due = models.DateTimeField()
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "matters_extension"


class Session(models.Model):
    """An appointment of a matter: when, where, and with which post."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey("matters.Matter", on_delete=models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True, default="")
    post = models.ForeignKey("parties.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    seq = models.PositiveIntegerField()

    class Meta:
        db_table = "matters_session"
        indexes = [models.Index(fields=["post", "at"], name="session_post", condition=Q(post__isnull=False))]


class PinnedProcedure(models.Model):
    """The body of a version that has matters: it stays as it is, whatever becomes of the file it came from."""

    pk = models.CompositePrimaryKey("ident", "version")
    ident = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "matters_pinnedprocedure"
