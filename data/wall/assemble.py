"""Puts a wall's figures together from rows; no function here queries the database."""

import hashlib
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import RowMapping

from data.core.period import Period
from data.core.timezones import iso, zone
from data.figures.changes import Changes
from data.indicators.counts import Counted
from data.schema import LEVELS
from data.wall.types import AreaChange, ChangesTold, Hazard, LevelCount, NewCase, Rhythm, Share, Today, Week

USUAL_DAYS, LEAST_DAYS = 30, 7
"""What is usual is the mean of so many whole days, or of those since the first case; of fewer than a week nobody can say it."""
MOST_CHANGED = 10
Hours = Sequence[RowMapping]
"""Rows ``day``, ``hour``, ``n`` of ``data.queries.wall.reports_by_hour``."""


def seconds_to_midnight(own: Mapping[str, object] | RowMapping) -> float:
    """Seconds from the moment of the figures until the city's next day begins; days of a change of the clocks are as long as they are."""
    at: datetime = own["city_as_of"]  # type: ignore[assignment]
    return seconds_left(at, str(own["city_timezone"]))


def seconds_left(at: datetime, timezone: str) -> float:
    """Seconds from a moment until the next day of a time zone begins."""
    there = zone(timezone)
    tomorrow = datetime.combine(at.astimezone(there).date() + timedelta(days=1), time(0), there)
    return max(0.0, tomorrow.timestamp() - at.timestamp())


def find_last_week(today: date) -> Period:
    """The last whole week, Monday to Sunday, before the week of a day."""
    monday = today - timedelta(days=today.isoweekday() - 1)
    return Period(monday - timedelta(days=7), monday - timedelta(days=1))


def tell_share(counted: Counted | None, sees_cases: bool, least: int = 0) -> Share:
    """A share of ``data.indicators``, with the reason where there is none; of fewer than ``least`` neither the share nor its parts."""
    if counted is None or counted.denominator is None:
        return {"numerator": None, "denominator": None, "value": None, "reason": "no_cases" if sees_cases else "needs_cases"}
    if not counted.denominator:
        return {"numerator": 0, "denominator": 0, "value": None, "reason": "not_known" if counted.unknown else "no_cases"}
    if counted.denominator < least:
        return {"numerator": None, "denominator": None, "value": None, "reason": "too_few"}
    n = int(counted.numerator or 0)
    return {"numerator": n, "denominator": counted.denominator, "value": n / counted.denominator, "reason": None}


def assemble_levels(own: RowMapping, rows: Sequence[RowMapping]) -> list[LevelCount]:
    """Levels below the area, from the top down, with the city's own names for them."""
    counted, names = {row["level"]: row["n"] for row in rows}, own["city_level_names"]
    return [
        {"level": level, "name": names.get(level, {}).get("zh", ""), "name_en": names.get(level, {}).get("en", ""), "n": counted[level]}
        for level in LEVELS
        if counted.get(level)
    ]


# ---- The rhythm of the day ----


def _split(rows: Hours) -> tuple[dict[tuple[date, int], int], dict[date, int]]:
    """Cases by day and hour, and cases by day of which the hour is not known."""
    hours: dict[tuple[date, int], int] = {}
    only_day: dict[date, int] = defaultdict(int)
    for row in rows:
        if row["hour"] is None:
            only_day[row["day"]] += row["n"]
        else:
            hours[row["day"], row["hour"]] = row["n"]
    return hours, only_day


def _usual_days(own: RowMapping, first: date | None) -> list[date]:
    """The whole days before today of which there are data; empty where they are too few to say what is usual."""
    today: date = own["city_today"]
    days = [today - timedelta(days=back) for back in range(1, USUAL_DAYS + 1)]
    known = [day for day in days if first is not None and day >= first]
    return known if len(known) >= LEAST_DAYS else []


def assemble_rhythm(own: RowMapping, rows: Hours | None, first: date | None) -> Rhythm | None:
    """Today by hour beside the mean of the whole days before; ``None`` where no hour is known.

    Args:
        own: row of the area.
        rows: its cases by day and hour.
        first: the first day of which there are data: no day before it counts as one without cases.
    """
    hours, only_day = _split(rows or ())
    if not hours:
        return None
    days, today = _usual_days(own, first), own["city_today"]
    return {
        "today": [hours.get((today, hour), 0) for hour in range(24)],
        "usual": [sum(hours.get((day, hour), 0) for day in days) / len(days) for hour in range(24)] if days else None,
        "left_out": only_day.get(today, 0),
    }


def assemble_week(own: RowMapping, rows: Hours | None) -> Week | None:
    """The last whole week by day and hour; ``None`` where no hour is known."""
    hours, _ = _split(rows or ())
    if not hours:
        return None
    week = find_last_week(own["city_today"])
    cells = [[hours.get((day, hour), 0) for hour in range(24)] for day in week.dates()]
    return {"from": week.start.isoformat(), "to": week.end.isoformat(), "cells": cells}


def assemble_today(own: RowMapping, n: int, rows: Hours | None, first: date | None) -> Today:
    """Today's cases beside the mean of the whole days before until the same time of day.

    Of the running hour the share that is over counts. Cases of which only the day is known count from its first moment, today and before.
    """
    rhythm = assemble_rhythm(own, rows, first)
    if rhythm is None or rhythm["usual"] is None:
        return {"n": n, "usual": None, "days": 0}
    _, only_day = _split(rows or ())
    days = _usual_days(own, first)
    at = own["city_as_of"].astimezone(zone(own["city_timezone"])).time()
    usual = sum(rhythm["usual"][: at.hour]) + rhythm["usual"][at.hour] * (at.minute * 60 + at.second) / 3600
    usual += sum(only_day.get(day, 0) for day in days) / len(days)
    return {"n": n, "usual": usual, "days": len(days)}


# ---- Areas that changed ----


def assemble_changes(own: RowMapping, level: str | None, rows: Sequence[RowMapping], changes: Changes) -> ChangesTold:
    """The areas that changed most: first those whose interval leaves out no change, by how far, then the rest by their ratio.

    A page shows as many of them as have room.
    """
    names = own["city_level_names"].get(level, {})
    told = [one for row in rows if (one := _tell_change(row, changes)) is not None]
    return {
        "level": level or "",
        "level_name": names.get("zh", ""),
        "level_name_en": names.get("en", ""),
        "days": changes.before.days,
        "areas": sorted(told, key=_importance)[:MOST_CHANGED],
    }


def _tell_change(row: RowMapping, changes: Changes) -> AreaChange | None:
    change = changes.of(row["code"])
    if change is None or change.ratio is None or change.verdict == "too_few":
        return None
    return {
        "code": row["code"],
        "name": row["name"],
        "name_en": row["name_en"],
        "now": change.now,
        "before": change.before,
        "ratio": change.ratio,
        "low": change.low,
        "high": change.high,
        "verdict": change.verdict,
    }


def _importance(one: AreaChange) -> tuple[bool, float, str]:
    """Smaller comes first."""
    nearest = (one["low"] if one["verdict"] == "more" else one["high"]) if one["verdict"] != "unclear" else one["ratio"]
    return one["verdict"] == "unclear", -abs(math.log(max(nearest or 0, 1e-3))), one["code"]


# ---- The newest cases ----


def hide_number(key: bytes, city: str, number: str) -> str:
    """What stands for the number of a case: the same at every process that has the key, and of no use without it."""
    return hashlib.blake2s(f"{city} {number}".encode(), digest_size=9, key=key, person=b"ticker").hexdigest()


def assemble_ticker(own: RowMapping, rows: Sequence[RowMapping], key: bytes) -> list[NewCase]:
    """The newest cases without their texts and numbers.

    Args:
        own: row of the area.
        rows: of ``data.queries.wall.newest_cases``.
        key: a secret of the database: without it, numbers could be found by trying all that there can be.
    """
    return [
        {
            "id": hide_number(key, own["city_code"], row["number"]),
            "at": iso(row["reported_at"], own["city_timezone"]),
            "only_day": row["reported_is_day"],
            "category": row["category"] or "",
            "category_en": row["category_en"] or row["category"] or "",
            "source": row["channel"],
            "stage": row["stage"],
            "state": row["state"],
            "severity": row["severity"],
            "area": row["area"] or [row["cell"]],
            "area_en": row["area_en"] or [row["cell_en"] or row["cell"]],
            "lon": row["lon"],
            "lat": row["lat"],
        }
        for row in rows
    ]


def tell_hazard(row: RowMapping) -> Hazard:
    """A hazard in both languages; where one is missing, the other one stands for it."""
    words = row["told"]["words"]
    zh, en = words.get("zh") or words["en"], words.get("en") or words["zh"]
    return {
        "level": row["level"],
        "colour": row["told"]["colour"],
        "event": zh["event"],
        "event_en": en["event"],
        "place": zh["place"],
        "place_en": en["place"],
        "sender": zh["sender"],
        "sender_en": en["sender"],
        "starts_at": row["starts_at"].isoformat(),
        "ends_at": row["ends_at"].isoformat(),
        "is_end_said": row["told"]["is_end_said"],
    }
