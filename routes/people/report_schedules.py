"""Schedules of reports for who manages them: written, tried, switched off, let go; and the link that confirms, for anybody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.core.errors import GridwellError
from data.core.i18n import t, tell
from data.deadlines.calendar import Calendar
from data.figures.reports import fetch_start
from data.reports.schedule import next_due
from data.reports.sending import receipts, schedules
from data.reports.sending.heads import list_choices, list_led
from data.reports.sending.model import BadSchedule, ScheduleChanged
from data.reports.sending.schedules import KeptSchedule
from reports.kinds import BadKind, Kind, find_kind, list_kinds
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.moments import Moment
from routes.doors.sending.pages import (
    SCHEDULES,
    SEEN,
    SchedulePage,
    SchedulesPage,
    SeenPage,
    describe_delivery,
    describe_led,
    describe_link,
    describe_run,
    describe_schedule,
    minute_moment,
    tell_script,
)
from routes.doors.sending.words import Form, Options, make_options
from routes.middleware.forms import fields, onwards, visitor
from routes.middleware.guard import inside
from routes.people.pages import parse_number, reader_language, respond
from routes.shared import scripts
from routes.shared.language import INSIDE
from routes.shared.path_numbers import register_id_numbers

router = APIRouter(include_in_schema=False)
MOST_PAGES, MOST_AT_ONCE = 10_000, 200
register_id_numbers()  # must run before the first path that uses them


@router.get(SCHEDULES)
async def show_schedules(request: Request) -> Response:
    """The list, with what waits for approval and what could not be sent."""
    return await _respond_list(request)


async def _respond_list(request: Request, message: Message = NO_MESSAGE) -> Response:
    viewer, lang, now = inside(request).viewer, reader_language(request), datetime.now(UTC)
    page, most = max(1, min(parse_number(request.query_params.get("page", "")), MOST_PAGES)), schedules.SCHEDULES_SHOWN
    found, kinds = await schedules.list_schedules(viewer, most + 1, (page - 1) * most), _kinds()
    kept = found[:most]
    calendars: dict[str, Calendar] = {}
    rows = []
    titles = {kind.code: _title(kind, lang) for kind in kinds}
    for one in kept:
        if one.city not in calendars and not one.off:
            calendars[one.city] = await schedules.read_area_calendar(viewer, one.draft.area)
        upcoming = [] if one.off else next_due(one.draft.rhythm, now, calendars[one.city], 1)
        rows.append(describe_schedule(lang, one, titles, upcoming[0] if upcoming else None))
    waiting, stuck = await schedules.list_waiting(viewer), await schedules.list_stuck(viewer)
    told = [
        [
            describe_delivery(lang, row, row["timezone"], f"{row['name']} · {minute_moment(row['due_at'], row['timezone']).text}")
            for row in listed
        ]
        for listed in (waiting, stuck)
    ]
    in_all = [listed[0]["of_all"] if listed else 0 for listed in (waiting, stuck)]
    newer = f"{SCHEDULES}?page={page - 1}" if page > 1 else None
    older = f"{SCHEDULES}?page={page + 1}" if len(found) > most else None
    view = SchedulesPage(schedules=rows, waiting=told[0], stuck=told[1], newer=newer, older=older, message=message)
    return respond(request, replace(view, waiting_in_all=in_all[0], stuck_in_all=in_all[1]))


@router.post(f"{SCHEDULES}/act")
async def act(request: Request) -> Response:
    """Let deliveries go, keep one back, or have it sent again: one, or those that the page has shown together."""
    given = await fields(request)
    viewer, lang, what = inside(request).viewer, reader_language(request), given.get("what", "")
    try:
        chosen = [UUID(one) for one in given.get("delivery", "").split(",")[:MOST_AT_ONCE]]
    except ValueError:
        chosen = []
    done = [what in ("approve", "decline", "resend") and await schedules.act(viewer, of, what) for of in chosen]  # type: ignore[arg-type]
    if not any(done):
        return await _respond_list(request, Message(error=t(lang, "It was done already, or is gone.")))
    return onwards(SCHEDULES)


@router.get(f"{SCHEDULES}/new")
async def show_new(request: Request) -> Response:
    """The form of a new one."""
    return await _respond_form(request, Form(area=_start(request)), None)


@router.post(f"{SCHEDULES}/new")
async def add(request: Request) -> Response:
    """Keep a new one, or say when it would be due."""
    return await _write(request, None)


@router.get(f"{SCHEDULES}/{{number:id}}")
async def show_schedule(request: Request, number: int) -> Response:
    """One schedule with its runs."""
    viewer, lang = inside(request).viewer, reader_language(request)
    kept = await schedules.read_schedule(viewer, number)
    upcoming = None
    if not kept.off:
        calendar = await schedules.read_area_calendar(viewer, kept.draft.area)
        upcoming = next_due(kept.draft.rhythm, datetime.now(UTC), calendar)
    moments = None if upcoming is None else [minute_moment(one, kept.timezone) for one in upcoming]
    led, nobody = describe_led(lang, await list_led(viewer, kept.draft))
    page = replace(await _page(request, Form.of(kept.draft), kept, moments), led=led, nobody=nobody)
    return respond(request, await _with_runs(request, page, kept))


async def _with_runs(request: Request, page: SchedulePage, kept: KeptSchedule) -> SchedulePage:
    """The newest runs, older ones, or the deliveries of one."""
    viewer, lang, asked = inside(request).viewer, reader_language(request), request.query_params
    address, most = f"{SCHEDULES}/{kept.id}", schedules.OF_ONE_RUN
    if number := parse_number(asked.get("run", "")):
        at = max(1, min(parse_number(asked.get("page", "")), MOST_PAGES))
        run = await schedules.read_run(viewer, kept.id, number, (at - 1) * most)
        newer = f"{address}?run={number}&page={at - 1}" if at > 1 else None
        older = f"{address}?run={number}&page={at + 1}" if run and run.of_all > at * most else None
        told = () if run is None else (replace(describe_run(lang, run, kept.timezone, address), all=None, more=0),)
        return replace(page, runs=told, one_run=True, newer=newer, older=older)
    runs = await schedules.list_runs(viewer, kept.id, _moment(asked.get("before")), schedules.RUNS_SHOWN + 1)
    shown = runs[: schedules.RUNS_SHOWN]
    older = f"{address}?before={int(shown[-1].due_at.timestamp())}" if len(runs) > len(shown) else None
    return replace(page, runs=[describe_run(lang, run, kept.timezone, address) for run in shown], older=older)


@router.post(f"{SCHEDULES}/{{number:id}}")
async def change(request: Request, number: int) -> Response:
    """Change one, or say when it would be due."""
    return await _write(request, await schedules.read_schedule(inside(request).viewer, number))


@router.post(f"{SCHEDULES}/{{number:id}}/switch")
async def switch(request: Request, number: int) -> Response:
    """Switch one on or off."""
    given = await fields(request)
    await schedules.switch_schedule(inside(request).viewer, number, given.get("on") == "1")
    return onwards(f"{SCHEDULES}/{number}")


async def _write(request: Request, kept: KeptSchedule | None) -> Response:
    given, viewer, lang = await fields(request), inside(request).viewer, reader_language(request)
    form = Form.read(given)
    try:
        draft = form.draft({kind.code: (kind.step, kind.any_period) for kind in _kinds()})
        calendar = await schedules.read_area_calendar(viewer, draft.area)
        if "preview" in given:
            upcoming = next_due(draft.rhythm, datetime.now(UTC), calendar)
            beyond = next((one for one in upcoming if not calendar.is_gazetted(calendar.local_day(one))), None)
            moments = [minute_moment(one, calendar.timezone) for one in upcoming]
            led, nobody = describe_led(lang, await list_led(viewer, draft))
            page = replace(await _page(request, form, kept, moments), led=led, nobody=nobody)
            return respond(request, replace(page, unknown_from=calendar.local_day(beyond).year if beyond else None))
        levels = find_kind(draft.kind).levels
        number = await schedules.save_schedule(viewer, draft, kept.id if kept else None, parse_number(given.get("version", "")), levels)
    except (BadSchedule, ScheduleChanged) as error:
        return await _respond_form(request, form, kept, Message(error=_tell(lang, error)))
    return onwards(f"{SCHEDULES}/{number}")


def _tell(lang: str, error: GridwellError) -> str:
    """A refusal with its reason in the reader's language."""
    reason = error.facts.get("reason")
    return t(lang, error.sentence, **{**error.facts, "reason": t(lang, str(reason))}) if reason else tell(lang, error)


async def _respond_form(request: Request, form: Form, kept: KeptSchedule | None, message: Message = NO_MESSAGE) -> Response:
    return respond(request, replace(await _page(request, form, kept, None), message=message))


async def _page(request: Request, form: Form, kept: KeptSchedule | None, moments: Sequence[Moment] | None) -> SchedulePage:
    viewer, lang = inside(request).viewer, reader_language(request)
    page = SchedulePage(
        address=f"{SCHEDULES}/new",
        heading=t(lang, "New schedule"),
        form=form,
        options=_options(lang),
        facts=tell_script(lang, await fetch_start(viewer), await list_choices(viewer)),
        script=scripts.address(scripts.REPORT_SCHEDULE),
        next=moments,
        is_new=kept is None,
    )
    if kept is None:
        return page
    return replace(page, address=f"{SCHEDULES}/{kept.id}", heading=kept.draft.name, off=kept.off, version=kept.version)


def _start(request: Request) -> str:
    code = inside(request).viewer.scope_code
    return "" if code == "*" else code


def _kinds() -> list[Kind]:
    """All kinds that can be used."""
    found = []
    for code in list_kinds():
        try:
            found.append(find_kind(code))
        except BadKind:
            continue
    return found


def _options(lang: str) -> Options:
    return make_options(lang, [(kind.code, _title(kind, lang)) for kind in _kinds()])


def _title(kind: Kind, lang: str) -> str:
    return kind.title_en if lang == "en" else kind.title


def _moment(text: str | None) -> datetime | None:
    number = parse_number(text or "")
    return datetime.fromtimestamp(number, UTC) if 0 < number < 4_000_000_000 else None


# ---- The link ----


@router.get(f"{SEEN}{{token}}")
async def show_link(request: Request, token: str) -> Response:
    """What a link is about. Nothing is confirmed: programs that check mails follow links, too."""
    return await _respond_link(request, token)


@router.post(f"{SEEN}{{token}}")
async def confirm(request: Request, token: str) -> Response:
    """Confirm that it was seen, with an answer if there is one."""
    given, lang = await fields(request), reader_language(request)
    try:
        await receipts.confirm(visitor(request), token, given.get("answer", ""))
    except receipts.UnknownLink as error:
        return respond(request, SeenPage(message=Message(error=tell(lang, error))))
    return await _respond_link(request, token, Message(success=t(lang, "It is noted that you have seen the report.")))


async def _respond_link(request: Request, key: str, message: Message = NO_MESSAGE) -> Response:
    lang = reader_language(request)
    try:
        row = await receipts.find_link(visitor(request), key)
    except receipts.UnknownLink as error:
        return respond(request, SeenPage(message=Message(error=tell(lang, error))))
    return respond(request, describe_link(lang, key, row, request.scope.get(INSIDE) is not None, message))
