"""The form of a schedule: what its fields hold, what there is to choose, and what they mean as a draft; and the words of the pages."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from data.core.i18n import t
from data.reports.schedule import LAST_DAY, Every, Rhythm, Step
from data.reports.sending.model import BadSchedule, Channel, Recipient, ScheduleDraft

STATE_WORDS = {
    "making": "being made",
    "approval": "waits for approval",
    "waiting": "waits to be sent",
    "sending": "is being sent",
    "uncertain": "uncertain whether it arrived",
    "sent": "sent",
    "failed": "given up",
    "refused": "not sent",
    "declined": "not approved",
    "nothing": "nothing to report",
    "stopped": "stopped",
    "approved": "approved, being issued",
}
STATE_KINDS = {"sent": "good", "failed": "wrong", "refused": "wrong", "uncertain": "wrong", "approval": "here"}
"""How the style sheet shows a state; others are plain."""
CHANNEL_WORDS = {"mail": "E-mail", "folder": "Folder", "hook": "Web hook"}
FAILURE_WORDS = {
    "no_account": "There is no such account, or it is closed.",
    "no_rights": "The account may not see this report any more.",
    "no_address": "GRIDWELL_PUBLIC_URL does not say how people reach this server, so that no link can be sent.",
    "not_set": "No setting names the way.",
    "not_written": "The PDF could not be written.",
    "interrupted": "The server ended while it was being sent.",
    "cases_in_folder": "A report with single cases goes into no folder.",
    "fault": "Something went wrong on the server, and has been logged.",
    "no_head": "Nobody leads this area: no open account of a leader or supervisor has exactly this area.",
}
STOP_WORDS = {
    "switched_off": "The schedule was switched off by {who} at {moment}.",
    "removed": "{who} took the recipient out of the schedule at {moment}.",
}
FORM_WORDS = {
    "area_label": "Area or functional zone",
    "area_any": "Type a name, a code or the beginning of one",
    "nothing_found": "Nothing found",
    "account_label": "Add a recipient: account",
    "account_any": "Name or account",
    "head": "Whoever leads the area",
    "target_label": "E-mail address, web hook or folder",
    "only_area": "Only the report about",
    "every_area": "Each area",
    "add": "Add to the recipients",
    "adding_missing": "Choose an account, and write where it is sent to.",
}
"""Sentences that the form's script says, by the names that it knows them by."""
EVERY_WORDS: dict[str, str] = {
    "day": "Every day",
    "week": "Every week",
    "month": "Every month",
    "quarter": "Every quarter",
    "year": "Every year",
}
PLACE_WORDS = {
    "day": "on the days named here",
    "first_working": "on the first working day",
    "last_working": "on the last working day",
}
HOLIDAY_WORDS = {
    "as_is": "On free days, too",
    "next_working": "On free days: the next working day",
    "leave_out": "On free days: not at all",
}
STEP_WORDS = {"day": "Day", "week": "Week", "month": "Month", "quarter": "Quarter", "year": "Year"}
LEVEL_WORDS = {
    "": "One report of the area itself",
    "district": "Each district its own",
    "street": "Each street its own",
    "community": "Each community its own",
    "grid": "Each grid cell its own",
    "zone": "Each functional zone its own",
}
WEEKDAY_WORDS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_REASONS = {
    "time": "write the time as 08:00.",
    "weekday": "name at least one day of the week.",
    "day": "days of a month are 1 to 31.",
    "month": "a quarter has months 1 to 3, a year 1 to 12.",
    "line": "write one recipient in a line: account, address or folder, and if wanted the code of an area.",
    "kind": "there is no such kind of report.",
    "period": "this kind of report is not made for such a period.",
}
Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Options:
    """What there is to choose from, as value and text."""

    kinds: Choices
    steps: Choices
    levels: Choices
    every: Choices
    places: Choices
    holidays: Choices
    weekdays: Choices


@dataclass(frozen=True, slots=True)
class Form:
    """The fields, as they are typed.

    Attributes:
        name, kind, step, area, level: of the draft; ``step`` empty: as the kind.
        every, place, weekdays, day, month, time, holidays: of the rhythm; ``weekdays`` as digits.
        figures_only, approval, send_empty: boxes.
        recipients: one in a line.
    """

    name: str = ""
    kind: str = "weekly"
    step: str = ""
    area: str = ""
    level: str = ""
    every: str = "week"
    place: str = "day"
    weekdays: str = "1"
    day: str = "1"
    month: str = "1"
    time: str = "08:00"
    holidays: str = "as_is"
    figures_only: bool = False
    approval: bool = False
    send_empty: bool = True
    recipients: str = ""

    @classmethod
    def read(cls, given: Mapping[str, str]) -> "Form":
        """From what was sent."""
        boxes = {name: name in given for name in ("figures_only", "approval", "send_empty")}
        days = "".join(str(n) for n in range(1, 8) if f"weekday_{n}" in given)
        texts = {one.name: given.get(one.name, "").strip() for one in fields(cls) if one.name not in (*boxes, "weekdays")}
        return cls(**texts, **boxes, weekdays=days)  # type: ignore[arg-type]  # texts and boxes, as the fields are

    @classmethod
    def of(cls, draft: ScheduleDraft) -> "Form":
        """From a schedule that is kept."""
        rhythm = draft.rhythm
        same: dict[str, Any] = {
            name: getattr(draft, name) for name in ("name", "kind", "step", "area", "figures_only", "approval", "send_empty")
        }
        return cls(
            **same,
            level=draft.level or "",
            every=rhythm.every,
            place=rhythm.place,
            weekdays="".join(map(str, rhythm.weekdays)),
            day=str(rhythm.day),
            month=str(rhythm.month),
            time=_clock(rhythm.at_min),
            holidays=rhythm.holidays,
            recipients="\n".join(" ".join(filter(None, (one.account, one.target, one.area))) for one in draft.recipients),
        )

    def rhythm(self) -> Rhythm:
        """When it is made.

        Raises:
            BadSchedule: the fields say nothing that can be.
        """
        found = _TIME.fullmatch(self.time.replace("：", ":"))
        if found is None:
            raise BadSchedule(reason=_REASONS["time"])
        named = self.every == "week" and self.place == "day"
        if named and not self.weekdays:
            raise BadSchedule(reason=_REASONS["weekday"])
        in_month = self.every in ("month", "quarter", "year")
        day = _number(self.day, LAST_DAY, "day") if in_month and self.place == "day" else 1
        month = _number(self.month, 3 if self.every == "quarter" else 12, "month") if self.every in ("quarter", "year") else 1
        place = "day" if self.every == "day" else self.place
        weekdays = tuple(int(one) for one in self.weekdays) if named else ()
        try:
            at_min = int(found[1]) * 60 + int(found[2])
            every: Any = self.every
            return Rhythm(every, at_min, place, weekdays, day, month, self.holidays)  # type: ignore[arg-type]  # it refuses what it is not
        except ValueError:
            raise BadSchedule(reason=_REASONS["time"]) from None

    def draft(self, kinds: Mapping[str, tuple[str, bool]]) -> ScheduleDraft:
        """What the form means.

        Args:
            kinds: of each kind the length of its periods, and whether it is made for any other.

        Raises:
            BadSchedule: it means nothing that can be kept.
        """
        if self.kind not in kinds:
            raise BadSchedule(reason=_REASONS["kind"])
        usual, any_step = kinds[self.kind]
        step: Any = self.step or (usual if usual != "own" else _STEP_OF[self.rhythm().every])
        if step != usual and not any_step and usual != "own":
            raise BadSchedule(reason=_REASONS["period"])
        boxes = (self.figures_only, self.approval, self.send_empty)
        recipients = tuple(_read_recipient(line) for line in self.recipients.splitlines() if line.strip())
        return ScheduleDraft(self.name, self.kind, step, self.area, self.level or None, self.rhythm(), *boxes, recipients)


_STEP_OF: Mapping[Every, Step] = {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"}


def _number(text: str, most: int, reason: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 3 and 1 <= int(text) <= most):
        raise BadSchedule(reason=_REASONS[reason])
    return int(text)


def _read_recipient(line: str) -> Recipient:
    """A line such as ``zhang zhang@city.cn`` or ``archive streets/a 990101``."""
    parts = re.split(r"[\s,，;；]+", line.strip().strip(",，;；"))
    if not 2 <= len(parts) <= 3:
        raise BadSchedule(reason=_REASONS["line"])
    channel: Channel = "hook" if "://" in parts[1] else "mail" if "@" in parts[1] else "folder"
    return Recipient(parts[0].casefold(), channel, parts[1], parts[2] if len(parts) == 3 else None)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def make_options(lang: str, kinds: Choices) -> Options:
    """Everything to choose from, in words."""

    def told(words: Mapping[str, str]) -> Choices:
        return [(value, t(lang, text)) for value, text in words.items()]

    days = [(str(n), t(lang, name)) for n, name in enumerate(WEEKDAY_WORDS, 1)]
    steps = [("", t(lang, "As the kind says")), *told(STEP_WORDS)]
    return Options(kinds, steps, told(LEVEL_WORDS), told(EVERY_WORDS), told(PLACE_WORDS), told(HOLIDAY_WORDS), days)


def describe_rhythm(lang: str, rhythm: Rhythm) -> str:
    """A rhythm in a few words: 每周 周一 08:00."""
    every = t(lang, EVERY_WORDS[rhythm.every])
    comma = "，" if lang == "zh" else ", "
    if rhythm.every == "day":
        parts = [every]
    elif rhythm.place != "day":
        parts = [every, *_month(lang, rhythm), t(lang, PLACE_WORDS[rhythm.place])]
    elif rhythm.every == "week":
        between = "、" if lang == "zh" else ", "
        parts = [every, between.join(t(lang, WEEKDAY_WORDS[n - 1]) for n in rhythm.weekdays)]
    else:
        day = t(lang, "on the last day") if rhythm.day == LAST_DAY else t(lang, "on day {day}", day=rhythm.day)
        parts = [every, *_month(lang, rhythm), day]
    moved = [] if rhythm.holidays == "as_is" else [t(lang, HOLIDAY_WORDS[rhythm.holidays])]
    return comma.join([*parts, _clock(rhythm.at_min), *moved])


def _month(lang: str, rhythm: Rhythm) -> list[str]:
    return [t(lang, "in month {month} of it", month=rhythm.month)] if rhythm.every in ("quarter", "year") else []
