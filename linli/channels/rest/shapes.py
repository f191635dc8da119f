"""What the API answers with, as the OpenAPI document describes it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

Colour = Literal["red", "yellow", "green", "grey"]


class Problem(Schema):
    """RFC 9457. ``code`` names the refusal, ``detail`` says what to do next in the language of Accept-Language."""

    model_config = ConfigDict(extra="allow")
    type: str
    title: str
    status: int
    detail: str
    code: str
    params: dict[str, Any] = {}
    field: str | None = Field(None, description="which part of the request is meant")


class Named(Schema):
    id: str
    name: str


class CategoryRef(Schema):
    code: str
    name: str


class PlaceRef(Schema):
    area: str
    name: str


class Holder(Schema):
    """Whose hands it is in; ``name`` is empty while only a unit holds it."""

    name: str
    unit: str


class Row(Schema):
    """A matter in a list: no personal text."""

    id: UUID
    code: str
    stage: Named
    category: CategoryRef
    place: PlaceRef
    kind: str
    level: str
    urgent: bool
    sure: bool
    colour: Colour | None = Field(None, description="colour of the soonest running clock; null once closed")
    due_at: datetime | None
    warn_at: datetime | None
    opened_at: datetime
    closed_at: datetime | None
    updated_at: datetime
    holder: Holder | None
    channel: str
    reopened: int
    outcome: str
    rating: int | None
    merged_into: UUID | None
    seq: int


class Page(Schema):
    """One page, newest first. ``next`` is the cursor of the following one, null at the end."""

    items: list[Row]
    next: str | None


class ClockShape(Schema):
    id: str
    name: str
    cycle: int
    state: Literal["open", "paused", "stopped"]
    colour: Colour
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    within: str
    breached: bool


class FileShape(Schema):
    kind: str
    sha256: str
    media_type: str
    size: int


class EventShape(Schema):
    """One line of the history; ``texts`` are empty once erased."""

    seq: int
    at: datetime
    step: str
    name: str
    actor_kind: str
    actor_name: str
    texts: dict[str, str]
    data: dict[str, Any]
    files: list[FileShape]
    hash: str


class FieldShape(Schema):
    id: str
    type: str
    name: str
    required: bool
    limit: int
    choices: list[Named]
    help: str = ""
    group: str = Field("", description="the heading it stands under")
    when: list[Any] | None = Field(None, description="asked for only where this tree holds: [op, a, b]")
    personal: str = Field("", description="its class of personal data")


class StepShape(Schema):
    """A step; ``evidence``: it has to be shown with files what was done; ``files``: files may come with it."""

    id: str
    name: str
    fields: list[FieldShape]
    evidence: bool
    files: bool


class AlikeShape(Schema):
    """A matter that may be the same problem, of those the caller may see."""

    matter: UUID
    code: str
    likeness: float = Field(description="0 to 1")
    same_person: bool = Field(description="the same contact reported both")
    reasons: list[str]


class Detail(Row):
    """A matter as a member of staff or a system of the city reads it."""

    text: str = Field(description="what was said in this part; empty once erased")
    address: str
    contact: dict[str, str] | None = Field(None, description="only for people of the centre and the holder")
    given: dict[str, Any] = Field(description="what the sender's system said beside the words: links, answers, source")
    clocks: list[ClockShape]
    history: list[EventShape]
    steps: list[StepShape] = Field(description="the steps that the caller may take now")
    duplicates: list[AlikeShape] = Field(
        description="matters that may be the same problem, nobody having decided; best first"
    )


class PublicEvent(Schema):
    seq: int
    at: datetime
    step: str
    name: str
    texts: dict[str, str]


class Tracked(Schema):
    """A matter as its resident sees it with the private code."""

    id: UUID
    code: str
    stage: Named
    category: CategoryRef
    place: PlaceRef
    text: str
    opened_at: datetime
    closed_at: datetime | None
    holder: Holder | None
    outcome: str
    rating: int | None
    seq: int
    clocks: list[ClockShape]
    history: list[PublicEvent]
    steps: list[StepShape]


class Take(Schema):
    """A step: its form, and files by the references that ``POST files`` gave."""

    model_config = ConfigDict(extra="forbid")
    form: dict[str, Any] = Field(default_factory=dict)
    files: list[str] = Field(default_factory=list, max_length=9)


class Uploaded(Schema):
    """A stored file. ``ref`` goes into a step within 24 hours."""

    ref: str
    kind: str
    sha256: str
    media_type: str
    size: int
    width: int | None
    height: int | None


class ReadIn(Schema):
    """A message to understand; nothing is stored."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=20_000)
    lon: float | None = None
    lat: float | None = None
    crs: Literal["wgs84", "cgcs2000", "gcj02", "bd09"] = "wgs84"
    area: str = Field("", max_length=15)
    near: str = Field("", max_length=15)


class ReadOut(Schema):
    """What was understood, with reasons in both languages."""

    model_config = ConfigDict(extra="allow")
    text: str
    parts: list[dict[str, Any]]
    kind: str
    urgent: bool
    sure: bool
    version: str


class ClockRuleShape(Schema):
    id: str
    name: str
    starts: list[str]
    stops: list[str]
    within: str | None
    source: str


class StageShape(Schema):
    id: str
    name: str
    kind: str


class DeclaredStep(StepShape):
    model_config = ConfigDict(populate_by_name=True)
    from_: list[str] = Field(alias="from")
    to: str
    by: list[str]


class ProcedureRow(Schema):
    id: str
    version: int
    name: str
    source: str


class ProcedureShape(ProcedureRow):
    stages: list[StageShape]
    steps: list[DeclaredStep]
    clocks: list[ClockRuleShape]


class Category(Schema):
    """A leaf of the catalogue, or a node with what is below it."""

    code: str
    name: str
    children: list["Category"] | None = None
    description: str | None = None
    kind: str | None = None
    respond: str | None = None
    complete: str | None = None
    evidence: str | None = None
    source: str | None = None


class Categories(Schema):
    version: str
    items: list[Category]


class Place(Schema):
    area: str
    code: str
    name: str
    level: str
    kind: str
    lon: float | None
    lat: float | None


class Places(Schema):
    items: list[Place]


class Located(Schema):
    """The lowest drawn place at a point and all above it, city first."""

    area: str
    chain: list[Place]


class GeoJson(Schema):
    model_config = ConfigDict(extra="allow")
    type: Literal["FeatureCollection"]
    features: list[dict[str, Any]]


class Unit(Schema):
    id: UUID
    name: str
    kind: str
    level: str
    area: str


class Units(Schema):
    items: list[Unit]


class Seal(Schema):
    """A published head over the chains that moved; ``hash`` is hexadecimal SHA-256."""

    number: int
    at: datetime
    until: datetime
    count: int
    hash: str


class Seals(Schema):
    items: list[Seal]


class Clockless(Schema):
    id: str
    name: str
    state: str
    started_at: datetime
    warn_at: datetime
    due_at: datetime
    within: str


class NewOne(Schema):
    """One matter of an accepted message. Fields beyond the place are missing when the key was used before."""

    model_config = ConfigDict(extra="allow")
    id: UUID
    code: str
    tracking: str
    tracking_url: str
    stage: Named
    category: CategoryRef
    place: PlaceRef


class Receipt(Schema):
    """What was understood, who is responsible, by when. ``tracking`` is the resident's private code: keep it."""

    id: UUID
    code: str
    tracking: str
    tracking_url: str
    repeated: bool
    matters: list[NewOne]
