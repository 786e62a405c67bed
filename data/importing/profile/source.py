"""What a profile may say about the files of any source, whatever its subject."""

# ruff: noqa: RUF012  pydantic copies defaults, so that a mutable one is not shared
import datetime as dt
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AliasChoices, BeforeValidator, Field, field_validator, model_validator

from data.core.nearest import find_nearest_word
from data.importing.common.sentences import ROW_REASONS
from data.importing.profile.spec import Strict, Texts, as_list, check_date_format
from data.importing.profile.template import Template, is_template


class Join(Strict):
    """A table whose rows belong to the rows of a source: ``on`` names the column that both have, or the source's and the table's."""

    file: Annotated[list[str], BeforeValidator(as_list)] = Field(validation_alias=AliasChoices("file", "files"))
    on: Annotated[list[str], BeforeValidator(as_list)] = Field(min_length=1, max_length=2)
    sum: Texts = []
    max: Texts = []
    first: Texts = []
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    decimal: Literal[".", ","] | None = None


class Source(Strict):
    """What every source may say about its files, whatever the subject."""

    subject: str = ""
    key: str = ""
    name: str = ""
    department: str | None = None
    licence: str | None = None
    file: Annotated[list[str], BeforeValidator(as_list)] = Field(validation_alias=AliasChoices("file", "files"))
    format: Literal["csv", "tsv", "xlsx", "json", "jsonl", "kml", "parquet", "gdal"] | None = None
    layer: str | None = None
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: bool | list[str] = True
    skip_lines: int = 0
    crs: str | None = None
    datum: Literal["wgs84", "gcj02", "bd09", "detect"] | None = None
    swap: bool = False
    lon: str | None = None
    lat: str | None = None
    geometry: str | None = None
    join: Join | None = None
    lonlat: str | None = None
    latlon: str | None = None
    keep: dict[str, Texts] = {}
    drop: dict[str, Texts] = {}
    null: Texts = []
    null_dates: list[dt.date] = []
    timezone: str | None = None
    ignore_offset: bool = False
    date_format: str | None = None
    decimal: Literal[".", ","] | None = None
    duplicates: Literal["reject", "first", "last"] = "reject"
    max_rejected: int | str = 0
    allow: Texts = []
    complete: bool = False
    explode: bool = False
    tolerance_m: float | None = None

    def quote_value(self, text: str, column: str | None = None) -> str:
        """A value of a column of the files, as it may stand in sentences, reports and the file of rejects."""
        return text

    def headings(self, names: list[str]) -> list[str]:
        """Names of columns, as they may stand there."""
        return names

    def default_points(self) -> list[tuple[float, float]]:
        """Points, longitude and latitude, that files put in where no place is known."""
        return []

    def allows_no_place(self) -> bool:
        """Whether rows without coordinates are kept."""
        return False

    def reads_geometry(self) -> bool:
        """Whether shapes are looked for in its files."""
        return True

    @field_validator("max_rejected")
    @classmethod
    def _number_or_share(cls, value: int | str) -> int | str:
        allowed_rows(value, 100)
        return value

    @field_validator("allow")
    @classmethod
    def _known_reasons(cls, value: list[str]) -> list[str]:
        for reason in value:
            if reason not in ROW_REASONS:
                raise ValueError(f"“{reason}” is not a reason; the nearest one is “{find_nearest_word(reason, ROW_REASONS)}”")
        return value

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, value: str | None) -> str | None:
        if value is not None and (len(value) != 1 or value in '\r\n"'):
            raise ValueError("a delimiter is one character")
        return value

    @model_validator(mode="after")
    def _both_axes(self) -> Self:
        if (self.lon is None) != (self.lat is None):
            raise ValueError("lon and lat belong together: give both, or neither")
        if sum(bool(given) for given in (self.lon, self.geometry, self.lonlat, self.latlon)) > 1:
            raise ValueError("give one of lon with lat, lonlat, latlon, geometry")
        for text in (self.lon, self.lat, self.lonlat, self.latlon, *self.keep, *self.drop):
            if text is not None and is_template(text):
                Template(text)
        return self

    @property
    def patterns(self) -> list[str]:
        """All files of the source: its own, and those that are joined to them."""
        return [*self.file, *(self.join.file if self.join else [])]

    @property
    def has_points(self) -> bool:
        """Whether points come from columns of numbers."""
        return bool(self.lon or self.lonlat or self.latlon)

    @field_validator("date_format")
    @classmethod
    def _format(cls, value: str | None) -> str | None:
        return value if value is None else check_date_format(value)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return value if value is None else known_zone(value)


def known_zone(value: str) -> str:
    """The name itself.

    Raises:
        ValueError: no such IANA time zone.
    """
    if value not in available_timezones():
        raise ValueError(f"“{value}” is not a time zone; write an IANA name such as Asia/Shanghai")
    return value


def allowed_rows(allowed: int | str, read: int) -> int:
    """How many of ``read`` rows may be rejected: a number, or a share such as ``"2%"``.

    Raises:
        ValueError: neither.
    """
    text = str(allowed).strip()
    try:
        number = float(text[:-1]) / 100 * read if text.endswith("%") else float(text)
    except ValueError:
        raise ValueError("write a number, or a share such as 2%") from None
    if number < 0:
        raise ValueError("it is below zero")
    return int(number)
