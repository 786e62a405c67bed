"""The models of a profile, key by key; ``docs/import.md`` is their reference.

Models are strict: an unknown key is refused and the nearest known one named, because a misspelt key that is silently ignored is a
wrong import.
"""

# ruff: noqa: RUF012  pydantic copies defaults, so that a mutable one is not shared
import datetime as dt
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, field_validator, model_validator

from data.core.codes import is_code
from data.core.errors import GridwellError
from data.core.nearest import find_nearest_word
from data.deadlines.calendar import Week
from data.deadlines.gazette import find_region
from data.deadlines.rows import make_week
from data.importing.profile.source import Source, known_zone
from data.importing.profile.spec import BothLanguages, Column, Strict, Texts
from data.importing.profile.template import Template
from data.importing.profile.vocabulary import SEVERITY_WORDS
from data.organisation.model import Unit
from data.organisation.names import fold_name
from data.privacy import normalize_phone
from data.privacy.masking import mask_text
from data.schema import CHANNELS, LEVELS, STAGES

SUBJECTS = ("areas", "population", "buildings", "incidents", "facilities", "base", "people")
_DIGITS_OF_DATA = 5
"""What has so many digits is no heading."""
_MOST_LON, _MOST_LAT = 180, 90
BASE_KINDS = ("land", "water", "green", "field", "road", "track", "tree", "flood")


class AreaColumns(Strict):
    code: Column
    name: Column
    name_en: Column | None = None
    parent: Column | None = None
    head_name: Column | None = None
    head_title: Column | None = None
    head_phone: Column | None = None
    responsible_body: Column | None = None
    valid_from: Column | None = None
    valid_to: Column | None = None


class FillColumns(AreaColumns):
    name: Column | None = None  # type: ignore[assignment]


class AreaSource(Source):
    """Areas of one level."""

    subject: Literal["areas"] = "areas"
    level: Literal["city", "district", "street", "community", "grid", "zone"]
    columns: FillColumns
    attributes: dict[str, Column] = {}
    dissolve: bool = False
    fill: bool = False
    inside: float = Field(default=0.5, ge=0, lt=1)
    nests: float = Field(default=0.05, ge=0, le=1)
    cut: bool = False

    @property
    def kept_level(self) -> str:
        """The level in the tree: what is cut into cells overlaps the tree, as a zone does."""
        return "zone" if self.cut else self.level

    @model_validator(mode="before")
    @classmethod
    def _city_has_its_own_names(cls, raw: Any) -> Any:
        """The root is named by ``[city]``: its file gives the polygon only."""
        if isinstance(raw, dict) and raw.get("level") == "city":
            own = {"code": {"value": "city"}, "name": {"value": "city"}}
            return {**raw, "columns": {**own, **(raw.get("columns") or {})}}
        return raw

    @model_validator(mode="after")
    def _named(self) -> Self:
        if self.columns.name is None and not self.fill:
            raise ValueError("columns needs the key “name” (only a source with fill = true may leave it out)")
        if self.cut and self.level in ("city", "grid"):
            raise ValueError("cut = true makes cells along borders: it is for zones and for levels between the city and its cells")
        return self


class PopulationColumns(Strict):
    total: Column
    key: Column | None = None
    area: Column | None = None
    households: Column | None = None
    male: Column | None = None
    female: Column | None = None


class PopulationSource(Source):
    """Population of published units, with polygons of their own or by an area's code."""

    subject: Literal["population"] = "population"
    columns: PopulationColumns
    ages: dict[str, Column] = {}
    as_of: dt.date
    method: Literal["by_area", "by_buildings"] = "by_area"
    whole_from: float = Field(default=1.0, gt=0, le=1)


class BuildingColumns(Strict):
    key: Column | None = None
    name: Column | None = None
    address: Column | None = None
    use: Column | None = None
    floors: Column | None = None
    height: Column | None = None
    year_built: Column | None = None


class BuildingSource(Source):
    """Footprints of buildings."""

    subject: Literal["buildings"] = "buildings"
    columns: BuildingColumns = BuildingColumns()
    attributes: dict[str, Column] = {}
    unknown_category: Literal["reject", "other"] = "reject"


class IncidentColumns(Strict):
    reported_at: Column
    key: Column | None = None
    number: Column | None = None
    category: Column | None = None
    channel: Column | None = None
    severity: Column | None = None
    status: Column | None = None
    due_at: Column | None = None
    closed_at: Column | None = None
    title: Column | None = None
    address: Column | None = None
    handler: Column | None = None
    area: Column | None = None
    reporter_name: Column | None = None
    reporter_phone: Column | None = None


def _one_of(known: tuple[str, ...]) -> AfterValidator:
    """A validator that names the nearest known word."""

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"“{value}” is not one of {', '.join(known)}; the nearest is “{find_nearest_word(value, known)}”")
        return value

    return AfterValidator(check)


Stage = Annotated[str, _one_of((*STAGES, "paused"))]
Channel = Annotated[str, _one_of(CHANNELS)]
Severity = Annotated[str, _one_of(tuple(SEVERITY_WORDS))]


class IncidentSource(Source):
    """Cases: service requests, reports, crashes, crimes."""

    subject: Literal["incidents"] = "incidents"
    columns: IncidentColumns
    attributes: dict[str, Column] = {}
    stages: dict[Stage, Texts] = {}
    channels: dict[Channel, Texts] = {}
    severities: dict[Severity, Texts] = {}
    channel: Channel = "other"
    unknown_category: Literal["reject", "other"] = "reject"
    closed_before_reported: Literal["reject", "use_reported"] = "reject"
    due_before_reported: Literal["keep", "reject", "drop"] = "keep"
    closed_without_date: Literal["reject", "use_due", "use_reported"] = "reject"
    future_dates: Literal["reject", "drop", "keep"] = "reject"
    unplaced: list[tuple[float, float]] = []
    no_coordinates: Literal["reject", "unplaced"] = "reject"
    unknown_place: Literal["reject", "city"] = "reject"

    def quote_value(self, text: str, column: str | None = None) -> str:
        """Masked where it says who reported a case."""
        reporter = (self.columns.reporter_name, self.columns.reporter_phone)
        return mask_text(text) if column in [spec.describe() for spec in reporter if spec] else text

    def default_points(self) -> list[tuple[float, float]]:
        """See ``Source``."""
        return self.unplaced

    def allows_no_place(self) -> bool:
        """See ``Source``."""
        return self.no_coordinates == "unplaced"

    @field_validator("unplaced")
    @classmethod
    def _degrees(cls, value: list[tuple[float, float]]) -> list[tuple[float, float]]:
        if any(abs(lon) > _MOST_LON or abs(lat) > _MOST_LAT for lon, lat in value):
            raise ValueError("write each point as [longitude, latitude], in degrees")
        return value

    @model_validator(mode="after")
    def _area_has_cases(self) -> Self:
        if self.columns.area is not None and not self.unplaced and not self.allows_no_place():
            raise ValueError('columns.area says where cases without a place count: set unplaced, or no_coordinates = "unplaced"')
        return self


class FacilityColumns(Strict):
    key: Column | None = None
    kind: Column | None = None
    name: Column | None = None
    address: Column | None = None


class FacilitySource(Source):
    """Things with a place: schools, cameras, hydrants."""

    subject: Literal["facilities"] = "facilities"
    kind: str | None = None
    columns: FacilityColumns = FacilityColumns()
    attributes: dict[str, Column] = {}
    unknown_category: Literal["reject", "other"] = "reject"


class BaseColumns(Strict):
    key: Column | None = None
    kind: Column | None = None
    rank: Column | None = None
    width_m: Column | None = None
    name: Column | None = None


class BaseSource(Source):
    """Roads, water and green of the base map."""

    subject: Literal["base"] = "base"
    kind: Literal["land", "water", "green", "field", "road", "track", "tree", "flood"] | None = None
    rank: int = Field(default=3, ge=1, le=9)
    width_m: float | None = None
    columns: BaseColumns = BaseColumns()

    @model_validator(mode="after")
    def _kinds(self) -> Self:
        if (self.kind is None) == (self.columns.kind is None):
            raise ValueError("give either kind or columns.kind")
        return self


class PeopleColumns(Strict):
    key: Column | None = None
    name: Column | None = None
    sex: Column | None = None
    birth_date: Column | None = None
    id_kind: Column | None = None
    id_number: Column | None = None
    phone: Column | None = None
    residence: Column | None = None
    household: Column | None = None
    building: Column | None = None
    grid: Column | None = None
    retain_until: Column | None = None


class PeopleSource(Source):
    """The register: people by building, cell or coordinates. Columns that are not named are looked for by their headings."""

    subject: Literal["people"] = "people"
    columns: PeopleColumns = PeopleColumns()
    residence: Literal["registered", "floating", "overseas"] = "registered"
    contradiction: Literal["reject", "card", "columns"] = "reject"

    def quote_value(self, text: str, column: str | None = None) -> str:
        """Masked: of somebody's row nothing is said as it stands in the file."""
        return mask_text(text)

    def headings(self, names: list[str]) -> list[str]:
        """As they are, unless the first line seems to be somebody's row already."""
        numbers = any(sum(c.isdigit() for c in name) >= _DIGITS_OF_DATA for name in names)
        return [mask_text(name) for name in names] if numbers else names


class Category(Strict):
    """One category: its words, its symbol and the values of the files that mean it."""

    name: str
    name_en: str = ""
    symbol: str = "dot"
    values: Texts = []


class CaseCategory(Category):
    """A category of cases. A sensitive one is about people: its cases and their counts need the right to personal data."""

    sensitive: bool = False


class Categories(Strict):
    incident: dict[str, CaseCategory] = {}
    facility: dict[str, Category] = {}
    building: dict[str, Category] = {}


class NamedUnit(Strict):
    """A unit that cases of the files name: what it is called here, and the values that mean it."""

    name: str = Field(min_length=1)
    name_en: str = ""
    department: str = ""
    department_en: str = ""
    phone: str = ""
    head: str = ""
    head_en: str = ""
    values: Texts = []

    @field_validator("phone")
    @classmethod
    def _is_phone(cls, value: str) -> str:
        if value and normalize_phone(value) is None:
            raise ValueError(f"“{value}” is no telephone number")
        return value

    def make_unit(self, code: str) -> Unit:
        """As the city's table of units has it."""
        return Unit(code, **self.model_dump(exclude={"values"}))


class Units(Strict):
    """Which units the handlers' names in the files mean."""

    handlers: Literal["link", "make", "text"] = "link"
    named: dict[str, NamedUnit] = {}

    @field_validator("named")
    @classmethod
    def _have_codes(cls, value: dict[str, NamedUnit]) -> dict[str, NamedUnit]:
        meant: dict[str, str] = {}
        for code, one in value.items():
            if not is_code(code):
                raise ValueError(f"“{code}” is no code: letters and digits, at most 64, with blanks and marks such as - _ . inside")
            for word in filter(None, (code, one.name, one.name_en, *one.values)):
                if meant.setdefault(fold_name(word), code) != code:
                    raise ValueError(f"“{word}” means both {meant[fold_name(word)]} and {code}")
        return value


def _known_region(value: str) -> str:
    try:
        country, part = find_region(value)
    except GridwellError as error:
        raise ValueError(str(error)) from None
    return f"{country}-{part}" if part else country


class CityHours(Strict):
    """Hours of each weekday, from a day on."""

    since: dt.date | None = None
    days: dict[str, str]

    @field_validator("days")
    @classmethod
    def _are_hours(cls, value: dict[str, str]) -> dict[str, str]:
        try:
            make_week(value)
        except GridwellError as error:
            raise ValueError(str(error)) from None
        return value

    @property
    def week(self) -> Week:
        """As deadlines are counted with it."""
        return make_week(self.days, self.since)


class City(Strict):
    """The root of the tree."""

    code: str = Field(min_length=1)
    name: str = Field(min_length=1)
    name_en: str = ""
    timezone: Annotated[str, AfterValidator(known_zone)]
    as_of: dt.datetime | dt.date | None = None
    levels: dict[Literal["city", "district", "street", "community", "grid", "zone"], BothLanguages] = {}
    notes: list[BothLanguages] = []
    tolerance_m: float = Field(default=250.0, ge=0)
    country: Annotated[str, AfterValidator(_known_region)] | None = None
    hours: list[CityHours] = []
    deadlines: str | None = None

    @field_validator("hours")
    @classmethod
    def _start_on_different_days(cls, value: list[CityHours]) -> list[CityHours]:
        if len({one.since for one in value}) < len(value):
            raise ValueError("two blocks of hours begin on the same day: give each another day in “since”")
        return value

    @field_validator("code")
    @classmethod
    def _is_code(cls, value: str) -> str:
        if not is_code(value):
            raise ValueError("a code is letters and digits, at most 64, with blanks and marks such as - _ . inside")
        return value

    @property
    def moment(self) -> dt.datetime | None:
        """``as_of`` with its time zone; a day without a time means its end."""
        given = self.as_of
        if given is None:
            return None
        if not isinstance(given, dt.datetime):
            given = dt.datetime.combine(given, dt.time(23, 59, 59))
        return given if given.tzinfo else given.replace(tzinfo=ZoneInfo(self.timezone))


class Cells(Strict):
    """How grid cells are made where the city has none."""

    target_area_m2: float = Field(default=250_000.0, ge=1_000)
    code: str | None = None
    name: str = "{parent_name} {number|pad3}"
    name_en: str = "{parent_name_en} {number|pad3}"
    sliver_m2: float = Field(default=1_000.0, ge=0)
    make: bool = True
    voronoi: bool = True

    @field_validator("code", "name", "name_en")
    @classmethod
    def _places(cls, value: str) -> str:
        known = ("parent", "parent_name", "parent_name_en", "number")
        for column in Template(value).columns:
            if column not in known:
                raise ValueError(f"“{{{column}}}” cannot be used here; there are {', '.join(known)}")
        return value


class Profile(Strict):
    """A whole profile."""

    city: City
    cells: Cells = Cells()
    categories: Categories = Categories()
    units: Units = Units()
    areas: list[AreaSource] = Field(min_length=1)
    population: list[PopulationSource] = []
    buildings: list[BuildingSource] = []
    incidents: list[IncidentSource] = []
    facilities: list[FacilitySource] = []
    base: list[BaseSource] = []
    people: list[PeopleSource] = []

    def sources(self) -> Iterator[Source]:
        """Every source, areas first and from the root down."""
        order = [*LEVELS, "zone"]
        yield from sorted(self.areas, key=lambda s: (order.index(s.level), s.fill))
        for subject in SUBJECTS[1:]:
            yield from getattr(self, subject)
