"""The shapes of the machine door's answers on cases. Version 1: fields are added, never changed or removed."""

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict


class FieldFault(TypedDict):
    """What is wrong with one field: its name, a stable code, and a sentence in the reader's language."""

    field: str
    code: str
    sentence: str


class StepTaken(TypedDict):
    """A step in few words."""

    seq: int
    at: str
    step: str
    stage: str
    account: str


class RefusedBody(TypedDict):
    """Why a step was not taken, field by field; ``since`` is what happened after the version that was named."""

    code: str
    sentence: str
    facts: dict[str, str | int | float]
    fields: NotRequired[list[FieldFault]]
    version: NotRequired[int | None]
    since: NotRequired[list[StepTaken]]


class Refused(TypedDict):
    """The answer when a step is not taken."""

    error: RefusedBody


class CaseListed(TypedDict):
    """A case. Moments are in UTC; names are in both languages; a case without a place has no coordinates."""

    number: str
    city: str
    category: str
    category_name: str | None
    category_name_en: str | None
    channel: str
    stage: str
    state: str | None
    severity: int
    condition: str | None
    title: str
    title_en: Annotated[str | None, Field(description="where the publisher gives one")]
    description: str | None
    address: str | None
    grid: str
    lon: float | None
    lat: float | None
    reported_at: str
    due_at: str | None
    due_provisional: bool
    stage_at: str | None
    stage_due_at: str | None
    filed_at: str | None
    dispatched_at: str | None
    closed_at: str | None
    paused: bool
    paused_until: str | None
    unit: str | None
    assignee: str | None
    assignee_shown: Annotated[str | None, Field(description="the assignee's name on the page")]
    handler: str | None
    duplicate_of: str | None
    reworked: int
    reopened: int
    answered: bool | None
    solved: bool | None
    satisfied: bool | None
    version: int


class CaseEvent(TypedDict):
    """One step of a case's history; ``step`` is ``stage`` where only the stage is known, ``late`` that the stage before took too long."""

    seq: int
    at: str
    step: str
    step_name: str
    stage: str
    account: str | None
    actor: str | None
    unit: str | None
    remark: str | None
    details: dict[str, Any]
    place: list[float] | None
    attachments: list[str]
    late: bool


class StepOffered(TypedDict):
    """A step that the viewer may take now: its name, what it is called, and its fields."""

    step: str
    name: str
    needs: list[str]
    needs_one_of: list[str]
    takes: list[str]


class Reporter(TypedDict):
    """Who reported a case, masked."""

    name: str | None
    phone: str | None
    merged_from: str | None


class DeadlineLine(TypedDict):
    """One line of why a deadline is what it is: start, rule, counted, night, free, pause, provisional, due, closing or none."""

    kind: str
    text: str


class CaseDeadline(TypedDict):
    """A case's deadlines in the city's time zone, the number of the rule that they follow, and why, line by line."""

    due_at: str | None
    stage_due_at: str | None
    amber_at: str | None
    provisional: bool
    rule: int | None
    lines: list[DeadlineLine]


class CaseAnswer(TypedDict):
    """A case with its history and the steps that the viewer may take now; reporters only for who may see personal data."""

    version: str
    case: CaseListed
    deadline: CaseDeadline
    history: list[CaseEvent]
    steps: list[StepOffered]
    reporters: list[Reporter] | None


class StepAnswer(TypedDict):
    """A step that was taken: number, new version and stage, and the steps possible next; only the case tells of undo and remind."""

    version: str
    number: str
    case_version: int
    stage: str
    step: str
    seq: int
    at: str
    again: bool
    parts: list[str]
    steps: list[StepOffered]


class BulkResult(TypedDict):
    """What became of one case of many; in a preview ``ok`` says whether it could take the step."""

    number: str
    ok: bool
    case_version: int | None
    stage: str | None
    fields: list[FieldFault]
    unit: str | None
    rule: int | None


class UnitShare(TypedDict):
    """What a step on many cases brings a unit."""

    city: str
    unit: str
    n: int
    open: Annotated[int | None, Field(description="open cases that it has now; null where they are too many to count")]
    rules: Annotated[list[int], Field(description="numbers of the rules that send cases there")]


class BulkAnswer(TypedDict):
    """Results in the order of the cases that were named."""

    version: str
    preview: bool
    done: int
    refused: int
    results: list[BulkResult]
    units: Annotated[list[UnitShare], Field(description="of a preview: what each unit would get, the most first")]


class ForetoldArea(TypedDict):
    """An area in which a case would stand."""

    code: str
    name: str
    name_en: str
    level: str


class ForetoldPlace(TypedDict):
    """Where a case would stand: the cell and the areas above it, the smallest first, and its coordinates in WGS 84."""

    city: str
    area: str
    areas: list[ForetoldArea]
    lon: float | None
    lat: float | None
    method: str
    sentence: str


class ForetoldRoute(TypedDict):
    """Who would get a case as soon as it is filed: the unit, or nobody where it would wait for the dispatcher, and by which rule."""

    unit: str | None
    unit_name: str | None
    unit_name_en: str | None
    assignee: str | None
    rule: int | None
    sentence: str


class CaseForetold(TypedDict):
    """What would become of a report; without a place or a category, less is known."""

    version: str
    ok: bool
    fields: list[FieldFault]
    channel: str
    place: ForetoldPlace | None
    deadline: CaseDeadline | None
    route: ForetoldRoute | None
