"""A report as a whole: asked for as its reader, in one snapshot, section by section."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from data.core.errors import BadInput, GridwellError
from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Viewer
from data.database.transactions import share_snapshot
from data.figures.reports import fetch_report
from reports.content import Report, Section
from reports.context import Context
from reports.figures import number_figures
from reports.kinds import Kind, find_kind, load_section
from reports.options import SectionOptions
from reports.periods import BadPeriodName, Step, last_over, name_days, name_period, parse_period

Progress = Callable[[str, int, int], None]
"""Is told the name of a section, and which of how many it is."""
MOST_BESIDE = 5
_STEP_WORDS: Mapping[Step, str] = {
    "day": "day",
    "week": "week",
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "own": "span of days",
}


class NotForThisPeriod(GridwellError):
    status, code = 422, "report_not_for_period"
    sentence = "A report of the kind {kind} is made for a {wanted}, and {period} is none. The kinds profile and comparison take any period."


class NotForThisLevel(GridwellError):
    status, code = 422, "report_not_for_level"
    sentence = "This kind of report is made for: {levels}. The area {name} is none of these."


def _tell_nobody(_name: str, _at: int, _of: int) -> None:
    """Progress that nobody wants to hear of."""


async def compose(
    area: str, kind: str, period: str | None, viewer: Viewer, progress: Progress = _tell_nobody, beside: Sequence[str] = ()
) -> Report:
    """Make a report for a reader.

    Args:
        area: code of the area.
        kind: code of the kind.
        period: see ``reports.periods.parse_period``; ``None``: the last one that is over, of the kind's length.
        viewer: the reader; the report is in the reader's language, and holds what the reader may see.
        progress: is told which section is being made.
        beside: codes of other areas with which it is compared, at most ``MOST_BESIDE``.

    Raises:
        BadInput: too many areas, or one twice.
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: there is no such kind.
        BadKind, BadPeriod, NotForThisLevel, NotForThisPeriod: see there.
    """
    chosen = find_kind(kind)
    if len(beside) > MOST_BESIDE or len({area, *beside}) < len(beside) + 1:
        raise BadInput(field="beside", value=", ".join(beside), reason="up to five other areas, each once")
    async with share_snapshot(viewer):
        now = await fetch_report(area, None, viewer)
        if chosen.levels and now["level"] not in chosen.levels:
            raise NotForThisLevel(levels=", ".join(chosen.levels), name=now["name"])
        step, days = parse_period(period) if period else (chosen.step, _last_period(chosen, now))
        if step != chosen.step and not chosen.any_period:
            raise NotForThisPeriod(kind=chosen.code, wanted=t(viewer.lang, _STEP_WORDS[chosen.step]), period=period or "")
        if days.start.isoformat() > now["city"]["today"]:
            raise BadPeriodName(start=period, end=period, reason="it has not begun")
        context = Context(area, step, days, viewer, tuple(beside))
        sections = []
        for at, (name, options) in enumerate(chosen.sections):
            progress(name, at, len(chosen.sections))
            if (made := await _make(name, context, options)) is not None:
                sections.append(made)
        return await _assemble(chosen, context, tuple(sections))


def _last_period(kind: Kind, now: Mapping[str, Any]) -> Period:
    """The last period that is over. The last day of the city's data is not."""
    return last_over("day" if kind.step == "own" else kind.step, date.fromisoformat(now["city"]["today"]) - timedelta(days=1))


async def _make(name: str, context: Context, options: SectionOptions) -> Section | None:
    made: Section | None = await load_section(name)(context, options)
    return made


async def _assemble(kind: Kind, context: Context, sections: tuple[Section, ...]) -> Report:
    report, lang = await context.report(), context.lang
    city = report["city"]
    numbered, figures = number_figures(sections, list(context.figures))
    issuer = (kind.issuer_en if lang == "en" else kind.issuer) or t(lang, "{city}, grid governance", city=context.name(city))
    return Report(
        kind=kind.code,
        lang=lang,
        title=kind.title_en if lang == "en" else kind.title,
        issuer=issuer,
        area=report["code"],
        area_name=context.name(report),
        step=context.step,
        first=context.period.start.isoformat(),
        last=context.period.end.isoformat(),
        period=name_period(context.step, context.period, lang),
        days=name_days(context.period, lang),
        as_of=city["as_of"],
        data_version=city["data_version"],
        sections=numbered,
        figures=figures,
        format=kind.format,
        beside=context.beside,
    )
