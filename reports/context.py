"""What sections are made from: area, period and reader, the answers that several of them need, and the list of cited figures.

A section is a module of ``reports.sections`` with ``async def make(context, options) -> Section | None``. ``options``:
what the kind says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Unpack

from data.core.i18n import t
from data.core.period import Period
from data.core.viewer import Lang, Viewer
from data.figures.reports import AreaReport, Unit, fetch_report, fetch_units
from data.figures.spans import fetch_spans
from data.indicators.questions import IndicatorQuestion
from data.indicators.reports import fetch_indicators
from data.indicators.types import IndicatorAnswer, IndicatorValue
from data.queries.figures import NO_FILTERS as EVERYTHING
from reports.cases import NO_FILTERS, link_reported
from reports.content import Unit as Counted
from reports.figures import Defence, Figures, name_figure
from reports.periods import Step, name_period, shift, write_moment, write_span, year_before

Named = Mapping[str, Any]


@dataclass(slots=True)
class Context:
    """Where, when and for whom a report is made.

    Everything is asked as the reader, in one snapshot (``data.database.transactions.share_snapshot``), one thing after the other.

    Attributes:
        area: code of the area.
        step, period: how long the period is, and its days.
        viewer: the reader, with rights and language.
        beside: codes of other areas with which the area is compared.
        figures: what was cited so far.
    """

    area: str
    step: Step
    period: Period
    viewer: Viewer
    beside: tuple[str, ...] = ()
    figures: Figures = field(default_factory=Figures)
    _reports: dict[Period, AreaReport] = field(default_factory=dict)
    _units: dict[tuple[str | None, Period], list[Unit]] = field(default_factory=dict)
    _indicators: dict[tuple[Any, ...], IndicatorAnswer] = field(default_factory=dict)
    _since: tuple[date | None] | None = None

    # ---- Words ----

    @property
    def lang(self) -> Lang:
        """The language of the report."""
        return self.viewer.lang

    def name(self, named: Named | None) -> str:
        """The name of an area, unit or category in the report's language; what has no English name keeps its own."""
        if named is None:
            return ""
        return str((self.lang == "en" and named.get("name_en")) or named.get("name") or named.get("code") or "")

    def name_of_period(self, period: Period | None = None) -> str:
        """What the period is called, or another one of the same length."""
        return name_period(self.step, period or self.period, self.lang)

    # ---- Periods ----

    @property
    def before(self) -> Period:
        """The period before (环比)."""
        return shift(self.step, self.period, -1)

    @property
    def year_before(self) -> Period:
        """The same period one year earlier (同比)."""
        return year_before(self.step, self.period)

    def compared(self) -> list[tuple[str, Period]]:
        """The periods with which this one is compared, and what a comparison with each is called."""
        return [(t(self.lang, "vs the one before"), self.before), (t(self.lang, "vs last year"), self.year_before)]

    async def is_over(self) -> bool:
        """Whether all cases of the period are known; the last day of a city's data is not over."""
        return self.period.end.isoformat() < (await self.report())["city"]["today"]

    async def is_known(self, earlier: Period) -> bool:
        """Whether an earlier period can be compared with this one: this one is over, and the city's data begin no later than that one.

        A month of which only the last days have cases would make every later one a rise.
        """
        since = await self.since()
        return since is not None and earlier.start >= since and await self.is_over()

    async def since(self) -> date | None:
        """The day on which the city's data begin, as far as the reader may see them: ``data.figures.spans.Spans``; ``None``: none are."""
        if self._since is None:
            self._since = ((await fetch_spans(self.area, None, [self.period], self.viewer)).since,)
        return self._since[0]

    def earlier(self, count: int) -> list[Period]:
        """So many periods of the same length before this one, the oldest first."""
        return [shift(self.step, self.period, -back) for back in range(count, 0, -1)]

    # ---- Answers ----

    async def report(self, period: Period | None = None) -> AreaReport:
        """The area's figures for the period, or for another one."""
        asked = period or self.period
        if asked not in self._reports:
            self._reports[asked] = await fetch_report(self.area, asked, self.viewer)
        return self._reports[asked]

    async def units(self, level: str | None = None, period: Period | None = None) -> list[Unit]:
        """The areas of a level inside the area, with their totals; ``None``: its children."""
        key = (level, period or self.period)
        if key not in self._units:
            self._units[key] = await fetch_units(self.area, level, key[1], EVERYTHING, self.viewer)
        return self._units[key]

    async def indicators(
        self, by: str = "none", codes: tuple[str, ...] = (), compare: bool = False, period: Period | None = None
    ) -> IndicatorAnswer:
        """Indicators of the area: see ``data.indicators.questions.IndicatorQuestion``."""
        key = (by, codes, compare, period or self.period)
        if key not in self._indicators:
            question = IndicatorQuestion(self.area, by, period or self.period, codes, compare=compare)
            self._indicators[key] = await fetch_indicators(question, self.viewer)
        return self._indicators[key]

    async def indicator(self, code: str, compare: bool = False, period: Period | None = None) -> IndicatorValue:
        """One indicator of the whole area."""
        answer = await self.indicators("none", (code,), compare, period)
        return answer["groups"][0]["values"][0]

    def at(self, area: str) -> "Context":
        """The same for another area; what is asked there is kept there, what is cited there is cited in this report."""
        return Context(area, self.step, self.period, self.viewer, figures=self.figures)

    # ---- Figures ----

    def key(self, code: str, period: Period | str | None = None, area: str | None = None, **filters: str) -> str:
        """The identity of a figure, see ``reports.figures.name_figure``: of this area and period, or of others."""
        written = period if isinstance(period, str) else write_span(period or self.period)
        return name_figure(code, area or self.area, written, **filters)

    def cite(self, key: str, label: str, value: float | None, unit: Counted, **defence: Unpack[Defence]) -> int:
        """Enter a figure into the report's list; returns its number. See ``reports.figures.Figures.cite``."""
        return self.figures.cite(key, label, value, unit, **defence)

    async def link_reported(
        self, area: str | None = None, period: Period | None = None, filters: Mapping[str, str] = NO_FILTERS
    ) -> str | None:
        """Address of the cases reported, see ``reports.cases``; ``None`` for a reader who sees no single case here."""
        seen = (await self.report())["seen"]["cases"]
        return link_reported(area or self.area, period or self.period, filters) if seen else None

    async def source(self) -> str:
        """From what the figures of cases are counted: a sentence."""
        city = (await self.report())["city"]
        return t(
            self.lang, "Cases registered in {city}, as of {moment}.", city=self.name(city), moment=write_moment(city["as_of"], self.lang)
        )
