"""Counts of indicators by group: from roll-ups, from cases, and from areas."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import RowMapping

from data.core.period import Period
from data.database.transactions import Ask
from data.indicators.definitions import Indicator
from data.indicators.questions import IndicatorQuestion, Scene
from data.queries import indicators as queries
from data.queries.case_filters import CaseFilters, Days
from data.queries.desk.coverage import staffed_grids
from data.queries.families.area_figures import level_counts
from data.queries.figures import Filters
from data.schema import PROACTIVE_CHANNELS


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted for one indicator in one group.

    Attributes:
        numerator: cases, or hours added up; ``None`` for medians, and where no datum says it.
        denominator: cases, or grids.
        unknown: cases of which nobody can say whether they count.
        median: of hours.
        reason: why there is nothing, where it was not counted.
    """

    numerator: float | None = None
    denominator: int | None = None
    unknown: int | None = None
    median: float | None = None
    reason: str | None = None


ByGroup = dict[str | None, dict[str, Counted]]
"""Counts by group and by code of the indicator."""

_IN_ROLLUPS = {"closing_rate": ("due_closed", "due"), "on_time_closing_rate": ("due_on_time", "due")}


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts the indicators of one question.

    Attributes:
        ask: runs statements, all in one snapshot.
        scene: where and when.
        question: what is asked for.
    """

    ask: Ask
    scene: Scene
    question: IndicatorQuestion

    async def count(self, period: Period, only_flows: bool = False) -> tuple[ByGroup, list[RowMapping]]:
        """Counts of a period by group, and the rows of the areas by which they are told.

        With ``only_flows``, without what is told as it stands, whatever the period.
        """
        found: ByGroup = defaultdict(dict)
        wanted = [one for one in self.question.wanted if one.anchor != "now"]
        rolled = [one for one in wanted if one.from_rollups and self._rollups_know]
        areas = await self._count_rolled(found, rolled, period)
        others = [one for one in wanted if one not in rolled]
        if self.scene.sees_cases:
            await self._count_cases(found, [one for one in others if one.kind != "stage"], period)
            await self._count_stages(found, [one for one in others if one.kind == "stage"], period)
        if not only_flows and any(one.anchor == "now" for one in self.question.wanted):
            await self._count_grids(found)
        if self.question.grouping == "none":
            found[None]  # the area itself, also where nothing was counted
        return found, areas

    # ---- From roll-ups ----

    @property
    def _rollups_know(self) -> bool:
        filters = self.question.filters
        return not filters.units and not filters.assignees and self.question.grouping in ("none", "area", "category", "source")

    async def _count_rolled(self, found: ByGroup, wanted: list[Indicator], period: Period) -> list[RowMapping]:
        if self.question.grouping in ("category", "source"):
            if wanted:
                await self._count_kinds(found, wanted, period)
            return []
        if not wanted and self.question.level is None:
            return []
        rows = await self._ask_levels(period, self.scene.counting.filters)
        of_proactive: dict[str, int] = {}
        if any(one.code == "proactive_share" for one in wanted):
            of_proactive = await self._ask_proactive(period)
        for row in rows:
            group = None if self.question.level is None else row["group"]
            found[group].update(_from_rollup(wanted, row, of_proactive.get(row["group"], 0)))
        return list(rows)

    async def _ask_levels(self, period: Period, filters: Filters) -> list[RowMapping]:
        own, level = self.scene.own, self.question.level
        counting = replace(self.scene.counting, period=period, filters=filters)
        statement = level_counts(filters.form, own["level"], level is None)
        return list(await self.ask(statement, {"code": own["code"], "path": own["path"], "coloured": level, **counting.values()}))

    async def _ask_proactive(self, period: Period) -> dict[str, int]:
        filters = self.scene.counting.filters
        kept = tuple(one for one in PROACTIVE_CHANNELS if not filters.channels or one in filters.channels)
        if not kept:
            return {}
        return {row["group"]: row["reported"] for row in await self._ask_levels(period, replace(filters, channels=kept))}

    async def _count_kinds(self, found: ByGroup, wanted: list[Indicator], period: Period) -> None:
        counting = replace(self.scene.counting, period=period)
        statement = queries.kind_counts(self.question.grouping, counting.filters.form)
        for row in await self.ask(statement, {"no": self.scene.own["no"], **counting.values()}):
            found[row["group"]].update(_from_rollup(wanted, row, row["proactive"]))

    # ---- From cases ----

    async def _count_cases(self, found: ByGroup, wanted: list[Indicator], period: Period) -> None:
        scene, question = self.scene, self.question
        for anchor in ("reported", "due", "closed"):
            facts = [_make_fact(one) for one in wanted if one.anchor == anchor]
            filters = self.select(anchor, period)
            if not facts or filters is None:
                continue
            statement = queries.case_counts(facts, filters, scene.place, question.grouping, question.level)
            for row in await self.ask(statement, {"moment": scene.own["city_as_of"]}):
                found[row["group"]].update({fact.code: _from_cases(fact, row) for fact in facts})

    async def _count_stages(self, found: ByGroup, wanted: list[Indicator], period: Period) -> None:
        filters = self.select("closed", period)
        if not wanted or filters is None:
            return
        codes = {one.stage: one.code for one in wanted}
        for row in await self.ask(queries.stage_times(filters, self.scene.place, self.question.grouping, self.question.level)):
            if row["stage"] in codes:
                found[row["group"]][codes[row["stage"]]] = Counted(denominator=row["n"], median=row["median"])

    def select(self, anchor: str, period: Period) -> CaseFilters | None:
        """The cases of a period by their anchor; ``None`` where there can be none. A deadline of tomorrow is not due yet."""
        last = min(period.end, self.scene.counting.today) if anchor == "due" else period.end
        if last < period.start:
            return None
        days, filters = Days(period.start, last), self.question.filters
        if anchor == "due":
            return replace(filters, due=days)
        if anchor == "reported":
            return replace(filters, reported=days)
        # Nothing is closed before it is reported: later months need not be looked through.
        return replace(filters, closed=days, reported=Days(None, last))

    # ---- From areas ----

    async def _count_grids(self, found: ByGroup) -> None:
        own, filters = self.scene.own, self.question.filters
        if self.question.grouping not in ("none", "area") or own["level"] == "zone" or filters.units or filters.assignees:
            return
        statement = staffed_grids(self.scene.place, self.question.level, self.scene.sees_cases)
        for row in await self.ask(statement, {"today": own["city_day"]}):
            counted = Counted(row["n"], row["d"]) if row["known"] else Counted(reason="not_known")
            found[row["group"]]["coverage"] = counted


def _make_fact(one: Indicator) -> queries.Fact:
    return queries.Fact(one.code, one.numerator, one.denominator, one.unknown, one.kind in ("mean", "median"))


def _from_cases(fact: queries.Fact, row: Mapping[str, Any] | RowMapping) -> Counted:
    numerator = row[f"{fact.code}_n"] if fact.counted is not None else None
    unknown = row[f"{fact.code}_x"] if fact.unknown is not None else None
    return Counted(numerator, row[f"{fact.code}_d"], unknown, row[f"{fact.code}_m"] if fact.times else None)


def _from_rollup(wanted: Iterable[Indicator], row: RowMapping, proactive: int) -> dict[str, Counted]:
    made = {}
    for one in wanted:
        if one.code in _IN_ROLLUPS:
            counted, of = _IN_ROLLUPS[one.code]
            made[one.code] = Counted(row[counted], row[of])
        else:
            made[one.code] = Counted(proactive, row["reported"])
    return made
