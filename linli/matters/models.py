"""What a matter is in the database.

Personal text stands apart (Statement, Remark) from the history (Event), which holds only salted digests of it:
erasing the text
leaves the chain valid. Events, firings and assignments are append-only; a trigger refuses to edit them.
"""

from django.db import models
from django.db.models import F, Q

from linli.core.ids import uuid7


def area_field(**extra: object) -> models.CharField[str, str]:
    """An area: a place's code prefix, compared bytewise so that “inside” is a range scan."""
    return models.CharField(max_length=15, db_collation="C", blank=True, default="", **extra)  # type: ignore[arg-type]


class Matter(models.Model):
    """Anything that must be handled. Its columns are the present; its events are how it came to be so.

    *due_at*/*warn_at* repeat the soonest running clock's instants, so that every list sorts and colours by one index.
    *seq*/*head* repeat the last event's number and hash.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    tracking_digest = models.BinaryField(max_length=16, unique=True)
    bundle = models.UUIDField()
    procedure = models.CharField(max_length=60)
    procedure_version = models.PositiveIntegerField()
    stage = models.CharField(max_length=30)
    category = models.CharField(max_length=160, db_collation="C", blank=True, default="")
    kind = models.CharField(max_length=20, default="request")
    area = area_field()
    level = models.CharField(max_length=10)
    holder_post = models.ForeignKey(
        "parties.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    holder_unit = models.ForeignKey(
        "parties.Unit", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=20)
    urgent = models.BooleanField(default=False)
    sure = models.BooleanField(default=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    outcome = models.CharField(max_length=20, blank=True, default="")
    rating = models.PositiveSmallIntegerField(null=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged", db_index=False)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children", db_index=False)
    seq = models.PositiveIntegerField()
    head = models.BinaryField(max_length=32)
    updated_at = models.DateTimeField()
    sealed = models.CharField(max_length=12, db_default="", default="")  # who sees it: holder and participants alone

    class Meta:
        db_table = "matters_matter"
        indexes = [
            models.Index(fields=["area", "due_at"], name="matter_open_area", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["area", "id"], name="matter_area"),
            models.Index(
                fields=["holder_post", "due_at"], name="matter_open_post", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["holder_unit", "id"], name="matter_unit"),
            models.Index(fields=["bundle"], name="matter_bundle", condition=~Q(bundle=F("id"))),
            models.Index(fields=["merged_into"], name="matter_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["parent"], name="matter_parent", condition=Q(parent__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)), name="matter_rating"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="matter_not_self"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Statement(models.Model):
    """What a resident said, and how to reach them: the personal part of a matter, erasable on its own."""

    matter = models.OneToOneField(Matter, primary_key=True, on_delete=models.PROTECT, related_name="statement")
    text = models.TextField()
    part = models.TextField(blank=True, default="")
    contact_name = models.CharField(max_length=60, blank=True, default="")
    contact_phone = models.CharField(max_length=30, blank=True, default="")
    contact_email = models.CharField(max_length=120, blank=True, default="")
    address = models.CharField(max_length=300, blank=True, default="")
    lon = models.FloatField(null=True)
    lat = models.FloatField(null=True)
    given = models.CharField(max_length=10, blank=True, default="")
    language = models.CharField(max_length=10, blank=True, default="")
    reading = models.JSONField(default=dict)
    salt = models.BinaryField(max_length=16)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_statement"


class Event(models.Model):
    """One unalterable line of a matter's history, chained by hash to the one before."""

    pk = models.CompositePrimaryKey("matter", "seq")
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor = models.CharField(max_length=60)
    actor_name = models.CharField(max_length=60, blank=True, default="")
    step = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    prev = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "matters_event"


class Remark(models.Model):
    """Free text that came with an event; the event holds its salted digest."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="remarks")
    seq = models.PositiveIntegerField()
    field = models.CharField(max_length=40)
    text = models.TextField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_remark"


class Clock(models.Model):
    """A running deadline. *next_at* is the precomputed instant of its next threshold; the sweeper looks at nothing
    else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="clocks", db_index=False)
    rule = models.CharField(max_length=40)
    cycle = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=8)
    span = models.CharField(max_length=30)
    calendar = models.CharField(max_length=40)
    started_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    rung = models.SmallIntegerField(default=-1)
    next_at = models.DateTimeField(null=True)
    remaining = models.BigIntegerField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_clock"
        constraints = [
            models.UniqueConstraint(fields=["matter", "rule", "cycle"], name="clock_once"),
            models.CheckConstraint(condition=Q(state__in=["open", "paused", "stopped"]), name="clock_state"),
            models.CheckConstraint(condition=Q(state="open") | Q(next_at__isnull=True), name="clock_next_open"),
        ]
        indexes = [models.Index(fields=["next_at"], name="clock_next", condition=Q(state="open"))]


class Firing(models.Model):
    """A threshold of a clock that has been handled: the primary key lets each happen once."""

    pk = models.CompositePrimaryKey("clock", "threshold")
    clock = models.ForeignKey(Clock, on_delete=models.PROTECT, related_name="firings", db_index=False)
    threshold = models.CharField(max_length=10)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="+", db_index=False)
    due = models.DateTimeField()
    at = models.DateTimeField()
    late = models.BooleanField(default=False)

    class Meta:
        db_table = "matters_firing"


class Assignment(models.Model):
    """Who was given a matter, when, and why this one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="assignments")
    post = models.ForeignKey("parties.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey("parties.Unit", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    role = models.CharField(max_length=10, default="lead")
    at = models.DateTimeField()
    reopened = models.PositiveSmallIntegerField(default=0)
    reason = models.JSONField(default=dict)

    class Meta:
        db_table = "matters_assignment"
        indexes = [models.Index(fields=["post", "matter"], name="assignment_post")]


class Evidence(models.Model):
    """A photo or file that a step carried; the bytes stand in the media store under their hash."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="evidence")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_evidence"


class Counter(models.Model):
    """The running number of the human code: per area and day."""

    pk = models.CompositePrimaryKey("area", "day")
    area = models.CharField(max_length=15, db_collation="C")
    day = models.CharField(max_length=8, db_collation="C")
    n = models.PositiveIntegerField()

    class Meta:
        db_table = "matters_counter"


class Seal(models.Model):
    """The published head: a hash over the heads of every chain that moved since the last seal."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    until = models.DateTimeField()
    count = models.PositiveIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        db_table = "matters_seal"


class Beat(models.Model):
    """When a loop last ran and trusted the time."""

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "matters_beat"


class SavedFilter(models.Model):
    """A list that somebody at the desk keeps under a name."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey("parties.Person", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=500)

    class Meta:
        db_table = "matters_savedfilter"
        constraints = [models.UniqueConstraint(fields=["person", "name"], name="filter_once")]


class Notice(models.Model):
    """A line in somebody's inbox. *key* makes a repeated delivery show once."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.CharField(max_length=120, unique=True)
    post = models.ForeignKey("parties.Post", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    matter = models.ForeignKey(Matter, on_delete=models.PROTECT, related_name="notices", db_index=False)
    kind = models.CharField(max_length=30)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "matters_notice"
        indexes = [models.Index(fields=["post", "-at"], name="notice_unseen", condition=Q(seen_at__isnull=True))]


from linli.matters.case_models import (  # noqa: E402, F401 - Django finds tables here
    Extension,
    Paper,
    PaperCounter,
    Participant,
    PinnedProcedure,
    Session,
    Value,
)
from linli.matters.learning_models import Advice, Correction  # noqa: E402, F401 - Django finds tables here
from linli.matters.likeness_models import Likeness  # noqa: E402, F401 - Django finds tables here
from linli.matters.shift_models import Shift  # noqa: E402, F401 - Django finds tables here
