"""Why a deadline is what it is, line by line: start, what counts on each day, nights, holidays, pauses, and what is still provisional."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Literal

from babel.dates import get_day_names

from data.core.days import write_day
from data.core.i18n import t
from data.deadlines.calendar import Calendar, Interval
from data.deadlines.rules import CaseFacts, Counting, Rule, Step, count_case, plan
from data.deadlines.working_time import Duration, Pause, Run, Unit

Kind = Literal["start", "rule", "counted", "night", "free", "pause", "provisional", "due", "closing", "none"]
_ONE_DAY = timedelta(days=1)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what kind it is of, and its sentence."""

    kind: Kind
    text: str


def explain(case: CaseFacts, rules: Sequence[Rule], calendar: Calendar, now: datetime, lang: str) -> list[Line]:
    """How the deadline of a case came about; arguments as of ``plan``, and the reader's language.

    Raises:
        NoWorkingTime: the rule counts working time, and the calendar has none.
    """
    counting = count_case(case, rules, calendar, now)
    if counting is None:
        return [Line("none", t(lang, "There is no rule for cases of this kind, and so no deadline."))]
    return list(_Teller(case, counting, calendar, now, lang).lines(plan(case, rules, calendar, now).provisional))


def explain_published(
    reported_at: datetime, due_at: datetime, pauses: tuple[Pause, ...], calendar: Calendar, now: datetime, lang: str
) -> list[Line]:
    """The same for a deadline that its feed published: it moves by pauses alone."""
    case = CaseFacts("", reported_at, pauses=pauses)
    run = Run(reported_at, due_at, ())
    teller = _Teller(case, Counting(Rule(0, None, None, {}), (), (run,)), calendar, now, lang)
    published = Line("rule", t(lang, "The deadline was published with the case."))
    return [next(lines := teller.lines(False)), published, *lines]


@dataclass(frozen=True, slots=True)
class _Teller:
    """Tells one deadline in one language."""

    case: CaseFacts
    counting: Counting
    calendar: Calendar
    now: datetime
    lang: str

    def lines(self, provisional: bool) -> Iterator[Line]:
        """All lines, in order."""
        lang, counting = self.lang, self.counting
        yield Line("start", t(lang, "Reported at {moment}.", moment=self._moment(self.case.reported_at)))
        for (step, time), run in zip(counting.steps, counting.runs, strict=False):
            yield Line("rule", say_rule(lang, step, time))
            yield from self._run(time, run)
        yield from self._pauses()
        if provisional:
            yield Line("provisional", self._provisional())
        yield Line("due", t(lang, "Due at {moment}.", moment=self._moment(counting.runs[-1].end)))
        closing = counting.rule.closing if lang == "zh" else counting.rule.closing_en or counting.rule.closing
        if closing:
            yield Line("closing", t(lang, "Counts as solved when: {condition}", condition=closing))

    def _run(self, time: Duration, run: Run) -> Iterator[Line]:
        lang = self.lang
        if time.unit == "hours":
            for start, end in run.counted:
                facts = {"start": self._moment(start), "end": self._moment(end), "hours": _hours([(start, end)])}
                yield Line("counted", t(lang, "{start} to {end}, day and night: {hours} h.", **facts))
            return
        if time.unit == "working_days":
            yield Line("night", t(lang, "The day on which counting begins does not count; the last day lasts until its end."))
        elif len(run.counted) > 1:
            yield Line("night", t(lang, "Nights and breaks outside the city's hours do not count."))
        yield from self._days(time, run)

    def _days(self, time: Duration, run: Run) -> Iterator[Line]:
        """Each day that counts, and days that do not, as far as they follow each other for the same reason."""
        counted: dict[date, list[Interval]] = {}
        for interval in run.counted:
            counted.setdefault(self.calendar.local_day(interval[0]), []).append(interval)
        used = Decimal(0)
        first, last = self.calendar.local_day(run.start), self.calendar.local_day(run.end)
        if time.unit == "working_days" or run.start == self.calendar.end_of_day(first):
            first += _ONE_DAY
        days = [first + _ONE_DAY * n for n in range((last - first).days + 1)]
        for reason, group in groupby(days, key=lambda day: None if day in counted else self._reason(day)):
            some = list(group)
            if reason is not None:
                yield Line("free", t(self.lang, "{days}: {reason}, does not count.", days=self._span(some), reason=reason))
                continue
            for day in some:
                used += Decimal(1) if time.unit == "working_days" else _hours(counted[day])
                yield Line("counted", self._counted(day, counted[day], used, time))

    def _counted(self, day: date, intervals: list[Interval], used: Decimal, time: Duration) -> str:
        lang, named = self.lang, self._day(day)
        if self._is_made_up(day):
            named = t(lang, "{day}, a make-up workday", day=named)
        amount = f"{time.amount.normalize():f}"
        if time.unit == "working_days":
            return t(lang, "{day}: working day {number} of {amount}.", day=named, number=used, amount=amount)
        spans = t(lang, ", ").join(self._hours_of_day(day, start, end) for start, end in intervals)
        facts = {"hours": _hours(intervals), "used": f"{used.normalize():f}", "amount": amount}
        return t(lang, "{day}: {spans}, {hours} h; {used} of {amount} h.", day=named, spans=spans, **facts)

    def _is_made_up(self, day: date) -> bool:
        special = self.calendar.days.get(day)
        return special is not None and special.kind == "work"

    def _reason(self, day: date) -> str:
        """Why nothing counted on a day."""
        lang, special = self.lang, self.calendar.days.get(day)
        if special is not None and special.kind == "off":
            name = special.name if lang == "zh" else special.name_en or special.name
            return name or t(lang, "a holiday")
        if not self.calendar.is_working_day(day):
            return t(lang, "free by the city's hours")
        start, end = self.calendar.whole_day(day)
        if any(begins < end and ends > start for begins, ends in self.counting.pauses):
            return t(lang, "paused")
        return t(lang, "outside the city's hours")

    def _pauses(self) -> Iterator[Line]:
        for pause in self.case.pauses:
            start = self._moment(pause.start)
            if pause.end is None:
                text = t(self.lang, "Paused since {start}: no time counts until the case is resumed.", start=start)
            else:
                text = t(self.lang, "Paused from {start} to {end}: no time counted.", start=start, end=self._moment(pause.end))
            yield Line("pause", f"{text} {pause.reason}".strip())

    def _provisional(self) -> str:
        until = self.calendar.gazetted_until
        return t(
            self.lang,
            "Provisional: holidays are gazetted until {day} only. The deadline is worked out again when the next calendar is there.",
            day=self._short(until) if until else "-",
        )

    def _moment(self, moment: datetime) -> str:
        local = moment.astimezone(self.calendar.zone)
        return t(self.lang, "{day} {time}", day=self._day(local.date()), time=f"{local:%H:%M}")

    def _day(self, day: date) -> str:
        weekday = get_day_names("abbreviated", locale=self.lang)[day.weekday()]
        return t(self.lang, "{day} ({weekday})", day=self._short(day), weekday=weekday)

    def _short(self, day: date) -> str:
        """As the rest of the page writes days."""
        return write_day(day, self.calendar.local_day(self.now), self.lang)

    def _span(self, days: list[date]) -> str:
        if len(days) == 1:
            return self._day(days[0])
        return t(self.lang, "{first} to {last}", first=self._day(days[0]), last=self._day(days[-1]))

    def _hours_of_day(self, day: date, start: datetime, end: datetime) -> str:
        zone = self.calendar.zone
        closes = end.astimezone(zone)
        shown = "24:00" if closes.date() > day else f"{closes:%H:%M}"
        return f"{start.astimezone(zone):%H:%M}-{shown}"


def say_rule(lang: str, step: Step, time: Duration) -> str:
    """What a rule allows for a step."""
    facts = {"step": _say_step(lang, step), "amount": f"{time.amount.normalize():f}"}
    texts: dict[Unit, str] = {
        "hours": t(lang, "{step}, time allowed in hours, day and night: {amount}.", **facts),
        "working_hours": t(lang, "{step}, time allowed in working hours: {amount}.", **facts),
        "working_days": t(lang, "{step}, time allowed in working days: {amount}.", **facts),
    }
    return texts[time.unit]


def _say_step(lang: str, step: Step) -> str:
    names: dict[Step, str] = {
        "filing": t(lang, "Filing"),
        "dispatching": t(lang, "Dispatching"),
        "handling": t(lang, "Handling"),
        "verifying": t(lang, "Verifying"),
    }
    return names[step]


def _hours(intervals: Sequence[Interval]) -> Decimal:
    length = sum((end - start for start, end in intervals), timedelta())
    hours = Decimal(length // _MICROSECOND) / Decimal(3_600_000_000)
    return Decimal(f"{round(hours, 2).normalize():f}")
