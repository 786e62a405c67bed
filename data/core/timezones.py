"""Moments as a city writes them."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone(name: str) -> tzinfo:
    """A time zone by its IANA name, or UTC on a machine without time zone data: the moment stays the same, only its text differs."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return UTC


def iso(moment: datetime, timezone: str) -> str:
    """A moment in a city's time zone, ISO 8601 to the second: ``2026-10-31T20:00:00+08:00``."""
    return moment.astimezone(zone(timezone)).isoformat(timespec="seconds")
