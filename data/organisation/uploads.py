"""Tables of units, members and rules that an administrator uploads: UTF-8 or GBK, with one sentence for each bad row."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from data.core.i18n import t
from data.core.nearest import find_nearest_word
from data.deadlines.uploads import BadRows, Row, parse_day, read_table
from data.organisation.model import GRID_HEAD, POSTS, Member, RoutingRule, Unit, parse_hours
from data.organisation.names import fold_name
from data.privacy import normalize_phone
from data.schema import CHANNELS

_UNIT_HEADINGS = {
    "code": ("code", "unit", "单位编码", "编码"),
    "name": ("name", "单位名称", "名称"),
    "name_en": ("name_en",),
    "department": ("department", "部门", "所属部门"),
    "department_en": ("department_en",),
    "phone": ("phone", "telephone", "电话", "联系电话", "值班电话"),
    "head": ("head", "负责人", "单位负责人"),
    "head_en": ("head_en",),
    "valid_from": ("valid_from", "生效日期"),
    "valid_to": ("valid_to", "失效日期"),
}
_NAME_HEADINGS = {
    "name": ("name", "handler", "名称", "处置单位名称", "别名"),
    "unit": ("unit", "单位编码", "单位"),
}
_MEMBER_HEADINGS = {
    "unit": ("unit", "单位编码", "单位"),
    "account": ("account", "账号", "账户"),
    "area": ("area", "区域编码", "区域", "网格"),
    "post": ("post", "岗位", "职务"),
    "valid_from": ("valid_from", "生效日期"),
    "valid_to": ("valid_to", "失效日期"),
}
_RULE_HEADINGS = {
    "category": ("category", "类别", "案件类别"),
    "area": ("area", "区域编码", "区域"),
    "channel": ("channel", "来源"),
    "hours": ("hours", "时段"),
    "unit": ("unit", "单位编码", "处置单位", "单位"),
    "valid_from": ("valid_from", "生效日期"),
    "valid_to": ("valid_to", "失效日期"),
}
_POSTS = {
    **dict.fromkeys(("head", "grid_head", "网格长", "负责人", "长"), "head"),
    **dict.fromkeys(("worker", "网格员", "队员", ""), "worker"),
}
_GRID_HEADS = (GRID_HEAD, "grid_head", "网格长")

_PROBLEM_SENTENCES = {
    "no_code": "Line {line}: a unit needs a code and a name.",
    "no_name": "Line {line}: a name is missing.",
    "twice": "Line {line}: {value} is already in line {other}.",
    "no_day": "Line {line}: “{value}” is no day; write 2027-02-06.",
    "backwards": "Line {line}: {value} is before the first day.",
    "no_unit": "Line {line}: the city has no unit “{value}”; the nearest is “{nearest}”.",
    "no_account": "Line {line}: there is no account “{value}”; the nearest is “{nearest}”.",
    "no_area": "Line {line}: the city has no area “{value}”; the nearest is “{nearest}”.",
    "no_category": "Line {line}: the city has no category “{value}”; the nearest is “{nearest}”.",
    "no_channel": "Line {line}: there is no channel “{value}”; the nearest is “{nearest}”.",
    "no_post": "Line {line}: “{value}” is neither head (网格长) nor worker (网格员).",
    "no_hours": "Line {line}: “{value}” is no span of hours; write 08:00-18:00.",
    "no_phone": "Line {line}: “{value}” is no telephone number.",
    "no_head_area": "Line {line}: a head needs an area.",
    "no_moment": "Line {line}: “{value}” is no moment; write 2027-02-06 08:00.",
    "skipped_moment": "Line {line}: there is no moment “{value}”: clocks jump over it.",
    "ends_first": "Line {line}: the duty ends at {value}, not after it begins.",
    "too_long_duty": "Line {line}: the duty until {value} lasts longer than seven days.",
    "no_count": "Line {line}: “{value}” is no number of people from 1 to 1000.",
    "nobody_on_duty": "Line {line}: say who is on duty (person), or how many are (count).",
    "both_on_duty": "Line {line}: a person is one; leave out the count {value}, or the person.",
}

T = TypeVar("T")

Find = Callable[[str], tuple[str | None, object]]
"""Finds a code by what was written; returns it, or ``None`` and the nearest that is known, which is sought when it is told."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a row."""

    kind: str
    line: int
    facts: Mapping[str, object] = field(default_factory=dict)

    def tell(self, lang: str) -> str:
        """The sentence."""
        return t(lang, _PROBLEM_SENTENCES[self.kind], line=self.line, **self.facts)


class FaultyRow(Exception):
    """A row that cannot be used, while it is read."""

    def __init__(self, kind: str, **facts: object) -> None:
        super().__init__(kind)
        self.kind, self.facts = kind, facts


@dataclass(frozen=True, slots=True)
class Nearest:
    """The known code nearest to a text. Comparing it with each takes long, and of many bad rows only the first are told."""

    text: str
    codes: Sequence[str]

    def __str__(self) -> str:
        return find_nearest_word(self.text, self.codes) or "-"


def finder(known: Mapping[str, str]) -> Find:
    """Finds codes by any of the words for them, whatever their case."""
    words = {word.casefold(): code for word, code in known.items() if word}
    codes = sorted(set(known.values()))

    def find(text: str) -> tuple[str | None, object]:
        code = words.get(text.casefold())
        return code, "" if code is not None else Nearest(text, codes)

    return find


def read_units(raw: bytes) -> list[Unit]:
    """Units of a table.

    Raises:
        UnreadableTable, MissingColumn, BadRows: it cannot be used.
    """
    lines: dict[str, int] = {}

    def read(line: int, cells: Mapping[str, str]) -> Unit:
        if not cells["code"] or not cells["name"]:
            raise FaultyRow("no_code")
        if cells["code"] in lines:
            raise FaultyRow("twice", value=cells["code"], other=lines[cells["code"]])
        lines[cells["code"]] = line
        more = {name: cells.get(name, "") for name in ("name_en", "department", "department_en", "phone", "head", "head_en")}
        if more["phone"] and normalize_phone(more["phone"]) is None:
            raise FaultyRow("no_phone", value=more["phone"])
        first, last = _span(cells)
        return Unit(cells["code"], cells["name"], **more, valid_from=first, valid_to=last)

    return _read_all(raw, _UNIT_HEADINGS, ("code", "name"), read)


def read_names(raw: bytes, find_unit: Find) -> list[tuple[str, str | None]]:
    """Names of handlers and the code of the unit that each means; no unit: the name means none.

    Raises:
        UnreadableTable, MissingColumn, BadRows: it cannot be used.
    """
    lines: dict[str, int] = {}

    def read(line: int, cells: Mapping[str, str]) -> tuple[str, str | None]:
        name = cells["name"]
        if not name:
            raise FaultyRow("no_name")
        key = fold_name(name)
        if key in lines:
            raise FaultyRow("twice", value=name, other=lines[key])
        lines[key] = line
        return name, _known(find_unit, cells["unit"], "no_unit") if cells["unit"] else None

    return _read_all(raw, _NAME_HEADINGS, ("name", "unit"), read)


def read_members(raw: bytes, find_unit: Find, find_account: Find, find_area: Find) -> list[Member]:
    """Members of a table.

    Raises:
        UnreadableTable, MissingColumn, BadRows: it cannot be used.
    """

    def read(_: int, cells: Mapping[str, str]) -> Member:
        unit, account = _known(find_unit, cells["unit"], "no_unit"), _known(find_account, cells["account"], "no_account")
        area = _known(find_area, cells["area"], "no_area") if cells.get("area") else None
        post = _POSTS.get(cells.get("post", "").lower())
        if post not in POSTS:
            raise FaultyRow("no_post", value=cells["post"])
        if post == "head" and area is None:
            raise FaultyRow("no_head_area")
        return Member(unit, account, area, post, *_span(cells))

    return _read_all(raw, _MEMBER_HEADINGS, ("unit", "account"), read)


def read_routing_rules(raw: bytes, find_unit: Find, find_category: Find, find_area: Find) -> list[RoutingRule]:
    """Rules of a table, in its order.

    Raises:
        UnreadableTable, MissingColumn, BadRows: it cannot be used.
    """
    find_channel = finder({channel: channel for channel in CHANNELS})

    def read(line: int, cells: Mapping[str, str]) -> RoutingRule:
        unit = GRID_HEAD if cells["unit"] in _GRID_HEADS else _known(find_unit, cells["unit"], "no_unit")
        given = {
            name: _known(find, cells[name], f"no_{name}") if cells.get(name) not in (None, "", "*") else None
            for name, find in (("category", find_category), ("area", find_area), ("channel", find_channel))
        }
        try:
            hours = parse_hours(cells["hours"]) if cells.get("hours") else None
        except ValueError:
            raise FaultyRow("no_hours", value=cells["hours"]) from None
        first, last = _span(cells)
        return RoutingRule(line, line, unit, given["category"], given["area"], given["channel"], hours, first, last)

    return _read_all(raw, _RULE_HEADINGS, ("unit",), read)


def _read_all(
    raw: bytes, headings: Mapping[str, tuple[str, ...]], needed: tuple[str, ...], read: Callable[[int, Mapping[str, str]], T]
) -> list[T]:
    return read_rows(read_table(raw, headings, needed), read)


def read_rows(rows: Iterable[Row], read: Callable[[int, Mapping[str, str]], T]) -> list[T]:
    """What is read of each row of a table.

    Raises:
        BadRows: ``read`` called some of them faulty (``FaultyRow``); all of these are told.
    """
    found: list[T] = []
    faults: list[Fault] = []
    for row in rows:
        try:
            found.append(read(row.line, row.cells))
        except FaultyRow as error:
            faults.append(Fault(error.kind, row.line, error.facts))
    if faults:
        raise BadRows(faults)
    return found


def _known(find: Find, text: str, kind: str) -> str:
    code, nearest = find(text)
    if code is None:
        raise FaultyRow(kind, value=text, nearest=nearest)
    return code


def _span(cells: Mapping[str, str]) -> tuple[date | None, date | None]:
    told = [cells.get(name, "") for name in ("valid_from", "valid_to")]
    first, last = (parse_day(text) for text in told)
    for day, text in zip((first, last), told, strict=True):
        if day is None and text:
            raise FaultyRow("no_day", value=text)
    if first and last and last < first:
        raise FaultyRow("backwards", value=last.isoformat())
    return first, last
