"""The shapes of answers about rules and calendars. Days are those of the city; moments are in UTC."""

from typing import Annotated, Any, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from data.rules.effects import EffectTold
from data.rules.faults import FaultTold
from data.rules.routing_rules import Remark


class RuleCityTold(TypedDict):
    """The city whose rules they are, and whether the account may change them."""

    code: str
    name: str
    name_en: str
    timezone: str
    today: str
    may_change: bool


class ChangeTold(TypedDict):
    """Who changed rules; ``before`` are the rules as they were. Told to accounts whose area is the whole city."""

    id: int
    at: str
    account: str
    facts: dict[str, Any]
    before: list[dict[str, Any]] | None


class Named(TypedDict):
    """A code with its names in both languages."""

    code: str
    name: str
    name_en: str


class CategoryTold(Named):
    """A category of cases, with the one above it, and its name in pinyin, one syllable for each character."""

    parent: str | None
    symbol: str
    pinyin: list[str]


class RoutingRuleTold(TypedDict):
    """A rule of routing; what is null fits every case. ``unit`` may be ``@grid_head``."""

    id: int
    unit: str
    category: str | None
    area: str | None
    channel: str | None
    hours: str | None
    valid_from: str | None
    valid_to: str | None


class RoutingRules(TypedDict):
    """A city's rules of routing in their order, and what is odd about them; ``seen`` names this state of them."""

    version: str
    seen: str
    city: RuleCityTold
    rules: list[RoutingRuleTold]
    remarks: list[Remark]
    areas: list[Named]
    categories: list[CategoryTold]
    channels: list[str]
    changes: list[ChangeTold]


class DeadlineRuleTold(TypedDict):
    """A rule of deadlines. ``category`` is null for every category without a rule; ``cases`` are open ones that follow it."""

    id: int
    category: str | None
    condition: str | None
    filing: str | None
    dispatching: str | None
    handling: str | None
    verifying: str | None
    closing: str
    closing_en: str
    valid_from: str | None
    valid_to: str | None
    cases: int


class DeadlineRules(TypedDict):
    """A city's rules of deadlines, old ones too; ``seen`` names this state of them."""

    version: str
    seen: str
    city: RuleCityTold
    rules: list[DeadlineRuleTold]
    categories: list[CategoryTold]
    changes: list[ChangeTold]


class ReachTold(TypedDict):
    """How near cases of a category must be to be likely duplicates; ``category`` is null for every category without a row of its own."""

    category: str | None
    radius_m: int
    days: int


class DuplicateRules(TypedDict):
    """A city's rows of how near likely duplicates are, and those of all cities, which stand where it has none."""

    version: str
    seen: str
    city: RuleCityTold
    rules: list[ReachTold]
    usual: list[ReachTold]
    categories: list[CategoryTold]
    changes: list[ChangeTold]


class ReachTried(TypedDict):
    """What a reach would have found for the latest cases of 30 days: how many have a likely duplicate reported before, and all pairs."""

    version: str
    first: str
    last: str
    looked_at: int
    found: int
    pairs: int


class CalendarDayTold(TypedDict):
    """A holiday (``off``) or make-up workday (``work``), from the library or uploaded."""

    day: str
    kind: str
    name: str
    name_en: str
    origin: str


class WeekTold(TypedDict):
    """Hours of the days of a week, Monday first, then those of make-up workdays; an empty text is a free day."""

    valid_from: str | None
    hours: list[str]


class CalendarTold(TypedDict):
    """A city's calendar; without ``gazetted_until`` every year is known. ``provisional`` are open cases with a provisional deadline."""

    version: str
    seen: str
    seen_hours: Annotated[str, Field(description="names the state of the working hours")]
    city: RuleCityTold
    region: str | None
    gazetted_until: str | None
    uploaded_until: str | None
    weeks: list[WeekTold]
    days: list[CalendarDayTold]
    provisional: int
    changes: list[ChangeTold]


class PartTold(TypedDict):
    """An indicator of a composite; numbers as they were written. ``best`` and ``worst`` give 100 and 0 points."""

    indicator: str
    weight: str
    best: str
    worst: str


class WeightsTold(TypedDict):
    """A version of the weights. ``id`` is 0 for one that the operator's file holds."""

    id: int
    name: str
    name_en: str
    valid_from: str | None
    valid_to: str | None
    parts: list[PartTold]


class WeighableTold(TypedDict):
    """An indicator that can be weighted, with its title in the reader's language; ``unit`` is ``share`` or ``hours``."""

    code: str
    title: str
    unit: str
    higher_is_better: bool | None


class Weights(TypedDict):
    """A city's weights of indicators, old versions too; ``seen`` names this state of them."""

    version: str
    seen: str
    city: RuleCityTold
    versions: list[WeightsTold]
    indicators: list[WeighableTold]
    changes: list[ChangeTold]


class LineTold(TypedDict):
    """A line of why a deadline is what it is."""

    kind: str
    text: str


class ExampleTold(TypedDict):
    """A case of the first changed rule, reported now: its deadline before and after the change, line by line."""

    reported_at: str
    before: list[LineTold]
    after: list[LineTold]


class Changed(TypedDict):
    """What a change did, or would do with ``preview``; ``seen`` names the state of the rules now."""

    version: str
    preview: bool
    seen: str
    rules: int
    days: NotRequired[list[str]]
    effect: EffectTold | None
    example: ExampleTold | None


class SinceTold(TypedDict):
    """Who changed the rules meanwhile."""

    id: int
    at: str
    account: str
    facts: dict[str, Any]


class ChangeRefusedBody(TypedDict):
    """Why nothing was changed: field by field, or who was faster."""

    code: str
    sentence: str
    facts: dict[str, Any]
    fields: NotRequired[list[FaultTold]]
    since: NotRequired[list[SinceTold]]
    version: NotRequired[str]
    lines: NotRequired[list[str]]


class ChangeRefused(TypedDict):
    """The answer where nothing was changed."""

    error: ChangeRefusedBody


class UnitTried(TypedDict):
    """A unit in a dry run; ``unit`` is empty for nobody, or the name of a handler that was published."""

    unit: str
    before: int
    after: int
    come: int
    leave: int


class MoveTried(TypedDict):
    """How many cases went to one unit, and would go to another."""

    before: str
    after: str
    cases: int


class Untaken(TypedDict):
    """Cases that no rule takes, by category and street or district."""

    category: str
    area: str
    cases: int


class RuleTried(TypedDict):
    """How many cases a rule would take, by its place from 0."""

    rule: int
    cases: int


class AreaTried(Named):
    """A street or district: its cases, and those that would go elsewhere."""

    cases: int
    changed: int


class MovedTold(TypedDict):
    """A case that rules would send elsewhere, where it stands in degrees of WGS 84. Moments are in UTC."""

    number: str
    title: str
    title_en: str | None
    category: str
    channel: str
    state: str
    reported_at: str
    due_at: str | None
    lon: float
    lat: float
    before: str
    after: str


class Tried(TypedDict):
    """What rules would have done with the cases of the last 30 days, beside where these went."""

    version: str
    first: str
    last: str
    cases: int
    routed: int
    changed: int
    waiting: int
    level: str
    units: list[UnitTried]
    moves: list[MoveTried]
    rules: list[RuleTried]
    untaken: list[Untaken]
    areas: list[AreaTried]
    moved: Annotated[list[MovedTold], Field(description="the newest cases with a place that would go elsewhere, 2,000 at most")]
    remarks: list[Remark]
