"""The pages of schedules: the list with what waits and what failed, one schedule with its form and its runs, and the page of a link."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from data.core.i18n import t
from data.core.timezones import zone
from data.notices.account import describe_failure
from data.reports.sending.heads import Led
from data.reports.sending.model import HEAD
from data.reports.sending.schedules import KeptSchedule, Run
from routes.doors.messages import Message
from routes.doors.moments import Moment, local_moment
from routes.doors.page import PageView
from routes.doors.sending.words import (
    CHANNEL_WORDS,
    FAILURE_WORDS,
    FORM_WORDS,
    STATE_KINDS,
    STATE_WORDS,
    STOP_WORDS,
    Form,
    Options,
    describe_rhythm,
)
from routes.shared.account_names import name_account

SCHEDULES = "/report/schedules"
"""Address of the list."""
SEEN = "/report/seen/"
"""Beginning of the addresses of links that confirm."""


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """A schedule in a few words."""

    address: str
    name: str
    what: str
    when: str
    recipients: int
    off: bool
    next: Moment | None


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """What went to one receiver.

    Attributes:
        id: of the delivery.
        about: the schedule and the moment, where the page does not say so otherwise.
        who, target: who by name and account, and where to.
        area: name of the area.
        report: address of the report; ``None``: it is not made.
        state, kind: in words, and as the style sheet knows it.
        why: what the last try said; empty: nothing.
        next: of the next try.
        seen: when it was confirmed.
        answer: in the receiver's own words.
        unseen: it was sent, and nobody has confirmed it.
        waits, again: somebody may let it go, or have it sent again.
    """

    id: str
    about: str
    who: str
    target: str
    area: str
    report: str | None
    state: str
    kind: str
    why: str
    next: Moment | None
    seen: Moment | None
    answer: str
    unseen: bool
    waits: bool
    again: bool


@dataclass(frozen=True, slots=True)
class RunRow:
    """One time that a schedule was due.

    Attributes:
        due, period, missed: of the run.
        deliveries: so many of ``in_all``.
        unseen: who has not confirmed, of those that are shown; ``more`` others have not, either.
        all: address of all deliveries, where not all are shown.
    """

    due: Moment
    period: str
    missed: bool
    deliveries: Sequence[DeliveryRow]
    unseen: Sequence[str]
    in_all: int = 0
    more: int = 0
    all: str | None = None


@dataclass(frozen=True, kw_only=True)
class SchedulesPage(PageView):
    """The list.

    Attributes:
        schedules: those of this page.
        waiting, stuck: what waits for approval, and what could not be sent: the first ones of ``waiting_in_all`` and ``stuck_in_all``.
        newer, older: addresses of the pages before and after.
    """

    template: ClassVar[str] = "report_schedules/schedules.html"
    schedules: Sequence[ScheduleRow]
    waiting: Sequence[DeliveryRow]
    stuck: Sequence[DeliveryRow]
    waiting_in_all: int = 0
    stuck_in_all: int = 0
    newer: str | None = None
    older: str | None = None


@dataclass(frozen=True, kw_only=True)
class SchedulePage(PageView):
    """One schedule, or a new one.

    Attributes:
        address: where the form is sent.
        heading: title of the page.
        form: what the fields hold.
        options: what there is to choose from.
        facts, script: what the form's script must know, as JSON, and its address.
        next: the next moments; ``None``: nobody asked, or the form cannot be read.
        unknown_from: first year whose holidays are not known, if one of these moments lies in it.
        runs: the newest first; or the one that is read, which is ``one_run``.
        newer, older: addresses of the pages before and after: older runs, or further deliveries of the one run.
        led: who leads which area, where its reports go to the heads; ``nobody``: names of areas that nobody leads.
        is_new, off: whether it is kept at all, and switched off.
        version: of the one that is changed.
    """

    template: ClassVar[str] = "report_schedules/schedule.html"
    address: str
    heading: str
    form: Form
    options: Options
    facts: str
    script: str
    next: Sequence[Moment] | None = None
    unknown_from: int | None = None
    runs: Sequence[RunRow] = ()
    one_run: bool = False
    newer: str | None = None
    older: str | None = None
    led: Sequence[tuple[str, str]] | None = None
    nobody: Sequence[str] = ()
    is_new: bool = False
    off: bool = False
    version: int = 0


@dataclass(frozen=True, kw_only=True)
class SeenPage(PageView):
    """The page of a link.

    Attributes:
        address: where the form is sent; empty: the link is about nothing.
        facts: what it is about, as names and values.
        report: address of the report, for who may sign in.
        seen: when it was confirmed.
        answer: what was answered.
    """

    template: ClassVar[str] = "report_schedules/seen.html"
    address: str = ""
    facts: Sequence[tuple[str, str]] = ()
    report: str | None = None
    seen: Moment | None = None
    answer: str = ""

    @property
    def status(self) -> int:
        """404 for a link that is about nothing."""
        return super().status if self.address else 404


def describe_schedule(lang: str, kept: KeptSchedule, kinds: Mapping[str, str], upcoming: datetime | None) -> ScheduleRow:
    """A row of the list."""
    draft, area = kept.draft, (kept.area_name_en if lang == "en" else kept.area_name)
    what = f"{kinds.get(draft.kind, draft.kind)} · {area}"
    moment = minute_moment(upcoming, kept.timezone) if upcoming and not kept.off else None
    when = describe_rhythm(lang, draft.rhythm)
    return ScheduleRow(f"{SCHEDULES}/{kept.id}", draft.name, what, when, len(draft.recipients), kept.off, moment)


def describe_delivery(lang: str, row: Mapping[str, Any], timezone: str, about: str = "") -> DeliveryRow:
    """A delivery in words."""
    state, seen_at = str(row["state"]), row["seen_at"]
    area = (row["area_name_en"] if lang == "en" else row["area_name"]) or row["area_name"] or row["area"]
    over = row["next_at"] is None
    stopped = describe_stop(lang, row, timezone)
    why = describe_why(lang, row["failure"]) if row["failure"] else ""
    return DeliveryRow(
        id=str(row["id"]),
        about=about,
        who=t(lang, "Head of the area") if row["account"] == HEAD else name_account(lang, row.get("shown"), row["account"]),
        target=f"{t(lang, CHANNEL_WORDS[row['channel']])} {row['target']}",
        area=area,
        report=f"/report/{row['report']}" if row["report"] and row["detail"] and state in _READABLE else None,
        state=t(lang, STATE_WORDS["approved" if state == "making" and row["approved_by"] else state]),
        kind=STATE_KINDS.get(state, ""),
        why=" ".join(filter(None, (stopped, why))),
        next=minute_moment(row["next_at"], timezone) if row["failure"] and not over else None,
        seen=minute_moment(seen_at, timezone) if seen_at else None,
        answer=row["answer"] or "",
        unseen=state in ("sent", "uncertain") and seen_at is None and row["channel"] != "folder",
        waits=state == "approval",
        again=state in ("failed", "refused") or (state == "uncertain" and over),
    )


_READABLE = ("approval", "waiting", "sending", "uncertain", "sent", "failed", "refused")
"""States in which there is a report, or a preview for who approves it."""


def describe_stop(lang: str, row: Mapping[str, Any], timezone: str) -> str:
    """By whom and when it was stopped; empty: it was not."""
    if not row["stopped_at"]:
        return ""
    who = name_account(lang, row.get("stopper"), row["stopped_by"])
    return t(lang, STOP_WORDS[row["stopped_why"]], who=who, moment=minute_moment(row["stopped_at"], timezone).text)


def tell_script(lang: str, start: str, accounts: Sequence[tuple[str, str]]) -> str:
    """What the form's script must know.

    Args:
        lang: language of the page.
        start: code of the area with which the reader starts.
        accounts: whom the reader can name, with the names that are shown.
    """
    words = {name: t(lang, text) for name, text in FORM_WORDS.items()}
    return json.dumps({"lang": lang, "start": start, "words": words, "accounts": accounts}, ensure_ascii=False, separators=(",", ":"))


def describe_led(lang: str, led: Sequence[Led] | None) -> tuple[Sequence[tuple[str, str]] | None, Sequence[str]]:
    """Who leads which area, by its name, and the names of those that nobody leads."""
    if led is None:
        return None, ()
    comma = t(lang, ", ")
    named = [
        (one.name_en if lang == "en" else one.name, [name_account(lang, shown, account) for account, shown in one.heads]) for one in led
    ]
    return [(area, comma.join(heads)) for area, heads in named if heads], [area for area, heads in named if not heads]


def describe_why(lang: str, code: str) -> str:
    """Why something was not sent, as a sentence."""
    kind, _, number = code.rpartition("_")
    if code.startswith("not_made_"):
        return t(lang, "The report could not be made ({code}).", code=code.removeprefix("not_made_"))
    if kind == "folder" and number.isdigit():
        return t(lang, "The file could not be written into the folder (error {number} of the system).", number=number)
    return t(lang, FAILURE_WORDS[code]) if code in FAILURE_WORDS else describe_failure(lang, code)


def describe_run(lang: str, run: Run, timezone: str, address: str) -> RunRow:
    """A run in words, with who has not confirmed; ``address`` of its schedule."""
    rows = [describe_delivery(lang, row, timezone) for row in run.deliveries]
    shown = [row.who for row in rows if row.unseen]
    return RunRow(
        due=minute_moment(run.due_at, timezone),
        period=run.period,
        missed=run.missed,
        deliveries=rows,
        unseen=list(dict.fromkeys(shown)),
        in_all=run.of_all,
        more=run.unseen - len(shown),
        all=f"{address}?run={run.id}" if run.of_all > len(rows) else None,
    )


def describe_link(lang: str, key: str, row: Mapping[str, Any], readable: bool, message: Message) -> SeenPage:
    """The page of a link.

    Args:
        lang: language of the page.
        key: the key in its address.
        row: see ``data.reports.sending.receipts.find_link``.
        readable: whether the reader can open the report: somebody is signed in.
        message: what is said about the last request.
    """
    timezone = row["timezone"]
    area = (row["area_name_en"] if lang == "en" else row["area_name"]) or row["area_name"] or "–"
    days = f"{row['first']}" if row["first"] == row["last"] else f"{row['first']} – {row['last']}"
    facts = [
        (t(lang, "Name of the schedule"), str(row["title"])),
        (t(lang, "Area"), area),
        (t(lang, "Period"), days),
        (t(lang, "Sent to"), str(row["shown"] or row["account"])),
    ]
    report = f"/report/{row['report']}" if row["report"] and readable else None
    seen = minute_moment(row["seen_at"], timezone) if row["seen_at"] else None
    return SeenPage(address=f"{SEEN}{key}", facts=facts, report=report, seen=seen, answer=row["answer"] or "", message=message)


def minute_moment(moment: datetime, timezone: str) -> Moment:
    """A moment to the minute, in a city's time zone, with the day of the week."""
    made = local_moment(moment, zone(timezone))
    return Moment(made.text[:16], made.iso, made.title)
