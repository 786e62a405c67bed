"""Answers as files: XLSX or CSV, with what was asked, and always with a row of the audit log."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Literal

from fastapi import Query, Response
from sqlalchemy import select

from data.auditing import audit_log
from data.core.errors import UnknownName
from data.core.export_files import MEDIA_TYPES, Column, Fact, Form, make_writer
from data.core.i18n import t
from data.core.spreadsheets import Cell
from data.core.timezones import zone
from data.core.viewer import Viewer
from data.database.transactions import fetch, write_transaction
from data.schema import area, city
from routes.doors.page import NO_STORE

FORMATS = ("json", "xlsx", "csv")
Format = Annotated[str, Query(alias="format", description="json, or a file: xlsx or csv. Files are written to the audit log")]
_NOT_IN_NAMES = re.compile(r"[^\w-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a file.

    Attributes:
        title: of its sheet.
        columns: their heads.
        rows: its values; moments with a time zone.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Exported:
    """What a file holds.

    Attributes:
        name: of the file, without day and ending; also what the audit log calls it.
        tables: its tables, at least one.
        facts: what was asked, of which data, and what the columns mean.
        clock: the time zone of its moments.
    """

    name: str
    tables: Sequence[Table]
    facts: Sequence[Fact]
    clock: tzinfo


def read_format(given: str) -> Form | Literal["json"]:
    """The form in which an answer is wanted.

    Raises:
        UnknownName: there is no such form.
    """
    for form in FORMATS:
        if given == form:
            return form  # type: ignore[return-value]  # all three are forms
    raise UnknownName.among("format", given, FORMATS)


async def answer_file(form: Form, made: Exported, viewer: Viewer, detail: Mapping[str, object]) -> Response:
    """An answer as a file. The audit log says so before the file leaves; ``detail`` is what was asked, without personal data."""
    tables = [Table(one.title, one.columns, list(one.rows)) for one in made.tables]
    await note_export(made.name, form, sum(len(list(one.rows)) for one in tables), viewer, detail)
    body = await asyncio.to_thread(_write, form, tables, made, viewer.lang)
    return file_answer(form, made.name, body, made.clock)


def _write(form: Form, tables: Sequence[Table], made: Exported, lang: str) -> bytes:
    writer = make_writer(form, made.clock)
    for one in tables:
        writer.begin(one.title, one.columns)
        writer.add(one.rows)
    return writer.finish(t(lang, "About this file"), made.facts)


async def fetch_area_zone(code: str, viewer: Viewer) -> tzinfo:
    """The time zone of the city of an area."""
    rows = await fetch(select(city.c.timezone).join_from(area, city, city.c.code == area.c.city).where(area.c.code == code), viewer)
    return zone(rows[0]["timezone"]) if rows else UTC


async def note_export(name: str, form: str, rows: int | None, viewer: Viewer, detail: Mapping[str, object]) -> None:
    """Write to the audit log that this many rows left in a file; a map has none."""
    told = {
        "format": form,
        **({} if rows is None else {"rows": rows}),
        **{key: value for key, value in detail.items() if value not in (None, "", [], ())},
    }
    async with write_transaction(viewer) as connection:
        await connection.run_sync(audit_log.append, "export", name, told)


def file_answer(form: Form, name: str, body: bytes, clock: tzinfo) -> Response:
    """The answer that a browser saves under a name with the moment."""
    whole = f"gridwell-{_NOT_IN_NAMES.sub('_', name)}-{datetime.now(clock):%Y%m%d-%H%M}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{whole}"', **NO_STORE}
    return Response(body, media_type=MEDIA_TYPES[form], headers=headers)


def make_columns(lang: str, titles: Mapping[str, str], widths: Mapping[str, int], forms: Mapping[str, str] | None = None) -> list[Column]:
    """Columns from their heads by name, some of which are wider than usual, or show numbers in a form of their own."""
    return [Column(t(lang, title), widths.get(name, 14), (forms or {}).get(name, "")) for name, title in titles.items()]


def common_facts(viewer: Viewer, as_of: str, clock: tzinfo) -> list[Fact]:
    """What every file says: the moment of its data, when and by whom it was made, and its time zone."""
    lang = viewer.lang
    return [
        (t(lang, "As of"), as_moment(as_of)),
        (t(lang, "Made at"), datetime.now(UTC)),
        (t(lang, "Made by"), viewer.shown or viewer.name),
        (t(lang, "Time zone of all moments"), str(clock)),
    ]


def as_moment(text: str | None) -> datetime | None:
    """A moment of an answer of the machine door, as a moment."""
    return None if text is None else datetime.fromisoformat(text)
