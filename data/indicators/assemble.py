"""Builds the answer from counts; no function here queries the database."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from data.core.i18n import t
from data.core.intervals import rate_ratio_interval, share_difference_interval, wilson_interval
from data.core.viewer import Lang
from data.indicators.composite import GRADES, Composite, find_grade
from data.indicators.counts import ByGroup, Counted
from data.indicators.definitions import Indicator
from data.indicators.types import CompositeTold, Graded, IndicatorGroup, IndicatorTold, IndicatorValue, ValueThen

_NOTHING = Counted()
_ZERO = Counted(0, 0)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of one group: its names, and the addresses of lists of its cases, by code of the indicator."""

    code: str | None
    name: str | None = None
    name_en: str | None = None
    links: Mapping[str, tuple[str | None, str | None]] | None = None


def tell_indicator(one: Indicator, lang: Lang) -> IndicatorTold:
    """What an indicator counts, in the reader's language."""
    return {
        "code": one.code,
        "title": t(lang, one.title),
        "numerator": t(lang, one.counted),
        "denominator": t(lang, one.base),
        "anchor": one.anchor,
        "unit": one.unit,
        "higher_is_better": one.higher_is_better,
        "fewest": one.fewest,
    }


def make_value(one: Indicator, counted: Counted) -> float | None:
    """The value; ``None`` where nothing was counted, or no datum says it."""
    if not counted.denominator or one.numerator is None:
        return None
    if one.kind in ("median", "stage"):
        return counted.median
    return None if counted.numerator is None else counted.numerator / counted.denominator


def find_reason(one: Indicator, counted: Counted | None, missing: str) -> str | None:
    """Why there is no value; ``missing``: where it was not counted at all."""
    if counted is None or counted.reason:
        return counted.reason if counted else missing
    if one.numerator is None:
        return "no_datum"
    if counted.denominator:
        return None
    return "not_known" if counted.unknown else "no_cases"


def assemble_groups(
    wanted: Sequence[Indicator],
    groups: Sequence[Told],
    spans: Mapping[str, ByGroup],
    missing: Mapping[str, str],
    composite: Composite | None,
) -> list[IndicatorGroup]:
    """Every group with its values, ranks and grade.

    Args:
        wanted: the indicators.
        groups: in the order of the answer.
        spans: counts of the ``period``, and of those that it is compared with, by name.
        missing: why an indicator was not counted, by its code; others count as 0 in groups that the statements do not name.
        composite: if one is valid.
    """
    made = []
    alone = len(groups) == 1 and groups[0].code is None
    for group in groups:
        counts = {name: found.get(group.code, {}) for name, found in spans.items()}
        values = [_tell_value(one, group, counts, missing.get(one.code), alone) for one in wanted]
        graded = None if composite is None else _grade(composite, wanted, counts["period"])
        found: IndicatorGroup = {"code": group.code, "name": group.name, "name_en": group.name_en, "values": values, "composite": graded}
        made.append(found)
    if len(groups) > 1:
        for place, one in enumerate(wanted):
            _rank([group["values"][place] for group in made if group["code"] is not None], one)
    return made


def _tell_value(
    one: Indicator, group: Told, counts: Mapping[str, Mapping[str, Counted]], missing: str | None, alone: bool
) -> IndicatorValue:
    counted = counts["period"].get(one.code) or (None if missing else _ZERO)
    told = counted or _NOTHING
    value = make_value(one, told)
    low, high = (None, None)
    if one.kind == "share" and value is not None and told.numerator is not None and told.denominator:
        low, high = wilson_interval(int(told.numerator), told.denominator)
    numerator_cases, denominator_cases = (group.links or {}).get(one.code, (None, None))
    return {
        "indicator": one.code,
        "numerator": round_hours(told.numerator if one.kind in ("share", "mean") and one.numerator is not None else None),
        "denominator": told.denominator,
        "value": value,
        "low": low,
        "high": high,
        "left_out": told.unknown,
        "too_few": value is not None and (told.denominator or 0) < one.fewest,
        "rank": None,
        "reason": find_reason(one, counted, missing or "no_cases"),  # type: ignore[typeddict-item]
        "numerator_cases": numerator_cases,
        "denominator_cases": denominator_cases,
        "whole_days": _then(one, counts, "whole_days", missing, alone),
        "previous": _then(one, counts, "previous", missing, alone),
        "year_before": _then(one, counts, "year_before", missing, alone),
    }


def _then(one: Indicator, counts: Mapping[str, Mapping[str, Counted]], name: str, missing: str | None, alone: bool) -> ValueThen | None:
    if name not in counts or missing or one.anchor == "now":
        return None
    counted = counts[name].get(one.code, _ZERO)
    shown = counted.numerator if one.kind in ("share", "mean") and one.numerator is not None else None
    now = _NOTHING if name == "whole_days" else counts.get("whole_days", {}).get(one.code, _ZERO)
    return {
        "numerator": round_hours(shown),
        "denominator": counted.denominator,
        "value": make_value(one, counted),
        "usual": _is_usual(one, now, counted),
        "usual_count": _is_usual_count(now, counted) if alone and name != "whole_days" else None,
    }


def _is_usual(one: Indicator, now: Counted, before: Counted) -> bool | None:
    """Whether the interval of the difference of two shares holds 0."""
    if one.kind != "share" or make_value(one, now) is None or make_value(one, before) is None:
        return None
    (n, d), (m, e) = ((int(counted.numerator or 0), counted.denominator or 0) for counted in (now, before))
    low, high = share_difference_interval((n, d), (m, e))
    return low <= 0 <= high


def _is_usual_count(now: Counted, before: Counted) -> bool | None:
    """Whether the interval of the ratio of two numbers of cases, in spans of the same length, holds 1."""
    if not now.denominator and not before.denominator:
        return None
    low, high = rate_ratio_interval(now.denominator or 0, before.denominator or 0, 1, 1)
    return low <= 1 <= high


def round_hours(number: float | None) -> float | None:
    """Hours to a hundredth; cases are whole."""
    return number if number is None or isinstance(number, int) else round(number, 2)


def _rank(values: Sequence[IndicatorValue], one: Indicator) -> None:
    """Ranks of those that are not too few, the best first; equals share a rank, and the next one comes after all of them."""
    if one.higher_is_better is None:
        return
    ranked = [value for value in values if value["value"] is not None and not value["too_few"]]
    sign = -1 if one.higher_is_better else 1
    scores = sorted(sign * (value["value"] or 0) for value in ranked)
    for value in ranked:
        value["rank"] = 1 + bisect_left(scores, sign * (value["value"] or 0))


# ---- Composites ----


def tell_composite(composite: Composite) -> CompositeTold:
    """The composite's name, days and weights, which add up to 1."""
    total = sum(part.weight for part in composite.parts)
    return {
        "name": composite.name,
        "name_en": composite.name_en,
        "valid_from": composite.valid_from.isoformat() if composite.valid_from else None,
        "valid_to": composite.valid_to.isoformat() if composite.valid_to else None,
        "weights": {part.indicator: float(part.weight / total) for part in composite.parts},
        "scales": {part.indicator: (float(part.best), float(part.worst)) for part in composite.parts},
        "grades": dict(GRADES),
    }


def _grade(composite: Composite, wanted: Sequence[Indicator], counts: Mapping[str, Counted]) -> Graded:
    """Score and grade of a group. What has too few cases has no value here: a grade must not hang on chance."""
    values = {one.code: exact for one in wanted if (exact := _exact(one, counts.get(one.code, _NOTHING))) is not None}
    score = composite.score(values)
    points = {part.indicator: _cut(part.points(values[part.indicator])) for part in composite.parts if part.indicator in values}
    if score is None:
        return {"score": None, "grade": None, "missing": composite.missing(values), "points": points}
    return {"score": _cut(score), "grade": find_grade(score), "missing": [], "points": points}


def _cut(points: Fraction) -> float:
    return int(points * 100) / 100


def _exact(one: Indicator, counted: Counted) -> Fraction | None:
    """The value without rounding, where there are enough cases."""
    value = make_value(one, counted)
    if value is None or (counted.denominator or 0) < one.fewest:
        return None
    if one.kind == "share" and counted.numerator is not None and counted.denominator:
        return Fraction(int(counted.numerator), counted.denominator)
    return Fraction(value)
