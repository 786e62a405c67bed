"""The shape of the figures on a wall. There is nothing about a person in it, no text that somebody wrote, and no address."""

from typing_extensions import TypedDict

from data.figures.types import AreaName


class LevelCount(TypedDict):
    """How many areas of a level lie inside the area."""

    level: str
    name: str
    name_en: str
    n: int


class Today(TypedDict):
    """Cases reported today, and how many are usual by this time of day: mean of ``days`` whole days; ``None`` where it is not known."""

    n: int
    usual: float | None
    days: int


class Stock(TypedDict):
    """Open cases as they stand."""

    n: int
    overdue: int
    due_soon: int


class Share(TypedDict):
    """A share with its fraction. ``reason`` says why there is none: ``no_cases``, ``needs_cases``, ``not_known``, ``too_few``."""

    numerator: int | None
    denominator: int | None
    value: float | None
    reason: str | None


class Residents(TypedDict):
    """Residents, and how many grids have a head; ``None`` where no source says it. Members of units are not told to walls."""

    total: int | None
    as_of: str | None
    staffed: int | None
    grids: int | None


class Workers(TypedDict):
    """How many people are on duty now (``None``: not told), and how many of the area's grids they look after; counts of the duty roster."""

    people: int | None
    grids: int
    of_grids: int


class Hazard(TypedDict):
    """A hazard of which an authority warns here, now or within a day; ``level``: 1 (red) to 4 (blue), 5 where nobody says it."""

    # A wall shows each from its begin to its end by the server's clock. The colour is that which the notice names; an end may be assumed.

    level: int
    colour: str | None
    event: str
    event_en: str
    place: str
    place_en: str
    sender: str
    sender_en: str
    starts_at: str
    ends_at: str
    is_end_said: bool


class Rhythm(TypedDict):
    """Cases by hour of the city's clock: today, and the mean of up to 30 whole days before (at least 7); ``left_out`` have no hour."""

    today: list[int]
    usual: list[float] | None
    left_out: int


Week = TypedDict("Week", {"from": str, "to": str, "cells": list[list[int]]})
"""The last whole week: cases by day, Monday first, and hour."""


class AreaChange(TypedDict):
    """How the number of cases of an area changed: ratio of now to before with its 95 % interval; see ``data.core.rate_changes``."""

    code: str
    name: str
    name_en: str
    now: int
    before: int
    ratio: float | None
    low: float | None
    high: float | None
    verdict: str


class ChangesTold(TypedDict):
    """The areas that changed most from the seven whole days before to the last seven."""

    level: str
    level_name: str
    level_name_en: str
    days: int
    areas: list[AreaChange]


class NewCase(TypedDict):
    """A new case for the ticker. ``id`` only tells it from others; ``area`` names street and community; its place is that of its cell."""

    id: str
    at: str
    only_day: bool
    category: str
    category_en: str
    source: str
    stage: str
    state: str | None
    severity: int
    area: list[str]
    area_en: list[str]
    lon: float | None
    lat: float | None


class LitCell(TypedDict):
    """Overdue cases of a cell, and how many of them are critical or urgent; at the place of the cell's name."""

    lon: float
    lat: float
    n: int
    serious: int


class WallFigures(TypedDict):
    """Everything that the panels of a wall show for one area. ``None`` means that no source says it; it is never a zero."""

    version: str
    versions: dict[str, int]
    as_of: str
    today: str
    current: bool
    timezone: str
    area: AreaName
    levels: list[LevelCount]
    reported: Today
    open: Stock
    on_time: Share
    proactive: Share
    satisfied: Share
    residents: Residents
    workers: Workers | None
    hazards: list[Hazard]
    hours: Rhythm | None
    week: Week | None
    changes: ChangesTold
    cases: list[NewCase] | None
    overdue: list[LitCell] | None
