"""The models of a pack, key by key; ``docs/packs.md`` is their reference.

Models are strict and frozen. A part that is named by its key in the file (``[kinds.firm]``) knows that name as its ``code``. What one part
says about another one (a feed's kind, a layer's colour) is not looked at here but in ``checking.py``, so that all faults are told at once.
"""

# ruff: noqa: RUF012  pydantic copies defaults, so that a mutable one is not shared
import datetime as dt
from typing import Annotated, Literal, TypeVar

from pydantic import BeforeValidator, ConfigDict, field_validator
from pydantic import Field as Key

from data.importing.profile.source import Source
from data.importing.profile.spec import BothLanguages, Column, Strict, Words, as_list
from data.packs.declaration.cadence import Cadence, parse_cadence
from data.packs.declaration.parts import check_expression, check_number, need_both

FieldType = Literal["text", "integer", "decimal", "yes_no", "date", "moment", "month", "code", "link"]
FieldClass = Literal["ordinary", "personal", "sensitive", "trade_secret", "state_secret"]
Subject = Literal["organisation", "place", "category", "person", "event", "observation"]
Level = Literal["city", "district", "street", "community"]
Severity = Literal["critical", "urgent", "ordinary", "minor"]

SCORED: tuple[Subject, ...] = ("organisation", "place", "category")
"""What may be scored. A person never is."""
CLOSED: tuple[FieldClass, ...] = ("personal", "sensitive", "trade_secret", "state_secret")
"""Classes of fields that are not for everybody."""
SECRET: tuple[FieldClass, ...] = ("trade_secret", "state_secret")
NUMBERS: tuple[FieldType, ...] = ("integer", "decimal")
DAYS: tuple[FieldType, ...] = ("date", "moment", "month")

Name = Annotated[Words, BeforeValidator(need_both)]
"""What people call a thing: in both languages, each of them written out."""
Expression = Annotated[str, BeforeValidator(check_expression)]
"""Text of the small language of ``data/packs/expressions``; parsed and typed by ``checking.py``."""
Number = Annotated[float, BeforeValidator(check_number)]
"""A number and not a yes or a text; neither infinite nor “nan”."""
Codes = Annotated[list[str], BeforeValidator(as_list)]

CODE_KEY = "@code"
"""Where a part's own name is put; no file may write it."""


class Exact(Strict):
    """Nothing is guessed: a yes is no number, and a text no yes."""

    model_config = ConfigDict(strict=True)


class Coded(Exact):
    """A part that is named by its key in the file."""

    code: str = Key(default="", validation_alias=CODE_KEY)


Part = TypeVar("Part", bound=Coded)


def _name_parts(parts: dict[str, Part]) -> dict[str, Part]:
    return {code: part.model_copy(update={"code": code}) for code, part in parts.items()}


class Field(Coded):
    """One field of a record."""

    name: Name
    about: Name | None = None
    type: FieldType
    unit: BothLanguages | None = None
    codes: dict[str, Name] = {}
    to: str | None = None
    required: bool = False
    owner: str | None = None
    class_: FieldClass = Key(default="ordinary", alias="class")
    sees: Codes | None = None
    min: Number | None = None
    max: Number | None = None

    @property
    def is_open(self) -> bool:
        """Whether everybody who sees a record sees this field."""
        return self.class_ == "ordinary" and self.sees is None


class Place(Exact):
    """How a record finds its place."""

    by: Literal["point", "building", "area", "link"]
    lon: str | None = None
    lat: str | None = None
    field: str | None = None


class Kind(Coded):
    """One kind of records: a table."""

    name: Name
    plural: Name | None = None
    about: Name | None = None
    subject: Subject
    key: Codes = Key(min_length=1, max_length=8)
    title: str | None = None
    day: str | None = None
    place: Place | None = None
    keep_months: int | None = Key(default=None, ge=1, le=1200)
    fields: dict[str, Field] = Key(min_length=1, max_length=400)

    _codes = field_validator("fields", mode="after")(_name_parts)


class Transport(Exact):
    """How a feed's deliveries come."""

    by: Literal["push", "upload", "folder", "https", "sql"] = "push"
    files: Codes = []
    url: str | None = None
    server: str | None = None
    query: str | None = None


class Contact(Exact):
    """Who answers for a feed."""

    name: str = Key(min_length=1, max_length=80)
    phone: str | None = Key(default=None, max_length=40)
    email: str | None = Key(default=None, max_length=200)


class FeedSource(Source):
    """What a feed says about its files; which files they are, its transport says."""

    subject: Literal["feed"] = "feed"
    file: Codes = []


class Feed(Coded):
    """Regular deliveries of one kind's records by one department."""

    name: Name
    about: Name | None = None
    kind: str
    department: str
    level: Level
    cadence: Annotated[Cadence, BeforeValidator(parse_cadence)]
    shift: Literal["next", "previous", "none"] = "next"
    grace_hours: int = Key(default=0, ge=0, le=720)
    may_be_empty: bool = False
    transport: Transport = Transport()
    contact: Contact | None = None
    valid_from: dt.date
    valid_to: dt.date | None = None
    source: FeedSource = FeedSource()
    columns: dict[str, Column] = Key(min_length=1)


class Rule(Coded):
    """A condition that is true of faulty rows."""

    kind: str
    when: Expression
    then: Literal["quarantine", "mark"]
    reason: Name


class Indicator(Coded):
    """A figure by area and period."""

    name: Name
    about: Name | None = None
    kind: str
    numerator: Expression
    denominator: Expression | None = None
    where: Expression | None = None
    unit: BothLanguages | None = None
    better: Literal["lower", "higher", "neither"] = "neither"
    least: int = Key(default=0, ge=0)


class Levels(Exact):
    """Below which score each level begins; what is not given has no level of its own."""

    high: Number | None = None
    medium: Number | None = None
    watch: Number | None = None


class ScorePart(Exact):
    """One reason for which points are taken."""

    name: Name
    takes: Expression
    shows: Expression | None = None
    unit: BothLanguages | None = None
    limit: Name | None = None


class Score(Coded):
    """Points of an organisation, a place or a category; never of a person."""

    name: Name
    about: Name | None = None
    kind: str
    of: str
    begins_at: Number = 100
    levels: Levels = Levels()
    parts: list[ScorePart] = Key(min_length=1, max_length=40)


class CaseTemplate(Exact):
    """The case that a warning opens."""

    category: str
    title: Name
    severity: Severity = "ordinary"
    department: str | None = None


class Warning_(Coded):
    """When a score is worth a word, and the case that then is opened."""

    name: Name
    about: Name | None = None
    score: str
    when: Expression
    case: CaseTemplate | None = None


class ListOfRecords(Coded):
    """Records that somebody has to see, most pressing first."""

    name: Name
    about: Name | None = None
    kind: str
    where: Expression | None = None
    due: Expression | None = None
    order: Codes = []
    columns: Codes = Key(min_length=1)


class Layer(Coded):
    """Records or figures on the map."""

    name: Name
    as_: Literal["points", "areas", "columns"] = Key(alias="as")
    kind: str | None = None
    where: Expression | None = None
    colour: str | None = None
    height: str | None = None
    tooltip: Codes = []
    min_zoom: Number | None = None


class PackPage(Exact):
    """The pack's page: key figures, map, lists and the trend."""

    figures: Codes = []
    map: Codes = []
    lists: Codes = []
    trend: str | None = None


class Section(Coded):
    """A section of reports."""

    name: Name
    indicators: Codes = []
    lists: Codes = []
    by: Literal["district", "street", "community", "grid"] | None = None
    text: Name | None = None


class Public(Coded):
    """Of which records and fields everybody may know, without signing in. Its code is the kind's."""

    fields: Codes = Key(min_length=1)
    where: Expression | None = None
    order: Codes = []


class Pack(Coded):
    """A theme pack."""

    code: str
    version: int = Key(ge=1, le=2**31 - 1)
    name: Name
    about: Name | None = None
    group: Name | None = None
    department: str
    icon: str | None = None
    kinds: dict[str, Kind] = Key(min_length=1, max_length=200)
    feeds: dict[str, Feed] = {}
    rules: dict[str, Rule] = {}
    indicators: dict[str, Indicator] = {}
    scores: dict[str, Score] = {}
    warnings: dict[str, Warning_] = {}
    lists: dict[str, ListOfRecords] = {}
    layers: dict[str, Layer] = {}
    page: PackPage = PackPage()
    sections: dict[str, Section] = {}
    public: dict[str, Public] = {}

    _kinds = field_validator("kinds", mode="after")(_name_parts)
    _feeds = field_validator("feeds", mode="after")(_name_parts)
    _rules = field_validator("rules", mode="after")(_name_parts)
    _indicators = field_validator("indicators", mode="after")(_name_parts)
    _scores = field_validator("scores", mode="after")(_name_parts)
    _warnings = field_validator("warnings", mode="after")(_name_parts)
    _lists = field_validator("lists", mode="after")(_name_parts)
    _layers = field_validator("layers", mode="after")(_name_parts)
    _sections = field_validator("sections", mode="after")(_name_parts)
    _public = field_validator("public", mode="after")(_name_parts)

    def owner_of(self, field: Field) -> str:
        """The department that is master of a field."""
        return field.owner or self.department


class Department(Exact):
    """A department: a column of the matrix."""

    code: str
    name: Name
    short: Name
    group: Name


class Departments(Exact):
    """``departments.toml``: the departments in the order of the matrix."""

    departments: list[Department] = Key(min_length=1, max_length=200)
