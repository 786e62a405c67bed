"""Makes what the queue holds: composes reports as their audience, and writes files from what is stored. The printer runs it.

A request is taken under a lease, which is renewed as long as it is being made. Whoever dies on it loses it after two minutes; then it is
taken once more, and fails for good if that ends in the same way.
"""

import asyncio
import logging
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any

from data.core.errors import GridwellError
from data.core.period import Period
from data.reports import queue
from data.reports.errors import ReportUnforeseen
from data.reports.requests import Request
from reports.changes import Changed, list_changes, with_correction
from reports.compose import compose
from reports.content import Report
from reports.periods import write_period
from reports.stored import from_json, to_json
from reports.writers.forms import write

_log = logging.getLogger(__name__)

LOOK_S, BEAT_S, TELL_S, TIDY_S = 5.0, 30.0, 0.5, 60.0
"""Seconds after which the queue is looked at without news; a lease is renewed; progress is told; what is over is deleted."""


class Printer:
    """Works on the queue of a database; several may."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self._news = asyncio.Event()
        self._tidy_at = 0.0
        self._wrote = False

    async def run(self, ending: asyncio.Event) -> None:
        """Work until ``ending`` is set; after a failure of the database it goes on. What is being made then goes back to the queue."""
        tasks = [asyncio.create_task(self._work()), asyncio.create_task(queue.hear_news(self._news.set))]
        try:
            await ending.wait()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await queue.release(self.id)

    async def _work(self) -> None:
        while True:
            self._news.clear()
            try:
                if await self.work_once():
                    continue
            except GridwellError as error:  # the database is away
                _log.warning("reports cannot be made, trying again: %s", error)
            except Exception:  # this task is the only one that works
                _log.exception("reports cannot be made, trying again")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), LOOK_S)

    async def work_once(self) -> bool:
        """Do one thing that waits: files and reports by turns, and files first, because somebody waits for them already.

        Returns:
            Whether there was one.
        """
        if monotonic() > self._tidy_at:
            await queue.tidy()
            self._tidy_at = monotonic() + TIDY_S
        turns = (self._write_next, self._make_next)
        for turn in reversed(turns) if self._wrote else turns:
            if await turn():
                self._wrote = turn == self._write_next
                return True
        return False

    async def _write_next(self) -> bool:
        if (file := await queue.take_file(self.id)) is None:
            return False
        await self._write(*file)
        return True

    async def _make_next(self) -> bool:
        if (request := await queue.take_request(self.id)) is None:
            return False
        await self._make(request)
        return True

    async def _make(self, request: Request) -> None:
        progress = Progress()
        try:
            async with _beside(self._tell(request.id, progress)):
                report, changes = await make_report(request, progress)
            content = await asyncio.to_thread(pack, report)
            told = None if changes is None else [asdict(one) for one in changes]
            await queue.finish_request(request.id, self.id, content, facts_of(report), told)
        except GridwellError as error:
            await queue.fail_request(request.id, self.id, error)
        except Exception:
            _log.exception("report %s cannot be made", request.id)
            await queue.fail_request(request.id, self.id, ReportUnforeseen())

    async def _tell(self, of_id: uuid.UUID, progress: "Progress") -> None:
        """Tell how far a report is, and renew its lease, until cancelled."""
        told, beat_at = None, 0.0
        while True:
            if progress.told != told or monotonic() > beat_at:
                told, beat_at = progress.told, monotonic() + BEAT_S
                await queue.tell_progress(of_id, self.id, told)
            await asyncio.sleep(TELL_S)

    async def _write(self, of_id: uuid.UUID, form: str, content: bytes) -> None:
        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT_S)
                await queue.renew_file(of_id, form, self.id)

        try:
            async with _beside(beat()):
                made = await asyncio.to_thread(write_form, content, form)
            await queue.keep_file(of_id, form, made)
        except GridwellError as error:
            await queue.fail_file(of_id, form, self.id, error)
        except Exception:
            _log.exception("the %s of report %s cannot be written", form, of_id)
            await queue.fail_file(of_id, form, self.id, ReportUnforeseen())


class Progress:
    """Which section is being made; ``compose`` calls it."""

    def __init__(self) -> None:
        self.told: dict[str, Any] = {"section": "", "at": 0, "of": 0}

    def __call__(self, section: str, at: int, of: int) -> None:
        self.told = {"section": section, "at": at, "of": of}


async def make_report(request: Request, progress: Progress) -> tuple[Report, list[Changed] | None]:
    """Compose a report as its audience; of a correction also what differs from the report that it corrects, which it says itself.

    Raises:
        GridwellError: see ``reports.compose.compose``.
    """
    order, viewer = request.order, request.audience.as_viewer(request.order.lang)
    made = await compose(order.area, order.kind, order.period, viewer, progress, order.beside)
    report = replace(made, made_at=datetime.now(UTC).isoformat(timespec="seconds"))
    if request.corrects is None:
        return report, None
    row = await queue.read_corrected(request.corrects)
    changes = list_changes(unpack(bytes(row["content"])), report)
    issued_at = row["issued_at"].astimezone(datetime.fromisoformat(report.as_of).tzinfo or UTC)
    return with_correction(report, str(row["no"]), issued_at, request.reason or "", changes), changes


def pack(report: Report) -> bytes:
    """A report as it is stored: the same report gives the same bytes."""
    return to_json(report)


def unpack(content: bytes) -> Report:
    """The report that was stored.

    Raises:
        BrokenReport, LaterReport: see ``reports.stored.from_json``.
    """
    return from_json(content)


def write_form(content: bytes, form: str) -> bytes:
    """A file in one of ``data.reports.requests.FORMS`` from what is stored."""
    return write(unpack(content), f".{form}")


def facts_of(report: Report) -> dict[str, Any]:
    """What lists and pages tell of a report without opening it."""
    names = ("title", "issuer", "area_name", "step", "first", "last", "period", "days", "as_of", "data_version", "format")
    code = write_period(report.step, Period.parse(report.first, report.last))
    return {**{name: getattr(report, name) for name in names}, "code": code}


@asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
