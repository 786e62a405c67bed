"""Deadlines of cases as a calendar (RFC 5545): one event for each open case that has a deadline.

Nothing in it depends on the moment at which it is asked for, so that the same cases make the same text, and its tag says whether anything
has changed. A case that was closed, or is somebody else's, is no longer in the calendar, and programs then drop it.
"""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

from icalendar import Calendar, Event

from data.cases.listing.types import CaseRow
from data.core.i18n import t
from routes.exports.answers import as_moment

MEDIA_TYPE = "text/calendar; charset=utf-8"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_EVERY = "PT1H"
"""How often programs are asked to read it again."""


def make_calendar(cases: Sequence[CaseRow], title: str, note: str, address: str, lang: str, clock: tzinfo) -> bytes:
    """The calendar.

    Args:
        cases: open ones; those without a deadline are left out.
        title: of the calendar.
        note: what it holds, and what it leaves out.
        address: of this server, without a slash at its end.
        lang: language of its sentences.
        clock: the city's time zone, for deadlines of which only the day is known. All moments are told in UTC.
    """
    made = Calendar()
    made.add("prodid", "-//Gridwell//Deadlines of cases//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    for name, text in (("name", title), ("x-wr-calname", title), ("description", note), ("x-wr-caldesc", note)):
        made.add(name, _plain(text))
    made.add("x-published-ttl", _EVERY)
    for case in cases:
        if case["due_at"] is not None:
            made.add_component(_make_event(case, case["due_at"], address, lang, clock))
    return bytes(made.to_ical())


def _make_event(case: CaseRow, due_at: str, address: str, lang: str, clock: tzinfo) -> Event:
    made, due = Event(), datetime.fromisoformat(due_at)
    changed = as_moment(case["stage_at"]) or datetime.fromisoformat(case["reported_at"])
    made.add("uid", f"{case['city']}-{case['key'].replace(':', '-')}@gridwell")
    made.add("dtstamp", changed)
    made.add("last-modified", changed)
    made.add("sequence", case["version"])
    made.add("dtstart", due.astimezone(clock).date() if case["due_is_day"] else due)
    made.add("summary", _plain(f"{case['number']} {_local(case, 'title', lang) or ''}"))
    made.add("description", _plain(_describe(case, lang)))
    place = " ".join(filter(None, (_local(case, "above_name", lang), _local(case, "grid_name", lang), case["address"])))
    if place:
        made.add("location", _plain(place))
    made.add("url", f"{address}/desk?case={case['number']}" if case["number"].isascii() else f"{address}/desk")
    made.add("status", "TENTATIVE" if case["due_provisional"] or case["state"] == "paused" else "CONFIRMED")
    made.add("transp", "TRANSPARENT")  # a deadline keeps nobody busy
    return made


def _describe(case: CaseRow, lang: str) -> str:
    lines = [f"{t(lang, 'Category')}: {_local(case, 'category_name', lang)}"]
    if case["state"] == "paused":
        lines.append(t(lang, "The case is paused: the deadline moves on until it goes on."))
    if case["due_provisional"]:
        lines.append(t(lang, "The calendar of that year is not gazetted yet: the deadline may still change."))
    return "\n".join(lines)


def _local(case: CaseRow, name: str, lang: str) -> str | None:
    english: str | None = case[f"{name}_en"] if lang == "en" else None  # type: ignore[literal-required]
    own: str | None = case[name]  # type: ignore[literal-required]
    return english or own


def _plain(text: str) -> str:
    """A text without control characters, which the format cannot hold; line breaks stay, escaped."""
    return _CONTROLS.sub(" ", text.replace("\r\n", "\n"))
