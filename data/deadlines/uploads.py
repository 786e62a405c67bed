"""Tables that an administrator uploads: days of a calendar, and rules of deadlines. UTF-8 or GBK, with one sentence for each bad row."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Literal, Protocol

from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.text import as_one_line, storable
from data.deadlines.calendar import SpecialDay
from data.deadlines.rules import STEPS, Rule, parse_duration

MOST_BYTES = 2_000_000
MOST_ROWS = 20_000
_SHOWN = 20
"""Rows of which the message speaks."""
_LONGEST = 500
_KINDS: dict[str, Literal["off", "work"]] = {
    **dict.fromkeys(("off", "holiday", "free", "休", "休息", "放假", "节假日", "假日"), "off"),
    **dict.fromkeys(("work", "workday", "班", "上班", "补班", "调休", "调休上班", "工作日"), "work"),
}
_DAY_HEADINGS = {"day": ("day", "date", "日期"), "kind": ("kind", "type", "类型"), "name": ("name", "名称", "节日")}
_RULE_HEADINGS = {
    "category": ("category", "类别", "案件类别"),
    "condition": ("condition", "情形", "条件"),
    "filing": ("filing", "立案时限", "立案"),
    "dispatching": ("dispatching", "派遣时限", "派遣"),
    "handling": ("handling", "处置时限", "处置"),
    "verifying": ("verifying", "核查时限", "核查"),
    "closing": ("closing", "closing_zh", "结案标准", "结案条件"),
    "closing_en": ("closing_en",),
    "valid_from": ("valid_from", "生效日期"),
    "valid_to": ("valid_to", "失效日期"),
}


class UnreadableTable(GridwellError):
    status, code, sentence = 422, "unreadable_table", "The table cannot be read: {reason}"


class Told(Protocol):
    """What is wrong with a row, as a sentence."""

    def tell(self, lang: str) -> str:
        """The sentence."""


class BadRows(GridwellError):
    """Rows that cannot be used: nothing of the table is taken."""

    status, code, sentence = 422, "bad_rows", "Nothing was taken: {count} rows cannot be used."

    def __init__(self, problems: Sequence["Told"]) -> None:
        super().__init__(count=len(problems))
        self.problems = list(problems)

    def tell(self, lang: str) -> list[str]:
        """One sentence for each of the first rows, then how many more there are."""
        told = [problem.tell(lang) for problem in self.problems[:_SHOWN]]
        return told if len(self.problems) <= _SHOWN else [*told, t(lang, "… and {count} more.", count=len(self.problems) - _SHOWN)]


_PROBLEM_SENTENCES = {
    "no_day": "Line {line}: “{value}” is no day; write 2027-02-06.",
    "no_kind": "Line {line}: “{value}” is neither off (放假) nor work (上班).",
    "twice": "Line {line}: {value} is already in line {other}.",
    "no_time": "Line {line}: “{value}” is no time; write 4 h, 4 wh (working hours), 2 wd (working days) or 5 days.",
    "no_times": "Line {line}: the rule has no time at all.",
    "no_category": "Line {line}: the city has no category “{value}”; the nearest is “{nearest}”.",
    "backwards": "Line {line}: the rule ends on {value}, before it begins.",
    "too_long": "Line {line}: “{value}” is too long.",
    "no_area": "Line {line}: the city has no area “{value}”.",
    "no_role": "Line {line}: say in “role” who is told.",
    "no_factor": "Line {line}: “{value}” is neither 1 nor 3 (times the allowed time).",
    "no_account": "Line {line}: there is no account “{value}”.",
    "no_mail": "Line {line}: “{value}” is no e-mail address.",
    "no_hook": "Line {line}: “{value}” is no address of a web hook: https, or http on this machine.",
    "nobody": "Line {line}: name an account, an e-mail address or a web hook.",
    "overlap": "Line {line}: the rule is valid on days on which the rule of line {other} is valid, too.",
}


@dataclass(frozen=True)
class Problem:
    """What is wrong with a row."""

    kind: str
    line: int
    facts: Mapping[str, object] = field(default_factory=dict)

    def tell(self, lang: str) -> str:
        """The sentence."""
        return t(lang, _PROBLEM_SENTENCES[self.kind], line=self.line, **self.facts)


@dataclass(frozen=True, slots=True)
class Row:
    """A row by our names of the columns, and its line in the file."""

    line: int
    cells: dict[str, str]


def read_raw(path: Path) -> bytes:
    """The content of a file.

    Raises:
        UnreadableTable: it is not there, or may not be read.
    """
    try:
        return path.read_bytes()
    except OSError:
        raise UnreadableTable(reason="There is no such file, or it may not be read.") from None


def read_days(raw: bytes) -> dict[date, SpecialDay]:
    """Days of an uploaded calendar: columns ``day``, ``kind`` (off or work) and ``name``.

    Raises:
        UnreadableTable: it is no such table.
        BadRows: with a sentence for each row that cannot be used.
    """
    days: dict[date, SpecialDay] = {}
    lines: dict[date, int] = {}
    problems: list[Problem] = []
    for row in read_table(raw, _DAY_HEADINGS, ("day", "kind")):
        day, kind = parse_day(row.cells["day"]), _KINDS.get(row.cells["kind"].lower())
        if day is None:
            problems.append(Problem("no_day", row.line, {"value": row.cells["day"]}))
        elif kind is None:
            problems.append(Problem("no_kind", row.line, {"value": row.cells["kind"]}))
        elif day in days:
            problems.append(Problem("twice", row.line, {"value": day.isoformat(), "other": lines[day]}))
        else:
            days[day], lines[day] = SpecialDay(kind, row.cells.get("name", ""), row.cells.get("name", "")), row.line
    if problems:
        raise BadRows(problems)
    return days


def read_rules(raw: bytes, find_category: Callable[[str], tuple[str | None, str]]) -> list[Rule]:
    """Rules of an uploaded table: a category, a condition, a time for each step, when a case is solved, first and last day.

    Args:
        raw: the file.
        find_category: the code of a category by code or name, if there is one, and the nearest name.

    Raises:
        UnreadableTable: it is no such table.
        BadRows: with a sentence for each row that cannot be used.
    """
    rules: list[tuple[int, Rule]] = []
    problems: list[Problem] = []
    for row in read_table(raw, _RULE_HEADINGS, ("category",)):
        found = _read_rule(row, find_category)
        if isinstance(found, Problem):
            problems.append(found)
            continue
        problems += _overlaps(row.line, found, rules)
        rules.append((row.line, found))
    if problems:
        raise BadRows(problems)
    return [rule for _, rule in rules]


def _read_rule(row: Row, find_category: Callable[[str], tuple[str | None, str]]) -> Rule | Problem:
    cells, line = row.cells, row.line
    category, nearest = find_category(cells["category"]) if cells["category"] not in ("", "*") else (None, "")
    if category is None and nearest:
        return Problem("no_category", line, {"value": cells["category"], "nearest": nearest})
    times = {}
    for step in STEPS:
        if text := cells.get(step, ""):
            try:
                times[step] = parse_duration(text)
            except ValueError:
                return Problem("no_time", line, {"value": text})
    if not times:
        return Problem("no_times", line)
    first, last = (cells.get(name, "") for name in ("valid_from", "valid_to"))
    start, end = parse_day(first), parse_day(last)
    for day, text in ((start, first), (end, last)):
        if day is None and text:
            return Problem("no_day", line, {"value": text})
    if start and end and end < start:
        return Problem("backwards", line, {"value": end.isoformat()})
    words = cells.get("closing", ""), cells.get("closing_en", "")
    return Rule(0, category, cells.get("condition") or None, times, start, end, *words)


def _overlaps(line: int, rule: Rule, others: Sequence[tuple[int, Rule]]) -> list[Problem]:
    for other_line, other in others:
        same = (rule.category, rule.condition) == (other.category, other.condition)
        starts, ends = (rule.valid_from or date.min, other.valid_from or date.min), (rule.valid_to or date.max, other.valid_to or date.max)
        if same and max(starts) <= min(ends) and starts[0] == starts[1]:
            return [Problem("overlap", line, {"other": other_line})]
    return []


def read_table(raw: bytes, headings: Mapping[str, Sequence[str]], needed: Sequence[str]) -> Iterator[Row]:
    """The rows of a table by our names of the columns; empty rows are left out."""
    if len(raw) > MOST_BYTES:
        raise UnreadableTable(reason="It is larger than 2 MB.")
    text = _decode(raw)
    if not storable(text):
        raise UnreadableTable(reason="It holds characters that are no text.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(text), strict=True)
    try:
        first = [cell.strip().lower() for cell in next(reader, [])]
        places = {name: first.index(word) for name, words in headings.items() for word in words if word in first}
        if missing := [name for name in needed if name not in places]:
            raise MissingColumn(name=missing[0], words=", ".join(headings[missing[0]]))
        for count, cells in enumerate(islice(reader, MOST_ROWS + 1)):
            if count == MOST_ROWS:
                raise UnreadableTable(reason="It has more than 20,000 rows.")
            found = {name: as_one_line(cells[at]).strip() if at < len(cells) else "" for name, at in places.items()}
            if any(len(cell) > _LONGEST for cell in found.values()):
                raise BadRows([Problem("too_long", reader.line_num, {"value": next(c for c in found.values() if len(c) > _LONGEST)[:60]})])
            if any(found.values()):
                yield Row(reader.line_num, found)
    except csv.Error:
        raise UnreadableTable(reason="It is no table with commas.") from None


class MissingColumn(GridwellError):
    status, code = 422, "missing_column"
    sentence = "The first line of the table has no column “{name}”; it may be called: {words}."


_TABLE_REASONS = (
    "It is larger than 2 MB.",
    "It holds characters that are no text.",
    "It has more than 20,000 rows.",
    "It is no table with commas.",
    "It is neither UTF-8 nor GBK.",
    "There is no such file, or it may not be read.",
)


def _decode(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableTable(reason="It is neither UTF-8 nor GBK.")


def _find_delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def parse_day(text: str) -> date | None:
    """A day as people write it: ``2027-02-06``, ``2027/2/6``, ``20270206``, ``2027年2月6日``; ``None`` where it is none of 1970 to 2200."""
    parts = text.replace("年", "-").replace("月", "-").replace("日", "").replace("/", "-").replace(".", "-").split("-")
    if len(parts) == 1 and len(text) == 8:
        parts = [text[:4], text[4:6], text[6:]]
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in parts) or len(parts[0]) != 4:
        return None
    try:
        day = date(*map(int, parts))
    except ValueError:
        return None
    return day if 1970 <= day.year <= 2200 else None
