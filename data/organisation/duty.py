"""The duty roster of a city as a table: who, or how many, are on duty in which area, from when until when. Names are not kept."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from data.deadlines.uploads import read_table
from data.organisation.uploads import FaultyRow, Find, read_rows

HEADINGS = {
    "area": ("area", "grid", "区域编码", "网格编码", "区域", "网格"),
    "person": ("person", "name", "值班人员", "人员", "姓名", "工号"),
    "count": ("count", "people", "人数", "值班人数"),
    "from": ("from", "begin", "开始时间", "开始", "上岗时间"),
    "to": ("to", "end", "结束时间", "结束", "离岗时间"),
}
NEEDED = ("area", "from", "to")
LONGEST = timedelta(days=7)
MOST_PEOPLE = 1_000
_MOMENT = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Shift:
    """Somebody, or several people, on duty in an area.

    Attributes:
        area: code of the area; all cells in it are looked after.
        person: number of the person in this table, from 0; ``None`` where only a count is given. The name itself is kept nowhere.
        people: how many.
        begins, ends: from when until when; the end is not part of it.
    """

    area: str
    person: int | None
    people: int
    begins: datetime
    ends: datetime


def read_shifts(raw: bytes, find_area: Find, zone: tzinfo) -> list[Shift]:
    """Shifts of a table.

    Args:
        raw: the file: UTF-8 or GBK, columns ``area``, ``from``, ``to``, and ``person`` or ``count``.
        find_area: finds an area of the city by its code.
        zone: of the city; moments are written by its clock.

    Raises:
        UnreadableTable, MissingColumn, BadRows: it cannot be used; ``BadRows`` has a sentence for each row.
    """
    people: dict[str, int] = {}
    lines: dict[tuple[str, str, datetime], int] = {}

    def read(line: int, cells: Mapping[str, str]) -> Shift:
        area, nearest = find_area(cells["area"])
        if area is None:
            raise FaultyRow("no_area", value=cells["area"], nearest=nearest)
        begins, ends = (_read_moment(cells[name], zone) for name in ("from", "to"))
        if ends <= begins:
            raise FaultyRow("ends_first", value=cells["to"])
        if ends - begins > LONGEST:
            raise FaultyRow("too_long_duty", value=cells["to"])
        person, count = cells.get("person", ""), cells.get("count", "")
        if not person and not count:
            raise FaultyRow("nobody_on_duty")
        number = _read_count(count) if count else 1
        if not person:
            return Shift(area, None, number, begins, ends)
        if number != 1:
            raise FaultyRow("both_on_duty", value=count)
        key = (area, person, begins)
        if key in lines:
            raise FaultyRow("twice", value=f"{area} {cells['from']}", other=lines[key])
        lines[key] = line
        return Shift(area, people.setdefault(person, len(people)), 1, begins, ends)

    return read_rows(read_table(raw, HEADINGS, NEEDED), read)


def _read_count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= MOST_PEOPLE:
        raise FaultyRow("no_count", value=text)
    return int(text)


def _read_moment(text: str, zone: tzinfo) -> datetime:
    """A moment by the city's clock; 24:00 is the end of a day. Of an hour that there is twice, the first is meant."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise FaultyRow("no_moment", value=text)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    whole = (hour, minute, second) == (24, 0, 0)
    try:
        at = datetime.combine(datetime(year, month, day), time(0 if whole else hour, minute, second), zone)
        at += timedelta(days=1 if whole else 0)
        there = at.timestamp()
    except (ValueError, OverflowError):
        raise FaultyRow("no_moment", value=text) from None
    if datetime.fromtimestamp(there, zone).replace(tzinfo=None) != at.replace(tzinfo=None):
        raise FaultyRow("skipped_moment", value=text)
    return at
