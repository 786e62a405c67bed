"""Bodies of requests on rules, for the OpenAPI document; values are checked by ``data.rules``, which tells every fault of every field."""

from pydantic import BaseModel, ConfigDict, Field

from data.rules.duplicate_rules import MOST_DAYS, MOST_METRES
from data.rules.known import MOST_RULES
from routes.api.examples import DEMO_CITY

_DAY = "YYYY-MM-DD"


class RoutingRuleBody(BaseModel):
    """Where cases go; what is left out fits every case."""

    model_config = ConfigDict(extra="forbid")
    id: int | None = Field(default=None, description="Number of a rule that is there already; a new one has none")
    unit: str = Field(description="Code of a unit, or @grid_head: the head of the smallest area around the case", examples=["street-01"])
    category: str | None = Field(default=None, description="Code of a category; also for those below it", examples=["env"])
    area: str | None = Field(default=None, description="Code of an area or zone")
    channel: str | None = Field(default=None, description="Where the report came from")
    hours: str | None = Field(default=None, description="Time of day of the report, by the city's clock", examples=["18:00-08:00"])
    valid_from: str | None = Field(default=None, description=_DAY)
    valid_to: str | None = Field(default=None, description=_DAY)


class TrialBody(BaseModel):
    """Rules to try, in their order."""

    model_config = ConfigDict(extra="forbid")
    city: str = Field(description="Code of the city", examples=[DEMO_CITY])
    rules: list[RoutingRuleBody] = Field(max_length=MOST_RULES)


class RoutingBody(TrialBody):
    """All rules, in their order, and the state of the rules that was seen."""

    seen: str = Field(description="As the list of rules names it")


class DeadlineRuleBody(BaseModel):
    """Times allowed from a day on, such as 4 h, 4 wh (working hours), 2 wd (working days), 5 days."""

    model_config = ConfigDict(extra="forbid")
    category: str | None = Field(default=None, description="Code of a category; also for those below it. Left out: every other one")
    condition: str | None = None
    filing: str | None = Field(default=None, examples=["2 h"])
    dispatching: str | None = Field(default=None, examples=["2 h"])
    handling: str | None = Field(default=None, examples=["3 wd"])
    verifying: str | None = Field(default=None, examples=["4 wh"])
    closing: str | None = Field(default=None, description="When a case counts as solved")
    closing_en: str | None = None
    valid_from: str = Field(description="First day, today or later", examples=["2027-01-01"])
    valid_to: str | None = Field(default=None, description=_DAY)


class ReachBody(BaseModel):
    """How near cases of a category must be to be likely duplicates."""

    model_config = ConfigDict(extra="forbid")
    category: str | None = Field(default=None, description="Code of a category; also for those below it. Left out: every other one")
    radius_m: int = Field(ge=1, le=MOST_METRES, description="Metres", examples=[80])
    days: int = Field(ge=1, le=MOST_DAYS, description="Days", examples=[14])


class ReachTrialBody(ReachBody):
    """A row to try."""

    city: str = Field(description="Code of the city", examples=[DEMO_CITY])


class DuplicatesBody(BaseModel):
    """All rows of a city, and the state of them that was seen."""

    model_config = ConfigDict(extra="forbid")
    city: str = Field(description="Code of the city", examples=[DEMO_CITY])
    seen: str = Field(description="As the list of rules names it")
    rules: list[ReachBody] = Field(max_length=MOST_RULES)


class EndBody(BaseModel):
    """The last day of a rule."""

    model_config = ConfigDict(extra="forbid")
    id: int
    valid_to: str = Field(description="Last day, today or later", examples=["2026-12-31"])


class DeadlinesBody(BaseModel):
    """New rules and later versions, ends, and rules that have not begun and are taken back."""

    model_config = ConfigDict(extra="forbid")
    city: str = Field(description="Code of the city", examples=[DEMO_CITY])
    seen: str = Field(description="As the list of rules names it")
    rules: list[DeadlineRuleBody] = Field(default_factory=list, max_length=MOST_RULES)
    ends: list[EndBody] = Field(default_factory=list, max_length=MOST_RULES)
    withdraw: list[int] = Field(default_factory=list, description="Numbers of rules that have not begun", max_length=MOST_RULES)
    restore: int | None = Field(default=None, description="Instead of all this: number of a change; rules become what they were before it")


class WeekBody(BaseModel):
    """Hours of each weekday, and of make-up workdays; nothing is a free day."""

    model_config = ConfigDict(extra="forbid")
    valid_from: str = Field(description="First day, today or later", examples=["2027-01-01"])
    mon: str = Field(default="", examples=["09:00-12:00 13:30-17:30"])
    tue: str = ""
    wed: str = ""
    thu: str = ""
    fri: str = ""
    sat: str = ""
    sun: str = ""
    make_up: str = Field(default="", description="Left out: those of the weekday, or of the first day that has any")


class HoursBody(BaseModel):
    """Working hours from a day on, or a version that has not begun and is taken back."""

    model_config = ConfigDict(extra="forbid")
    city: str = Field(description="Code of the city", examples=[DEMO_CITY])
    seen: str = Field(description="“seen_hours” of the calendar")
    hours: WeekBody | None = None
    withdraw: str | None = Field(default=None, description="First day of hours that have not begun")


class PartBody(BaseModel):
    """An indicator with its weight."""

    model_config = ConfigDict(extra="forbid")
    indicator: str = Field(description="Code of an indicator", examples=["closing_rate"])
    weight: str = Field(description="A number above 0; weights need not add up to anything", examples=["0.4"])
    best: str | None = Field(default=None, description="Value for 100 points; shares from 0 to 1", examples=["1"])
    worst: str | None = Field(default=None, description="Value for 0 points", examples=["0"])


class VersionBody(BaseModel):
    """Weights from a day on."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(examples=["综合评价"])
    name_en: str | None = None
    valid_from: str = Field(description="First day; before today only where nothing was graded yet", examples=["2027-01-01"])
    parts: list[PartBody] = Field(min_length=1)


class WeightsBody(BaseModel):
    """A version of the weights, and versions that have not begun and are taken back."""

    model_config = ConfigDict(extra="forbid")
    city: str = Field(description="Code of the city", examples=[DEMO_CITY])
    seen: str = Field(description="As the list of weights names it")
    weights: VersionBody | None = None
    withdraw: list[int] = Field(default_factory=list, description="Numbers of versions that have not begun", max_length=MOST_RULES)
