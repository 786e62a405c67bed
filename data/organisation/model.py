"""Units, members and rules as values, and how a rule is found. Pure: no database, no clock."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

GRID_HEAD = "@grid_head"
"""As the target of a rule: the head of the smallest area around the case that has one."""
POSTS = ("head", "worker")
_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*[-–—~～至]\s*([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit that handles cases (处置单位), of a department, with who leads it and the telephone of its office; valid from its first to its
    last day.
    """

    code: str
    name: str
    name_en: str = ""
    department: str = ""
    department_en: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    phone: str = ""
    head: str = ""
    head_en: str = ""

    def is_valid(self, day: date) -> bool:
        """Whether it exists on a day of its city."""
        return is_within(self.valid_from, self.valid_to, day)


@dataclass(frozen=True, slots=True)
class Member:
    """An account that works in a unit, for an area (a code; ``None``: everywhere), as its head or as a worker."""

    unit: str
    account: str
    area: str | None = None
    post: str = "worker"
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of the day, from the first moment to the last, which is outside; it may pass midnight."""

    start: time
    end: time

    def hold(self, moment: time) -> bool:
        """Whether a time of day lies in it."""
        if self.start == self.end:
            return True
        if self.start < self.end:
            return self.start <= moment < self.end
        return moment >= self.start or moment < self.end

    def __str__(self) -> str:
        end = "24:00" if self.end == time() and self.start != time() else f"{self.end:%H:%M}"
        return f"{self.start:%H:%M}-{end}"


def parse_hours(text: str) -> Hours:
    """A span as people write it: ``08:00-18:00``, ``18:00-8:00``, ``18:00-24:00``.

    Raises:
        ValueError: it is none.
    """
    found = _SPAN.fullmatch(text.strip().replace("：", ":"))
    if found is None or (found[3] == "24" and found[4] != "00"):
        raise ValueError(text)
    return Hours(time(int(found[1]), int(found[2])), time(int(found[3]) % 24, int(found[4])))


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """Where cases go. What is ``None`` fits every case.

    Attributes:
        id: its number.
        ordinal: rules are tried in this order.
        category: code of a category, or of one above it.
        area: code of an area or functional zone that the case lies in.
        channel: where the report came from.
        hours: time of day of the report, in the city's time zone.
        unit: code of the unit, or ``GRID_HEAD``.
        valid_from: first day of filing.
        valid_to: last day of filing.
    """

    id: int
    ordinal: int
    unit: str
    category: str | None = None
    area: str | None = None
    channel: str | None = None
    hours: Hours | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class CasePlace:
    """What rules look at.

    Attributes:
        categories: of the case, and those above it.
        areas: codes of the areas that it lies in, the smallest first, then zones.
        channel: where the report came from.
        reported_at: in the city's time zone.
    """

    categories: frozenset[str]
    areas: tuple[str, ...]
    channel: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class Route:
    """Where a case goes, by which rule: the unit, and the head's account where the rule says so."""

    rule: int
    unit: str
    assignee: str | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """A city's units, members and rules."""

    units: tuple[Unit, ...] = ()
    members: tuple[Member, ...] = ()
    rules: tuple[RoutingRule, ...] = ()

    def find_unit(self, code: str, day: date) -> Unit | None:
        """The unit with this code, where it exists on a day."""
        return next((unit for unit in self.units if unit.code == code and unit.is_valid(day)), None)

    def route(self, case: CasePlace, today: date) -> Route | None:
        """Where the first rule that fits sends a case; ``None``: it waits for the dispatcher.

        A rule whose unit does not exist on this day, or whose area has no head, does not fit.
        """
        for rule in sorted(self.rules, key=lambda one: (one.ordinal, one.id)):
            if not _fits(rule, case, today):
                continue
            if rule.unit != GRID_HEAD:
                if self.find_unit(rule.unit, today) is not None:
                    return Route(rule.id, rule.unit)
            elif (head := self.find_head(case.areas, today)) is not None:
                return Route(rule.id, head.unit, head.account)
        return None

    def find_head(self, areas: Sequence[str], day: date) -> Member | None:
        """The head of the first of these areas that has one on a day."""
        heads = [m for m in self.members if m.post == "head" and is_within(m.valid_from, m.valid_to, day)]
        alive = {unit.code for unit in self.units if unit.is_valid(day)}
        return next((head for area in areas for head in heads if head.area == area and head.unit in alive), None)


def is_within(first: date | None, last: date | None, day: date) -> bool:
    """Whether a day lies between two others, both included; ``None``: no limit."""
    return (first is None or first <= day) and (last is None or day <= last)


def _fits(rule: RoutingRule, case: CasePlace, today: date) -> bool:
    return (
        is_within(rule.valid_from, rule.valid_to, today)
        and (rule.category is None or rule.category in case.categories)
        and (rule.area is None or rule.area in case.areas)
        and (rule.channel is None or rule.channel == case.channel)
        and (rule.hours is None or rule.hours.hold(case.reported_at.time()))
    )


def make_organisation(
    units: Iterable[Mapping[Any, Any]], members: Iterable[Mapping[Any, Any]], rules: Iterable[Mapping[Any, Any]]
) -> Organisation:
    """A city's organisation from rows of its tables, which have the names of the attributes here; hours are texts."""
    made = (RoutingRule(**{**row, "hours": parse_hours(row["hours"]) if row["hours"] else None}) for row in rules)
    return Organisation(tuple(Unit(**row) for row in units), tuple(Member(**row) for row in members), tuple(made))


def place_case(category: str, areas: Sequence[str], channel: str, reported_at: datetime, parents: Mapping[str, str | None]) -> CasePlace:
    """Where a case lies, in the terms of rules.

    Args:
        category: code of its category.
        areas: codes of the areas that it lies in, the smallest first, then zones.
        channel: where its report came from.
        reported_at: in the city's time zone.
        parents: the category above each category of the city.
    """
    return CasePlace(frozenset(list_ancestors(category, parents)), tuple(areas), channel, reported_at)


def list_ancestors(code: str, parents: Mapping[str, str | None]) -> Iterable[str]:
    """A code and all codes above it; a ring ends where it closes."""
    seen: set[str] = set()
    at: str | None = code
    while at is not None and at not in seen:
        seen.add(at)
        yield at
        at = parents.get(at)
