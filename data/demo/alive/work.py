"""What one of the crew does at the door: report a case, take a step, read a case, list what is open."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import time
from typing import Any
from zlib import crc32

from data.demo.alive.board import follow, read_case
from data.demo.alive.client import Answer, Door
from data.demo.alive.decisions import Case, Deed
from data.demo.alive.people import SENSITIVE, Crew
from data.demo.alive.photos import draw_photo
from data.demo.alive.rhythm import Report
from data.demo.alive.timing import DAY_S, Pace
from data.schema import OPEN_STAGES

PER_PAGE = 200
MOST_CLOSED_PAGES = 20
_LEAST_PAUSE_S = 30.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of something.

    Attributes:
        what: step, ``report`` or ``read``, for the log.
        case: as it stands now; ``None``: unknown, or there is none.
        parts: numbers of new cases that a case was split into.
        refused: codes of the reasons, where it was refused.
        into: number of the case that it was to be merged into.
    """

    what: str
    case: Case | None
    parts: tuple[str, ...] = ()
    refused: str = ""
    into: str | None = None


def fill_in(deed: Deed, pace: Pace, now: datetime) -> dict[str, Any]:
    """The fields of a step, with the end of a pause."""
    if not deed.pause_days:
        return deed.fields
    seconds = max(_LEAST_PAUSE_S, deed.pause_days * DAY_S / pace.speed)
    return {**deed.fields, "until": (now + timedelta(seconds=seconds)).isoformat()}


@dataclass(frozen=True, slots=True)
class Hands:
    """The crew's hands at the door."""

    door: Door
    crew: Crew
    seed: int
    pace: Pace

    def report(self, report: Report) -> Outcome:
        """Make a report.

        Raises:
            Later, Dismissed: see ``Door``.
        """
        body = report.body
        if report.photo:
            body = {**body, "attachments": [self.door.send_photo(report.who, draw_photo(crc32(report.key.encode())))]}
        answer = self.door.post(report.who, "/api/cases", body, report.key)
        if not answer.ok:
            return Outcome("report", None, refused=answer.why)
        return Outcome("report", self._read_reported(report, answer.body))

    def _read_reported(self, report: Report, told: dict[str, Any]) -> Case | None:
        """The case that was made; one of an earlier start of the crew may be further by now, and is found by the next listing."""
        if told["again"]:
            return None
        body = report.body
        row = {"number": told["number"], "version": told["case_version"], "stage": told["stage"], "state": None, "unit": None}
        row |= {"category": body["category"], "channel": body["channel"], "title": body["title"], "severity": body.get("severity", 3)}
        found = self._read(body["category"], told["number"])
        return found or read_case({**row, "grid": "", "reported_at": told["at"], "stage_at": told["at"]}, time())

    def read(self, case: Case) -> Outcome:
        """A case as it stands now.

        Raises:
            Later, Dismissed: see ``Door``.
        """
        return Outcome("read", self._read(case.category, case.number))

    def _read(self, category: str, number: str) -> Case | None:
        who = self.crew.at("chief") if category in SENSITIVE else self.crew.find_desk(number, category)
        answer = self.door.get(who, f"/api/cases/{number}")
        return read_case(answer.body["case"], time()) if answer.ok else None

    def act(self, case: Case, deed: Deed) -> Outcome:
        """Take a step; a case that somebody else has changed meanwhile is read again.

        Raises:
            Later, Dismissed: see ``Door``.
        """
        answer = self._send(case, deed)
        if answer.ok:
            return Outcome(deed.step, follow(case, deed, answer.body), tuple(answer.body["parts"]))
        return replace(self.read(case), what=deed.step, refused=answer.why, into=deed.fields.get("into"))

    def _send(self, case: Case, deed: Deed) -> Answer:
        key = f"{self.seed}:{case.number}:{case.reported_at:.0f}:{case.version}:{deed.step}"
        body = {"step": deed.step, "version": case.version, **fill_in(deed, self.pace, datetime.now(UTC))}
        if deed.photo:
            body["attachments"] = [self.door.send_photo(deed.who, draw_photo(crc32(key.encode())))]
        return self.door.post(deed.who, f"/api/cases/{case.number}/steps", body, key)

    def list_open(self) -> Iterator[Case]:
        """Every open case, the oldest first.

        Raises:
            Later, Dismissed: see ``Door``.
        """
        return self._list(list(OPEN_STAGES), None, {"sort": "reported_at"})

    def list_closed(self) -> Iterator[Case]:
        """Cases that the crew, or somebody else, closed here of late: some are called back, and evaluated.

        Raises:
            Later, Dismissed: see ``Door``.
        """
        days = max(1, round(7 / self.pace.speed))
        since = (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
        closed = self._list(["closed"], MOST_CLOSED_PAGES, {"sort": "-closed_at", "closed_from": since})
        return (case for case in closed if case.version > 0)

    def _list(self, stages: list[str], most_pages: int | None, query: dict[str, Any]) -> Iterator[Case]:
        chief, cursor, pages = self.crew.at("chief"), None, 0
        while most_pages is None or pages < most_pages:
            more: dict[str, str] = {} if cursor is None else {"cursor": cursor}
            answer = self.door.get(chief, "/api/cases", stage=stages, limit=PER_PAGE, counts=False, **query, **more)
            if not answer.ok:
                return
            now, pages = time(), pages + 1
            yield from (read_case(row, now) for row in answer.body["cases"])
            cursor = answer.body["next"]
            if cursor is None:
                return
