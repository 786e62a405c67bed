"""Answers on indicators as tables, each number in its own column."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from data.core.export_files import Fact
from data.core.i18n import t
from data.core.spreadsheets import Cell
from data.core.viewer import Viewer
from data.figures.types import PeriodSpan
from data.indicators.coverage import MOST_GAPS
from data.indicators.types import CoverageAnswer, IndicatorAnswer, IndicatorTold, IndicatorValue, WaitingAnswer, WorseAnswer
from routes.exports.answers import Exported, Table, as_moment, common_facts, make_columns

_NUMBER = "0.00"
_VERDICT_TITLES = {"worse": "Worse", "better": "Better", "unclear": "Unclear", "too_few": "Too few cases"}
_VALUE_TITLES = {
    "group": "Group",
    "code": "Code",
    "indicator": "Indicator",
    "unit": "Unit",
    "numerator": "Numerator",
    "denominator": "Denominator",
    "value": "Value",
    "interval_from": "Interval from",
    "interval_to": "Interval to",
    "left_out": "Left out",
    "too_few_cases": "Too few cases",
    "rank": "Rank",
    "why_there_is_no_value": "Why there is no value",
    "whole_days": "Whole days",
    "period_before": "Period before",
    "a_year_earlier": "A year earlier",
}
_BY_TITLES = {
    "district": "District",
    "street": "Street",
    "community": "Community",
    "grid": "Grid cell",
    "unit": "Responsible unit",
    "department": "Department",
    "category": "Category",
    "source": "Source",
    "person": "Person",
}
_MEASURE_TITLES = {"reported": "Cases reported", "late": "Overdue share"}
_WORSE_TITLES = {
    "area": "Area",
    "code": "Code",
    "now": "Now",
    "counted_on_now": "Counted on, now",
    "before": "Before",
    "counted_on_before": "Counted on, before",
    "ratio": "Ratio",
    "interval_from": "Interval from",
    "interval_to": "Interval to",
    "verdict": "Verdict",
}
_WAITING_TITLES = {
    "responsible_unit": "Responsible unit",
    "code": "Code",
    "person": "Person",
    "overdue": "Overdue",
    "oldest_deadline": "Oldest deadline",
    "oldest_case": "Oldest case",
    "due_soon": "Due soon",
}
_COVERAGE_TITLES = {
    "level": "Level",
    "areas": "Areas",
    "with_head": "With a head",
    "with_worker": "With a worker",
    "with_one_or_the_other": "With one or the other",
}
_GAP_TITLES = {"level": "Level", "area": "Area", "code": "Code", "within": "Within"}
_SCORE_TITLES = {
    "group": "Group",
    "code": "Code",
    "score": "Score",
    "grade": "Grade",
    "missing": "Indicators without a value",
}
_SPAN_TITLES = {"period": "Period", "whole_days": "Whole days", "previous": "Period before", "year_before": "A year earlier"}
_WIDTHS = {
    "group": 24,
    "code": 16,
    "indicator": 26,
    "why_there_is_no_value": 18,
    "area": 24,
    "responsible_unit": 28,
    "person": 18,
    "oldest_deadline": 18,
    "oldest_case": 22,
    "missing": 40,
}


def describe_indicators(answer: IndicatorAnswer, who: Viewer, clock: tzinfo) -> Exported:
    """Indicators by group: a row for each value, with its numerator, denominator, interval and earlier periods."""
    lang = who.lang
    known = {one["code"]: one for one in answer["indicators"]}
    rows = [
        [_local(group, lang), group["code"], known[one["indicator"]]["title"], known[one["indicator"]]["unit"], *_numbers(one, lang)]
        for group in answer["groups"]
        for one in group["values"]
    ]
    tables = [Table(t(lang, "Indicators"), make_columns(lang, _VALUE_TITLES, _WIDTHS), rows)]
    graded = [
        [
            _local(group, lang),
            group["code"],
            group["composite"]["score"],
            group["composite"]["grade"],
            ", ".join(group["composite"]["missing"]),
        ]
        for group in answer["groups"]
        if group["composite"] is not None
    ]
    if graded:
        columns = make_columns(lang, _SCORE_TITLES, _WIDTHS, {"score": _NUMBER})
        tables.append(Table(t(lang, "Composite"), columns, graded))
    facts = [
        *_place(answer, lang),
        (t(lang, "By"), t(lang, _BY_TITLES.get(answer["by"], "none"))),
        *_spans(answer["periods"], lang),
        *common_facts(who, answer["as_of"], clock),
    ]
    return Exported("indicators", tables, [*facts, *_definitions(answer["indicators"], lang), _interval(lang)], clock)


def describe_worse(answer: WorseAnswer, who: Viewer, clock: tzinfo) -> Exported:
    """Which areas got worse, in the order of the answer."""
    lang = who.lang
    forms = dict.fromkeys(("ratio", "interval_from", "interval_to"), _NUMBER)
    columns = make_columns(lang, _WORSE_TITLES, _WIDTHS, forms)
    rows: list[list[Cell]] = [
        [
            *(_local(one, lang), one["code"], one["now"], one["of_now"], one["before"], one["of_before"]),
            *(one["ratio"], one["low"], one["high"], t(lang, _VERDICT_TITLES[one["verdict"]])),
        ]
        for one in answer["areas"]
    ]
    facts: list[Fact] = [
        *_place(answer, lang),
        (t(lang, "Measure"), t(lang, _MEASURE_TITLES[answer["measure"]])),
        (t(lang, "Period"), _span(answer["period"])),
        (t(lang, "Compared with"), _span(answer["against"])),
        *common_facts(who, answer["as_of"], clock),
        (t(lang, "Ratio"), t(lang, "Rate now ÷ rate before, with its 95 % interval (mid-P). Worse: the whole interval lies above 1.")),
        (t(lang, "Too few cases"), t(lang, "Fewer than {n} cases: set apart, and not judged.", n=answer["fewest"])),
    ]
    return Exported("worse-areas", [Table(t(lang, "Which areas got worse"), columns, rows)], facts, clock)


def describe_waiting(answer: WaitingAnswer, who: Viewer, clock: tzinfo) -> Exported:
    """Who must act: overdue cases by unit and person, the oldest first, and those that are due soon."""
    lang = who.lang
    rows: list[list[Cell]] = [
        [
            (one["unit_name_en"] if lang == "en" else None) or one["unit_name"],
            *(one["unit"], one["person_shown"], one["overdue"], as_moment(one["oldest_due"]) if one["oldest_due"] else None),
            *(one["oldest_case"], one["due_soon"]),
        ]
        for one in answer["waiting"]
    ]
    counted: list[Fact] = [(t(lang, "Overdue"), answer["overdue"]), (t(lang, "Hours that count as soon"), answer["soon_h"])]
    facts = [*_place(answer, lang), *counted, *common_facts(who, answer["as_of"], clock)]
    return Exported("who-must-act", [Table(t(lang, "Who must act"), make_columns(lang, _WAITING_TITLES, _WIDTHS), rows)], facts, clock)


def describe_coverage(answer: CoverageAnswer, who: Viewer, clock: tzinfo) -> Exported:
    """Areas that have a head or a worker, by level, and the first of those that have neither."""
    lang = who.lang
    sums: list[list[Cell]] = [
        [t(lang, _BY_TITLES[one["level"]]), one["areas"], one["headed"], one["with_worker"], one["staffed"]] for one in answer["levels"]
    ]
    gaps: list[list[Cell]] = [
        [t(lang, _BY_TITLES[one["level"]]), _local(gap, lang), gap["code"], (gap["within_en"] if lang == "en" else None) or gap["within"]]
        for one in answer["levels"]
        for gap in one["gaps"]
    ]
    tables = [
        Table(t(lang, "Coverage"), make_columns(lang, _COVERAGE_TITLES, _WIDTHS), sums),
        Table(t(lang, "Without anybody"), make_columns(lang, _GAP_TITLES, _WIDTHS), gaps),
    ]
    facts: list[Fact] = [*_place(answer, lang), (t(lang, "Most areas told of each level"), MOST_GAPS)]
    return Exported("coverage", tables, [*facts, *common_facts(who, answer["as_of"], clock)], clock)


def _numbers(one: IndicatorValue, lang: str) -> list[Cell]:
    then = [value and value["value"] for value in (one["whole_days"], one["previous"], one["year_before"])]
    few = t(lang, "yes") if one["too_few"] else None
    numbers = [one["numerator"], one["denominator"], one["value"], one["low"], one["high"], one["left_out"]]
    return [*numbers, few, one["rank"], one["reason"], *then]


def _local(named: Mapping[str, Any], lang: str) -> str | None:
    told: str | None = (named["name_en"] if lang == "en" else None) or named["name"] or named["code"]
    return told


def _place(answer: Mapping[str, Any], lang: str) -> list[Fact]:
    return [(t(lang, "Area"), f"{_local(answer['area'], lang)} ({answer['area']['code']})")]


def _spans(periods: Mapping[str, Any], lang: str) -> list[Fact]:
    return [(t(lang, title), _span(periods[name])) for name, title in _SPAN_TITLES.items() if periods[name]]


def _span(span: PeriodSpan) -> str:
    return f"{span['from']} – {span['to']}"


def _definitions(indicators: Sequence[IndicatorTold], lang: str) -> list[Fact]:
    return [(one["title"], f"{one['numerator']} ÷ {one['denominator']} ({one['unit']}, {one['anchor']})") for one in indicators]


def _interval(lang: str) -> Fact:
    return t(lang, "Interval"), t(lang, "95 % interval of a share (Wilson). Shares are numbers from 0 to 1.")
