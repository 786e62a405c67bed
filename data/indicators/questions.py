"""What is asked of indicators, what is refused, and the area and periods that follow."""

from dataclasses import dataclass, replace
from typing import Any, Self

from sqlalchemy import RowMapping

from data.core.errors import GridwellError, UnknownName
from data.core.period import Period
from data.core.viewer import Viewer
from data.database.transactions import Ask
from data.figures.assemble import earlier_periods
from data.figures.levels import levels_below
from data.figures.questions import check_filters, choose_counting, fetch_area
from data.figures.scope import choose_start, may_see_cases
from data.indicators.definitions import INDICATORS, Indicator
from data.queries import areas
from data.queries.case_filters import NO_FILTERS, CaseFilters, Place
from data.queries.figures import Counting, Filters
from data.queries.indicators import Grouping
from data.schema import LEVELS

GROUPINGS: tuple[Grouping, ...] = ("none", "unit", "department", "category", "source", "person")
"""What indicators are told by, beside the levels of areas."""
BY = (*GROUPINGS, *LEVELS[1:])


class NotAboutOthers(GridwellError):
    status, code = 403, "not_about_others"
    sentence = "Figures about one person are shown to supervisors and leaders, and to that person."


@dataclass(frozen=True, slots=True)
class IndicatorQuestion:
    """Which indicators are asked for.

    Attributes:
        area: code of the area; ``None``: the one that the viewer starts with.
        by: one of ``BY``.
        period: ``None``: the last 30 days of the city's data.
        indicators: codes; empty: all but the times in stages.
        filters: categories, channels, units and assignees; nothing else.
        compare: whether earlier periods are told, too.
    """

    area: str | None = None
    by: str = "none"
    period: Period | None = None
    indicators: tuple[str, ...] = ()
    filters: CaseFilters = NO_FILTERS
    compare: bool = False

    def allowed(self, viewer: Viewer) -> Self:
        """The question as far as the viewer may ask it: workers are told their own figures, and nobody else's.

        Raises:
            NotAboutOthers: it names somebody else, and the viewer is neither supervisor nor leader.
        """
        if viewer.may("person_figures") or not (self.by == "person" or self.filters.assignees):
            return self
        if self.filters.assignees and set(self.filters.assignees) != {viewer.name}:
            raise NotAboutOthers()
        return replace(self, filters=replace(self.filters, assignees=(viewer.name,)))

    def check(self) -> None:
        """Refuse names that do not exist.

        Raises:
            UnknownName: one does not.
        """
        if self.by not in BY:
            raise UnknownName.among("by", self.by, BY)
        for code in self.indicators:
            if code not in INDICATORS:
                raise UnknownName.among("indicator", code, INDICATORS)

    @property
    def wanted(self) -> list[Indicator]:
        """The indicators that are asked for, in their order. Times in stages read every step of every case, and have to be named."""
        named = self.indicators or tuple(code for code, one in INDICATORS.items() if one.kind != "stage")
        return [one for one in INDICATORS.values() if one.code in named]

    @property
    def grouping(self) -> Grouping:
        """How cases are grouped."""
        return next((one for one in GROUPINGS if one == self.by), "area")

    @property
    def level(self) -> str | None:
        """The level of the areas by which it is told, if it is."""
        return self.by if self.grouping == "area" else None


@dataclass(frozen=True, slots=True)
class Scene:
    """Where and when: the area, what is counted, and what its viewer may see.

    Attributes:
        own: the row of the area.
        counting: period and day of the figures.
        sees_cases: whether the viewer may see the area's cases one by one.
    """

    own: RowMapping
    counting: Counting
    sees_cases: bool

    @property
    def place(self) -> Place:
        """The area as lists of cases know it."""
        own = self.own
        return Place(own["city_code"], own["city_timezone"], own["level"], own["code"], own["path"])

    @property
    def earlier(self) -> dict[str, Period | None]:
        """The whole days of the period, and what they are compared with; ``None`` where no day is over."""
        compared = self.counting.compared
        if compared is None:
            return dict.fromkeys(("whole_days", "previous", "year_before"))
        return {"whole_days": compared, **earlier_periods(self.counting)}


async def set_scene(ask: Ask, area: str | None, period: Period | None, filters: CaseFilters, viewer: Viewer) -> Scene:
    """Find the area and the period.

    Raises:
        UnknownArea, OutOfScope, Nowhere: see ``data.figures.scope.explain_missing_area``.
        UnknownName: a category that the city does not have, or a channel that does not exist.
    """
    code = choose_start(await ask(areas.cities()), viewer) if area is None else area
    own = await fetch_area(ask, code, viewer)
    plain = Filters(filters.categories, filters.channels)
    await check_filters(ask, own["city_code"], plain)
    return Scene(own, choose_counting(own, period, plain), bool(own["cases_seen"]) and may_see_cases(viewer))


def check_level(own: RowMapping, level: str | None, field: str = "by") -> None:
    """Refuse a level that no area below an area has.

    Raises:
        UnknownName: the area has no parts of this level; parts of zones are no areas of their own.
    """
    known: list[Any] = [] if own["level"] == "zone" else levels_below(own["level"], ())
    if level is not None and level not in known:
        raise UnknownName.among(field, level, (*known, *GROUPINGS) if field == "by" else known or ("-",))
