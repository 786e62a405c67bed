"""Every figure and every number of a table of a report in English, beside what is counted from raw rows; what has no rule is refused."""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pytest

from reports.content import Bar, Block, Cell, Figure, Fraction, Interval, KeyFigures, Number, Pair, Report, Table
from reports.graphics import Bars, Curve
from tests.reports.recount.counts import (
    SHARES,
    Counts,
    Days,
    age_in_years,
    months_before,
    usual_count,
    usual_share,
    wilson,
)
from tests.reports.recount.rows import Rows

_TIMES = re.compile(r"^(?P<base>.*?)(?:, (?P<time>the month before|average of the (?P<n>\d+) months before|difference from the average))?$")
_LEVELS = {"District": "district", "Street": "street", "Community or village": "community", "Grid cell": "grid"}
_CHANNELS = {
    "Grid worker": ("grid_worker",),
    "Hotline": ("hotline",),
    "Public": ("public",),
    "Building head": ("building_head",),
    "Video": ("video",),
    "Sensor": ("sensor",),
    "Higher authority": ("superior",),
    "Media": ("media",),
    "Business system": ("business_system",),
    "Database": ("database_mirror",),
    "Self-declared": ("self_declared",),
    "Other": ("other",),
}
Known = tuple[float | None, float | None, float | None, float | None, float | None]
"""Value, numerator, denominator, low, high."""


def list_blocks(report: Report) -> Iterator[Block]:
    for section in report.sections:
        for block in section.blocks:
            for one in (block.left, block.right) if isinstance(block, Pair) else (block,):
                yield replace(one, rows=tuple(tuple(map(_plain_cell, row)) for row in one.rows)) if isinstance(one, Table) else one


def _plain_cell(cell: Cell) -> Cell:
    """A fraction as a number that is written as one."""
    return Number(f"{cell.numerator:,.0f} / {cell.denominator:,.0f}", cell.numerator) if isinstance(cell, Fraction) else cell


class Recount:
    """The same report from raw rows.

    Args:
        rows: of the city.
        report: monthly, in English, for a reader of everything.
        days: of its month.
        rounded: whether the reader may not see the register: then people are rounded to 5.
    """

    def __init__(self, rows: Rows, report: Report, days: Days, rounded: bool = False) -> None:
        assert (report.kind, report.lang) == ("monthly", "en")
        self.rounded = rounded
        self.rows, self.report, self.days = rows, report, days
        self.levels = _LEVELS | rows.level_titles
        cases = rows.cases[rows.inside(report.area, rows.cases)]
        self.whole = Counts(rows, cases, days)

    # ---- Parts and periods ----

    @cached_property
    def known_months(self) -> int:
        """Months of which the city has all cases, of the twelve before."""
        return sum(months_before(self.days, back)[0] >= self.rows.since for back in range(1, 13))

    def knows(self, back: int) -> bool:
        """Whether a month so many before can be compared: this one is over, and the city's data begin no later than that one."""
        return self.days[1] < self.rows.today and months_before(self.days, back)[0] >= self.rows.since

    def month(self, of: Counts, back: int) -> Counts:
        return Counts(of.rows, of.cases, months_before(self.days, back))

    def past(self, of: Counts) -> list[Counts]:
        return [self.month(of, back) for back in range(self.known_months, 0, -1)]

    def part(self, name: str) -> Counts:
        """Cases of an area, a category, or an area and a category."""
        categories = self.rows.tables["categories"]
        cases = self.whole.cases
        of_cases = categories[categories["subject"] == "incident"].set_index("name_en")["code"]
        for one in [name] if name in of_cases.index or name in set(self.rows.areas["name_en"]) else name.split(", "):
            if one in of_cases.index:
                cases = cases[cases["category"] == of_cases[one]]
            else:
                inside = [code for code in self.rows.children(self.report.area) if self.rows.areas.loc[code, "name_en"] == one]
                assert len(inside) == 1, f"no part is called {one!r}"
                cases = cases[self.rows.inside(inside[0], cases)]
        return Counts(self.rows, cases, self.days)

    # ---- Figures ----

    def expect(self, figure: Figure) -> Known:
        """What a figure should be.

        Raises:
            AssertionError: there is no rule for it.
        """
        found = _TIMES.match(figure.label)
        assert found
        base, time = found["base"], found["time"]
        title, _, name = base.partition(": ")
        if title == "Coverage" and name:
            return self._coverage(self.levels[name])
        part = self.part(name) if name else self.whole
        if time and found["n"]:
            return self._usual(title, part, int(found["n"]))
        if time == "difference from the average":
            return part_size(part, self.past(part)), None, None, None, None
        if time:
            part = self.month(part, 1)
        return self._count(title, part)

    def _count(self, title: str, part: Counts) -> Known:
        if title in SHARES:
            n, d = part.share(title)
            assert d, title
            return n / d, n, d, *wilson(n, d)
        assert title in _PLAIN, f"no rule for a figure {title!r}"
        return _PLAIN[title](self, part)

    def _usual(self, title: str, part: Counts, spans: int) -> Known:
        past = self.past(part)
        if title == "On-time closing rate":
            past = [one for one in past if one.on_time[1]]
        assert spans == len(past) >= 4
        if title == "On-time closing rate":
            value, low, high = usual_share([one.on_time for one in past], part.on_time)
        else:
            assert title == "Cases reported", title
            value, low, high = usual_count([len(one.reported) for one in past], [one.length for one in past], part.length)
        return value, None, None, low, high

    def coverage(self, level: str) -> tuple[int, int, int, int]:
        """Areas of a level, with a head, with a worker, with either."""
        areas = self.rows.areas
        inside = self.rows._above
        kept = [
            code for code in areas.index[(areas["level"] == level) & (areas["origin"] != "unplaced")] if self.report.area in inside[code]
        ]
        heads, workers = self.rows.staffed
        one = set(kept)
        return len(kept), len(one & heads), len(one & workers), len(one & (heads | workers))

    def _coverage(self, level: str) -> Known:
        areas, _, _, staffed = self.coverage(level)
        return staffed / areas, staffed, areas, None, None

    def residents(self) -> pd.DataFrame:
        people = self.rows.tables["people"]
        return people[self.rows.inside(self.report.area, people)]

    def count_people(self) -> int:
        found = len(self.residents()) if len(self.rows.tables["people"]) else int(self.rows.tables["census"]["total"].sum())
        return 5 * round(found / 5) if self.rounded else found

    def count_households(self) -> int:
        if len(self.rows.tables["people"]):
            return int(self.residents().groupby("grid")["household"].nunique().sum())
        return int(self.rows.tables["census"]["households"].sum())

    def count_ages(self, first: int, last: int) -> int:
        if len(self.rows.tables["people"]):
            return sum(first <= age_in_years(born, self.rows.today.date()) <= last for born in self.residents()["birth_date"])
        bands = Counter[str]()
        for ages in self.rows.tables["census"]["ages"]:
            bands.update(ages)
        return sum(n for band, n in bands.items() if first <= int(re.split(r"[-+]", band)[0]) <= last)

    def objects(self, name: str) -> pd.DataFrame:
        found = self.rows.tables[name]
        return found[self.rows.inside(self.report.area, found)]

    def check_figures(self) -> int:
        """Compare every figure that has a small number; returns how many there are.

        Those of tables and charts are what their cells state (test_report_citing.py), and ``check_blocks`` counts these.
        """
        figures = [one for one in self.report.figures if not one.group]
        for figure in figures:
            told = (figure.value, figure.numerator, figure.denominator, figure.low, figure.high)
            if self.rounded and figure.label == "Households":
                self._check_rounded(figure)
                continue
            wanted = self.expect(figure)
            for name, one, other in zip(("value", "numerator", "denominator", "low", "high"), told, wanted, strict=True):
                if one is None or other is None:
                    assert one is other is None, (figure.label, name, told, wanted)
                else:
                    assert one == pytest.approx(other, rel=1e-9, abs=1e-9), (figure.label, name, told, wanted)
        return len(figures)

    def _check_rounded(self, figure: Figure) -> None:
        """Households of each cell are rounded to 5 and added up: off by 1.4 √n of n cells on average, and the report says so."""
        cells = self.residents()["grid"].nunique()
        assert figure.value is not None and figure.value % 5 == 0 and "rounded" in figure.definition.lower(), figure
        assert abs(figure.value - self.count_households()) <= 6 * math.sqrt(cells)

    # ---- Tables and charts ----

    def check_blocks(self) -> Counter[str]:
        """Compare every table, chart and tile; returns how many there are of each kind."""
        seen = Counter[str]()
        for block in list_blocks(self.report):
            if isinstance(block, Table):
                kind = _find_table(block)
                getattr(self, f"_check_{kind}")(block)
                seen[kind] += 1
            elif isinstance(block, Bars):
                days = pd.date_range(*self.days)
                by_day = self.whole.reported.groupby("day").size().reindex(days, fill_value=0)
                assert [point.value for point in block.points] == by_day.tolist()
                assert [point.label for point in block.points] == [str(day.day) for day in days]
                seen["bars"] += 1
            elif isinstance(block, Curve):
                self._check_curve(block)
                seen["curve"] += 1
            elif isinstance(block, KeyFigures):
                self._check_key(block)
                seen["key"] += 1
        return seen

    def _check_curve(self, block: Curve) -> None:
        curve, (hours, _) = self.whole.curve(), self.whole.survival
        assert block.end == pytest.approx(max(hours.max(), 1.0))
        known = dict(zip(curve.surv_times.tolist(), curve.surv_prob.tolist(), strict=True))
        assert len(block.steps) > 10 or len(block.steps) == len(known)
        for step in block.steps:
            assert step.share == pytest.approx(known[step.at], abs=1e-9)

    def _check_key(self, block: KeyFigures) -> None:
        past = [*(self.month(self.whole, back) if self.knows(back) else None for back in range(12, 0, -1)), self.whole]
        compared = [back for back in (1, 12) if self.knows(back) and len(self.month(self.whole, back).reported)]
        for one in block.figures:
            if one.label == "Cases reported":
                assert one.value == f"{len(self.whole.reported):,}"
                over = self.days[1] < self.rows.today
                assert one.detail == (f"{len(self.whole.reported) / self.whole.length:,.1f} a day" if over else "")
                assert list(one.spark) == ([None if each is None else len(each.reported) for each in past] if over else [])
                for change, back in zip(one.changes, compared, strict=True):
                    then = self.month(self.whole, back)
                    ratio = len(self.whole.reported) / len(then.reported) * (then.length / self.whole.length)
                    by_day = " by day" if then.length != self.whole.length else ""
                    assert change.text == _minus(f"{(ratio - 1) * 100:+,.1f}%") + by_day, change
            elif one.label in SHARES:
                n, d = self.whole.share(one.label)
                assert (one.value, one.unit, one.detail) == (_percent(n, d), "%", f"{n:,} of {_cases(d)}")
                for value, each in zip(one.spark, past, strict=False):
                    n, d = each.share(one.label) if each else (0, 0)
                    assert value == (pytest.approx(n / d) if d else None)
                self._check_changes(one)
            elif one.label == "Overdue and open":
                assert one.value == f"{self.whole.overdue_at_end:,}"
                for change, back in zip(one.changes, compared, strict=True):
                    n = self.whole.overdue_at_end - self.month(self.whole, back).overdue_at_end
                    assert change.text == _minus(_cases(n, "+" if n else ""))
            elif one.label == "Median handling time":
                assert one.value == f"{self.whole.hours.median():,.1f}"
                for value, each in zip(one.spark, past, strict=False):
                    assert value == (pytest.approx(each.hours.median()) if each and len(each.hours) else None)
            else:
                assert one.label == "Residents" and one.value == f"{self.count_people():,}", one
                assert one.detail in ("", f"{self.count_households():,} households") or self.rounded

    def _check_changes(self, one: Any) -> None:
        n, d = self.whole.share(one.label)
        wanted = []
        for back in filter(self.knows, (1, 12)):
            m, e = self.month(self.whole, back).share(one.label)
            if e:
                wanted.append(_minus(_signed((n / d - m / e) * 100) + " pts"))
        assert [change.text for change in one.changes] == wanted

    def _check_ranking(self, table: Table) -> None:
        level = next(self.rows.areas.loc[code, "level"] for code in self.rows.children(self.report.area))
        found = {}
        for code in self.rows.children(self.report.area):
            part = Counts(self.rows, self.whole.cases[self.rows.inside(code, self.whole.cases)], self.days)
            if part.on_time[1] >= 30:
                found[self.rows.name(code)] = part
        assert {row[1] for row in table.rows} == set(found), level
        shares = sorted((part.on_time[0] / part.on_time[1] for part in found.values()), reverse=True)
        for rank, name, reported, fraction, interval, percent, late in table.rows:
            part = found[str(name)]
            n, d = part.on_time
            assert isinstance(interval, Interval)
            _same(rank, 1 + sum(share > n / d + 1e-12 for share in shares))
            _same(reported, len(part.reported))
            assert fraction == f"{n:,} / {d:,}" or getattr(fraction, "text", "") == f"{n:,} / {d:,}"
            assert (interval.value, interval.low, interval.high) == pytest.approx((n / d, *wilson(n, d)), abs=1e-9)
            line = self.whole.on_time[0] / self.whole.on_time[1]
            assert interval.mark == ("above" if interval.low > line else "below" if interval.high < line else "")
            _same(percent, n / d, _percent(n, d))
            _same(late, part.overdue_at_end)

    def _check_kinds(self, table: Table) -> None:
        cases = self.whole.reported
        if table.title == "Sources":
            of_title = {title: cases["channel"].isin(codes) for title, codes in _CHANNELS.items()}
        else:
            known = self.rows.tables["categories"]
            named = known[known["subject"] == "incident"].set_index("code")["name_en"]
            of_title = {name: cases["category"].map(named) == name for name in named}
        counted = Counter({title: int(which.sum()) for title, which in of_title.items() if which.any()})
        assert sum(counted.values()) == len(cases)
        shown = [str(row[0]) for row in table.rows if not re.fullmatch(r"\d+ others", str(row[0]))]
        assert sorted(counted[title] for title in shown) == sorted(n for _, n in counted.most_common(len(shown)))
        wanted = {**counted, f"{len(counted) - len(shown)} others": sum(counted.values()) - sum(counted[title] for title in shown)}
        most = max(wanted[str(row[0])] for row in table.rows)
        for name, bar, n, share in table.rows:
            assert isinstance(bar, Bar) and bar.share == pytest.approx(wanted[str(name)] / most)
            _same(n, wanted[str(name)])
            _same(share, wanted[str(name)] / len(cases), f"{_percent(wanted[str(name)], len(cases))}%")
        assert sum(row[2].value or 0 for row in table.rows if isinstance(row[2], Number)) == len(cases)

    def _late_rows(self) -> pd.DataFrame:
        late = self.whole.cases[self.whole.cases["overdue"]].copy()
        late["days"] = (self.rows.now - late["due"]).dt.total_seconds() // 86_400
        return late.sort_values("due")

    def _check_holders(self, table: Table) -> None:
        late, names = self._late_rows(), self.rows.tables["units"].set_index("code")["name_en"]
        late["holder"] = [names.get(one) or "no unit yet: dispatcher" for one in late["unit"]]
        grouped = late.groupby("holder")
        firsts = grouped["due"].min()
        assert [firsts[str(row[0])] for row in table.rows] == sorted(firsts)[: len(table.rows)]
        for name, _, n, oldest, number in table.rows:
            own = grouped.get_group(str(name))
            _same(n, len(own))
            _same(oldest, own["days"].max())
            assert number in set(own[own["due"] == firsts[str(name)]]["number"])

    def _check_oldest(self, table: Table) -> None:
        late = self._late_rows().set_index("number")
        numbers = [str(row[0]) for row in table.rows]
        assert late.loc[numbers, "due"].tolist() == late["due"].tolist()[: len(numbers)] and len(set(numbers)) == len(numbers)
        for row in table.rows:
            _same(row[-1], late.loc[str(row[0]), "days"])

    def _check_coverage(self, table: Table) -> None:
        for title, headed, workers, either, share in table.rows:
            areas, *counted = self.coverage(self.levels[str(title)])
            if not any(counted):
                assert [getattr(cell, "value", 0) for cell in (headed, workers, either, share)] == [None] * 4
                continue
            for cell, n in zip((headed, workers, either), counted, strict=True):
                _same(cell, n, f"{n:,} / {areas:,}")
            _same(share, counted[-1] / areas, f"{_percent(counted[-1], areas)}%")

    def _check_gaps(self, table: Table) -> None:
        """Every area without anybody is named beside the area above it."""
        level = next(level for title, level in self.levels.items() if f": {title} (" in table.title)
        areas, _, _, staffed = self.coverage(level)
        assert f"({areas - staffed:,})" in table.title and not table.note
        named = Counter((above, name) for above, names in table.rows for name in str(names).split(", "))
        heads, workers = self.rows.staffed
        known = self.rows.areas
        inside = known.index[(known["level"] == level) & (known["origin"] != "unplaced")]
        gaps = [code for code in inside if self.report.area in self.rows._above[code] and code not in heads | workers]
        assert named == Counter((self.rows.name(known.loc[code, "parent"]), self.rows.name(code)) for code in gaps)

    def _check_indicators(self, table: Table) -> None:
        before, over = self.month(self.whole, 1), self.knows(1)
        for title, value, fraction, interval, change in table.rows:
            text = getattr(fraction, "text", fraction)
            if title == "Missed rate":
                assert (getattr(value, "value", 0), text) == (None, "no datum says it")
            elif title in SHARES or title == "Coverage":
                n, d = self.whole.share(str(title)) if title in SHARES else self.coverage("grid")[-1:] + self.coverage("grid")[:1]
                if not d:
                    assert getattr(value, "value", 0) is None
                    continue
                low, high = wilson(n, d)
                _same(value, n / d, f"{_percent(n, d)}%")
                assert text == f"{n:,} / {d:,}"
                assert getattr(interval, "text", interval) == f"{_share(low)}–{_share(high)}"
                m, e = before.share(str(title)) if title in SHARES and over else (0, 0)
                if e:
                    assert getattr(change, "text", change) == _minus(_signed((n / d - m / e) * 100) + " pts")
            else:
                assert title in ("Mean handling time", "Median handling time"), title
                hours = self.whole.hours
                wanted = hours.mean() if title == "Mean handling time" else hours.median()
                _same(value, wanted, f"{wanted:,.1f} hours")
                assert text == _cases(len(hours))
                if len(before.hours) and over:
                    then = before.hours.mean() if title == "Mean handling time" else before.hours.median()
                    assert getattr(change, "text", change) == _minus(_signed(wanted - then) + " hours")

    def _check_place(self, table: Table) -> None:
        for title, cell in table.rows:
            wanted = {
                "Residents": self.count_people,
                "Households": self.count_households,
                "Buildings": lambda: len(self.objects("buildings")),
                "Area, km²": lambda: self.rows.areas.loc[self.report.area, "area_m2"] / 1e6,
            }
            if found := re.fullmatch(r"aged (\d+)(?: to |-)(\d+)|aged (\d+)(?: and over|\+)", str(title)):
                n = self.count_ages(int(found[1] or found[3]), int(found[2] or 199))
                assert not self.rounded or getattr(cell, "value", 0) % 5 == 0
                assert getattr(cell, "value", 0) == pytest.approx(n, abs=20 if self.rounded else 0)
            else:
                n = wanted[str(title)]()
                if self.rounded and title == "Households":
                    n = next(one.value for one in self.report.figures if one.label == title) or 0
                _same(cell, n)

    def _check_facilities(self, table: Table) -> None:
        known = self.rows.tables["categories"]
        named = known[known["subject"] == "facility"].set_index("code")["name_en"]
        counted = Counter(self.objects("facilities")["kind"].map(lambda kind: named.get(kind, kind)))
        for title, cell in table.rows:
            _same(cell, counted[str(title)])
        assert sorted(n for _, n in counted.most_common(len(table.rows))) == sorted(counted[str(row[0])] for row in table.rows)


def _find_table(table: Table) -> str:
    """Which table it is, by its titles.

    Raises:
        AssertionError: none that has a rule.
    """
    titles = [column.title for column in table.columns]
    if titles[0] == "Rank":
        return "ranking"
    if table.title in ("Categories", "Sources"):
        return "kinds"
    if table.title == "By responsible unit":
        return "holders"
    if table.title == "Overdue for longest":
        return "oldest"
    if titles[:2] == ["Level", "With a head"]:
        return "coverage"
    if titles[0] == "Indicator":
        return "indicators"
    if table.title == "Facilities":
        return "facilities"
    if titles[0] == "Area above":
        return "gaps"
    assert titles == ["What", "Number"], f"no rule for a table with the columns {titles}"
    return "place"


def part_size(part: Counts, past: list[Counts]) -> float:
    """By how many cases a part lies above the average of earlier months of the same length."""
    return len(part.reported) - sum(len(one.reported) for one in past) * part.length / sum(one.length for one in past)


def _same(cell: Cell, value: float, text: str | None = None) -> None:
    shown = getattr(cell, "value", cell)
    assert shown == pytest.approx(value, rel=1e-9, abs=1e-9), (cell, value)
    assert text is None or getattr(cell, "text", "") == text, (cell, text)


def _percent(n: int, d: int) -> str:
    return _share(n / d)


def _share(share: float) -> str:
    return f"{min(max(share, 0.001), 0.999) * 100 if 0 < share < 1 else share * 100:.1f}"


def _signed(n: float) -> str:
    text = f"{n:+,.1f}"
    return "0.0" if not text.strip("+-0.,") else text


def _cases(n: int, sign: str = "") -> str:
    return f"{n:{sign},} case{'' if abs(n) == 1 else 's'}"


def _minus(text: str) -> str:
    return text.replace("-", "−")


def _median(of: Recount, part: Counts) -> Known:
    del of
    return float(part.hours.median()), None, len(part.hours), None, None


def _quantile(share: float) -> Any:
    def find(of: Recount, part: Counts) -> Known:
        del of
        curve = part.curve()
        with np.errstate(all="ignore"):
            low, high = curve.quantile_ci(share, method="cloglog")
        ends = [float(one) if math.isfinite(one) else None for one in (low, high)]
        # No variance is known at a last step with nobody left: it is no limit of an interval.
        ends[1] = None if curve.surv_prob[-1] < 1e-12 and ends[1] == curve.surv_times[-1] else ends[1]
        # The first time at which so many are closed; statsmodels takes the next step where the share is reached exactly.
        reached = curve.surv_times[curve.surv_prob <= 1 - share + 1e-12]
        return (float(reached[0]) if len(reached) else None), None, len(part.survival[0]), *ends

    return find


def _plain(n: float) -> Known:
    return n, None, None, None, None


def _overdue(of: Recount, part: Counts) -> Known:
    waiting = len(part.open_at_end) if part is of.whole else None
    return part.overdue_at_end, part.overdue_at_end if waiting is not None else None, waiting, None, None


_PLAIN: dict[str, Any] = {
    "Cases reported": lambda of, part: _plain(len(part.reported)),
    "Cases not closed on time": lambda of, part: _plain(part.on_time[1] - part.on_time[0]),
    "Overdue and open": _overdue,
    "Overdue for more than three days and open": lambda of, part: _plain(min(part.long_overdue, part.overdue_at_end)),
    "Overdue as it stands": lambda of, part: _plain(int(part.cases["overdue"].sum())),
    "Median handling time": _median,
    "Mean handling time": lambda of, part: (part.hours.mean(), round(part.hours.sum(), 2), len(part.hours), None, None),
    "Median handling time, open cases counted as open": _quantile(0.5),
    "90th percentile of handling times, open cases counted as open": _quantile(0.9),
    "Cases with a handling time, open or closed": lambda of, part: _plain(len(part.survival[0])),
    "Of these, still open": lambda of, part: _plain(int((~np.asarray(part.survival[1], dtype=bool)).sum())),
    "Cases reported without a place": lambda of, part: ((n := int(part.reported["lon"].isna().sum())), n, len(part.reported), None, None),
    "Residents": lambda of, part: _plain(of.count_people()),
    "Households": lambda of, part: _plain(of.count_households()),
    "Buildings": lambda of, part: _plain(len(of.objects("buildings"))),
    "Coverage": lambda of, part: ((c := of.coverage("grid"))[3] / c[0], c[3], c[0], *wilson(c[3], c[0])),
}
