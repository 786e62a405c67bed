"""Shapes of answers of the data hub."""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

State = Literal["on_time", "late", "failed", "empty", "never", "not_due"]
Level = Literal["city", "district", "street", "community"]


class Share(TypedDict):
    """A share with what it was counted from; ``value`` is null where nothing was."""

    numerator: int | None
    denominator: int | None
    value: float | None


class DepartmentTold(TypedDict):
    """A column of the matrix; ``hidden``: this account may not see how its feeds stand."""

    code: str
    name: str
    short: str
    group: str
    hidden: bool


class LevelTold(TypedDict):
    """A row of the matrix: city, district, street or community."""

    level: Level
    name: str
    feeds: int
    on_time_share: Share


class Cell(TypedDict):
    """A crossing of a level and a department: the state is that of its worst feed, and a hidden one has no numbers."""

    level: Level
    department: str
    feeds: int | None
    state: State | None
    late_days: Annotated[int | None, Field(description="Working days after the expected moment")]
    arrived: Annotated[str | None, Field(description="When the newest delivery came")]
    records: int | None
    completeness: Annotated[float | None, Field(description="Share of declared fields that are filled, 0 to 1")]
    hidden: bool


class StateCounts(TypedDict):
    """Counts by state; ``not_due`` is no fault: nothing was expected yet."""

    on_time: int
    late: int
    failed: int
    empty: int
    never: int
    not_due: int


class Totals(TypedDict):
    """Sums of the crossings that are not hidden; quarantined and read are of the last seven days."""

    feeds: int
    crossings: StateCounts
    by_state: Annotated[StateCounts, Field(description="Feeds by state")]
    records: int
    completeness: float | None
    quarantined: int
    read: int
    on_time_share: Annotated[Share, Field(description="Feeds that are on time, of those of which anything was due")]


class WorstFeed(TypedDict):
    """A feed that needs somebody, the worst first."""

    feed: str
    name: str
    level: Level
    department: str
    state: State
    late_days: int
    due_at: str | None
    problem: Annotated[str | None, Field(description="Why its last delivery could not be landed")]
    contact: Annotated[str | None, Field(description="Who answers for it")]


class HubAnswer(TypedDict):
    """The matrix of a day, as it stood at the day's end, or as it stands now."""

    version: str
    city: str
    day: str
    departments: list[DepartmentTold]
    levels: list[LevelTold]
    cells: list[Cell]
    totals: Totals
    worst: list[WorstFeed]


class DayCounts(TypedDict):
    """A day: its feeds, and its crossings, by state."""

    day: str
    feeds: StateCounts
    crossings: StateCounts


class HistoryAnswer(TypedDict):
    """The last year, day by day."""

    version: str
    city: str
    days: list[DayCounts]


class Week(TypedDict):
    """A week from its Monday: the worst state of any of its days, and how many feeds had each."""

    monday: str
    state: State
    feeds: StateCounts


class LevelWeeks(TypedDict):
    """The weeks of one level."""

    level: Level
    weeks: list[Week]


class FeedStand(TypedDict):
    """A feed of a department, and how it stood at the end of a day."""

    feed: str
    name: str
    level: Level
    state: State
    late_days: int


class WeeksAnswer(TypedDict):
    """A department's last 52 weeks at each level."""

    version: str
    city: str
    department: str
    name: str
    hidden: bool
    feeds: list[FeedStand]
    levels: list[LevelWeeks]


class FieldTold(TypedDict):
    """A field of a contract."""

    code: str
    name: str
    type: str
    required: bool
    # its class: ordinary, personal, sensitive, trade_secret or state_secret
    kept: Annotated[str, Field(description="Its class: ordinary, personal, sensitive, trade_secret or state_secret")]


class ContractTold(TypedDict):
    """A version of what was agreed, and how it differs from the one before."""

    version: int
    since: str
    cadence: Annotated[str, Field(description="When it is due, in words")]
    by: Annotated[str, Field(description="How it comes: push, folder, https or sql")]
    contact: str | None
    phone: str | None
    fields: list[FieldTold]
    changes: list[str]


class Counted(TypedDict):
    """A reason in words, and how many rows."""

    code: str
    sentence: str
    rows: int


class RejectedRow(TypedDict):
    """A row that could not be read."""

    row: int
    reason: str
    facts: dict[str, Any]


class QuarantinedRow(TypedDict):
    """A row that breaks a rule."""

    id: int
    row: int
    rules: list[str]
    held: dict[str, Any]


class DeliveryTold(TypedDict):
    """What came, and what became of it: rows = loaded + rejected, and quarantined lie within loaded."""

    id: int
    state: Annotated[str, Field(description="received, landing, landed, empty, failed or replaced")]
    name: str
    size: int
    via: str
    due_at: str | None
    received_at: str
    landed_at: str | None
    rows: int
    loaded: int
    rejected: int
    quarantined: int
    problem: str | None


class DeliveryAnswer(DeliveryTold):
    """A delivery."""

    version: str
    city: str
    feed: str
    rejects: list[Counted]
    quarantine: list[Counted]


class Quality(TypedDict):
    """One of the six properties of GB/T 36344, and how it is counted."""

    property: Literal["normative", "complete", "accurate", "consistent", "timely", "accessible"]
    name: str
    share: Share
    sentence: str


class LineageUp(TypedDict):
    """A file that rows came from."""

    delivery: int
    name: str
    rows: int
    received_at: str


class LineageDown(TypedDict):
    """What waits for the feed."""

    sort: Literal["indicator", "score", "warning", "list", "layer", "section", "public"]
    code: str
    name: str


class Lineage(TypedDict):
    """Where rows come from, the table that they are in, and what waits for them."""

    up: list[LineageUp]
    table: str
    down: list[LineageDown]


class Now(TypedDict):
    """What was expected, and how it stands."""

    day: str | None
    state: State | None
    late_days: int
    due_at: str | None
    arrived_at: str | None
    records: int
    completeness: float | None


class FeedAnswer(TypedDict):
    """Everything about one feed; of a hidden one its name and what waits for it."""

    version: str
    city: str
    feed: str
    name: str
    pack: str
    kind: str
    level: Level
    department: str
    department_name: str
    hidden: bool
    paused_until: str | None
    now: Now
    contracts: list[ContractTold]
    deliveries: list[DeliveryTold]
    rejects: list[Counted]
    quarantine: list[Counted]
    rejected_rows: Annotated[list[RejectedRow], Field(description="With the right to imports alone")]
    quarantined_rows: Annotated[list[QuarantinedRow], Field(description="With the right to imports alone")]
    quality: list[Quality]
    lineage: Lineage


class PushAnswer(TypedDict):
    """What became of a push: taken, or known (the same was sent before)."""

    version: str
    city: str
    feed: str
    result: Literal["taken", "known"]
    delivery: int
    address: str
