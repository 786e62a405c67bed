"""The pieces every part of a profile is made of: texts in both languages, and where one value of a row comes from."""

import datetime as dt
import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, field_validator, model_validator

from data.importing.profile.template import Template, is_template


class Strict(BaseModel):
    """Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _words(value: object) -> object:
    """One text, or ``{zh, en}``; a plain text serves both languages."""
    return {"zh": value, "en": value} if isinstance(value, str) else value


class Words(Strict):
    """A text in both languages."""

    zh: str
    en: str


SPECIAL_FORMATS = ("epoch_s", "epoch_ms", "excel", "excel_1904")
"""Dates that are numbers: seconds or milliseconds since 1970, days of a spreadsheet (two kinds of them)."""


def check_date_format(value: str) -> str:
    """The format itself.

    Raises:
        ValueError: ``strptime`` does not know it, or a part of it stands there twice.
    """
    if value in SPECIAL_FORMATS:
        return value
    if "%" not in value:
        raise ValueError(f"“{value}” is neither a strptime format such as %Y-%m-%d nor one of {', '.join(SPECIAL_FORMATS)}")
    try:
        dt.datetime.strptime("", value)
    except re.error:
        raise ValueError(f"“{value}” names a part of the date twice") from None
    except ValueError as error:
        if "directive" in str(error) or "stray" in str(error):
            raise
    return value


BothLanguages = Annotated[Words, BeforeValidator(_words)]


def _spec(value: object) -> object:
    if isinstance(value, str):
        return {"template": value} if is_template(value) else {"column": value}
    if isinstance(value, int | float):
        return {"value": str(value)}
    return value


class Spec(Strict):
    """Where one value comes from: a column, the first filled of several, a template, or a constant; then what is done to it."""

    column: str | None = None
    first: list[str] | None = None
    template: str | None = None
    value: str | None = None
    map: dict[str, str] | None = None
    default: str | None = None
    null: list[str] = []
    date_format: str | None = None
    precision: Literal["day", "time"] | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    multiply: float | None = None
    plus: list[str] = []
    minus: str | None = None
    decimal: Literal[".", ","] | None = None
    round: bool = False
    bad: Literal["reject", "null"] = "reject"
    optional: bool = False

    @field_validator("value", "default", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return value if value is None or isinstance(value, str) else str(value)

    @field_validator("date_format")
    @classmethod
    def _format(cls, value: str | None) -> str | None:
        return value if value is None else check_date_format(value)

    @field_validator("null", mode="before")
    @classmethod
    def _as_texts(cls, value: object) -> object:
        return [str(v) for v in (value if isinstance(value, list) else [value])]

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = [name for name in ("column", "first", "template", "value") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError("give exactly one of column, first, template and value")
        for text in [self.template or "", *(self.first or [])]:
            if is_template(text):
                Template(text)
        return self

    def describe(self) -> str:
        """The column as people know it: by its name, or as the profile writes it."""
        return self.column or self.template or " / ".join(self.first or []) or f"“{self.value}”"


Column = Annotated[Spec, BeforeValidator(_spec)]


def as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _texts(value: object) -> object:
    return [str(v) for v in (value if isinstance(value, list) else [value])]


Texts = Annotated[list[str], BeforeValidator(_texts)]
