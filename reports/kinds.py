"""Kinds of reports: TOML files that list sections, those of the house and a city's own.

A kind is ``reports/kinds/NAME.toml``, or ``reports/NAME.toml`` in the state folder. A city's own kind replaces the house's of that name.
To add one, add a file.
"""

import tomllib
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.core.errors import GridwellError, UnknownName
from data.core.settings import ROOT, settings
from reports.options import Level, SectionOptions
from reports.periods import Step

HOUSE = ROOT / "reports" / "kinds"
_SECTIONS = ROOT / "reports" / "sections"


class BadKind(GridwellError):
    status, code = 422, "bad_report_kind"
    sentence = "The kind of report {file} cannot be used: {reason}"


class _SectionForm(BaseModel):
    model_config = ConfigDict(extra="allow")
    section: str


class _KindForm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str = Field(min_length=1, max_length=60)
    title_en: str = Field(min_length=1, max_length=60)
    step: Step = "week"
    any_period: bool = False
    issuer: str = ""
    issuer_en: str = ""
    format: Literal["standard", "official"] = "standard"
    cover: bool = False
    head: str = Field(default="", max_length=20)
    head_en: str = Field(default="", max_length=40)
    levels: list[Level] = []
    sections: list[_SectionForm] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of report.

    Attributes:
        code: the name of its file.
        title, title_en: what it is called.
        step: the length of the periods that it is made for.
        any_period: whether it is made for any other, too.
        issuer, issuer_en: who issues it; empty: the city's own name stands there.
        format: ``standard``, or ``official`` for the form of official documents.
        cover: whether its PDF and its Word document begin with a cover.
        head, head_en: the name in red above an official document; empty: it has no head, because the office prints its own.
        levels: levels of areas that it is made for; empty: all.
        sections: names of sections with their options, in their order.
    """

    code: str
    title: str
    title_en: str
    step: Step
    any_period: bool = False
    issuer: str = ""
    issuer_en: str = ""
    format: Literal["standard", "official"] = "standard"
    cover: bool = False
    head: str = ""
    head_en: str = ""
    levels: tuple[str, ...] = ()
    sections: tuple[tuple[str, SectionOptions], ...] = field(default=())


def list_kinds() -> dict[str, Path]:
    """The files of all kinds, by code. One that cannot be used hinders no other."""
    own = settings().home / "reports"
    files = {path.stem: path for folder in (HOUSE, own) if folder.is_dir() for path in sorted(folder.glob("*.toml"))}
    return dict(sorted(files.items()))


def find_kind(code: str) -> Kind:
    """A kind by its code.

    Raises:
        UnknownName: there is none.
        BadKind: its file cannot be used; the sentence names file and reason.
    """
    kinds = list_kinds()
    if code not in kinds:
        raise UnknownName.among("kind", code, sorted(kinds))
    return read_kind(kinds[code])


def read_kind(path: Path) -> Kind:
    """Read one file.

    Raises:
        BadKind: it is no TOML, a field is missing or wrong, a section does not exist, or has no such option.
    """
    try:
        form = _KindForm.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadKind(file=path.name, reason=str(error)) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise BadKind(file=path.name, reason=f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}") from None
    for one in form.sections:
        if one.section not in list_sections():
            raise BadKind(file=path.name, reason=f"there is no section {one.section!r}; there are {', '.join(list_sections())}")
    sections = tuple((one.section, _read_options(path, at, one)) for at, one in enumerate(form.sections, 1))
    plain = form.model_dump(exclude={"sections", "levels"})
    return Kind(path.stem, **plain, levels=tuple(form.levels), sections=sections)


def _read_options(path: Path, at: int, one: _SectionForm) -> SectionOptions:
    """The options of a section, checked; the reason names the section, its place in the file, and the option."""
    known: type[SectionOptions] = _load(one.section).Options
    try:
        return known.model_validate(one.model_extra or {})
    except ValidationError as error:
        first = error.errors()[0]
        option = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            said = f"there is no such option; there are {', '.join(known.model_fields) or 'none'}"
        raise BadKind(file=path.name, reason=f"section {at} ({one.section}), option {option}: {said}") from None


def list_sections() -> list[str]:
    """Names of all sections: a section is a module of ``reports.sections`` with a function ``make`` and its ``Options``."""
    return sorted(path.stem for path in _SECTIONS.glob("[a-z]*.py"))


def load_section(name: str) -> Any:
    """The function ``make(context, options)`` of a section."""
    return _load(name).make


def _load(name: str) -> Any:
    return import_module(f"reports.sections.{name}")
