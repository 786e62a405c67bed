"""The table of indicators: what each counts, of which cases, and from where. To add one, add a row here (see docs/indicators.md).

Which cases belong to a period is said by the anchor: those that were *reported* in it, that were *due* in it, or that were *closed* in it.
What became of them is told as it stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from data.queries import indicator_facts as facts
from data.queries.indicator_facts import Condition
from data.schema import PROACTIVE_CHANNELS, STAGES

Anchor = Literal["reported", "due", "closed", "now"]
Kind = Literal["share", "mean", "median", "stage"]
FEWEST = 30
"""A share of fewer cases is told with its interval, and not ranked."""
FEWEST_TIMES = 10
"""Likewise a mean or median of fewer cases."""

Listed = Mapping[str, tuple[str, ...]]
"""Parameters of ``GET /api/cases``, beside those of area, period and group, which list the cases that are counted."""


@dataclass(frozen=True, slots=True)
class Indicator:
    """An indicator.

    Attributes:
        code: its name for programs.
        title, counted, base: English sentences: what it is called, its numerator and its denominator. Translations are in the catalogues.
        anchor: which cases belong to a period; ``now``: it is told as it stands.
        kind: a ``share`` of cases; the ``mean`` or ``median`` of hours; or the median hours in one ``stage``.
        higher_is_better: ``None`` where neither is.
        unknown: cases of the period of which nobody can say whether they count; they are in neither, and told as ``left_out``.
        from_rollups: whether the roll-ups know it: then everybody who may see the area's figures gets it, for any number of cases.
        listed_base, listed_counted: filters by which ``GET /api/cases`` lists the cases of denominator and numerator; ``None``: by the name
            of the indicator and the part of it.
        stage: of the kind ``stage``.
    """

    code: str
    title: str
    counted: str
    base: str
    anchor: Anchor
    kind: Kind = "share"
    higher_is_better: bool | None = True
    unknown: Condition | None = None
    from_rollups: bool = False
    listed_base: Listed | None = None
    listed_counted: Listed | None = None
    stage: str | None = None

    @property
    def denominator(self) -> Condition:
        """Which cases of the period are in the denominator."""
        return facts.BEHIND[self.code][0] if self.code in facts.BEHIND else facts.EVERY

    @property
    def numerator(self) -> Condition | None:
        """Which cases of the denominator are counted; ``None``: no datum says it. Hours are added up of every case."""
        return facts.BEHIND[self.code][1] if self.kind == "share" and self.code in facts.BEHIND else facts.EVERY

    @property
    def unit(self) -> Literal["share", "hours"]:
        """A share, 0–1, or hours."""
        return "share" if self.kind == "share" else "hours"

    @property
    def fewest(self) -> int:
        """With a smaller denominator it is not ranked."""
        return FEWEST if self.kind == "share" else FEWEST_TIMES


_ALL: Listed = MappingProxyType({})
_DUE: Listed = MappingProxyType({"state": (*facts.OPEN_STATES_DUE, "closed")})
_JUDGED: Listed = MappingProxyType({"stage": tuple(stage for stage in STAGES if stage != "reported")})
_VALID: Listed = MappingProxyType({"stage": tuple(stage for stage in STAGES if stage not in ("reported", *facts.INVALID_STAGES))})

_FILED_HERE_WORDS = "filed here, of the cases reported in the period"
_IN_STAGE_WORDS = "hours in the stage between steps made here, of the case in the middle"
_WITH_STEPS_WORDS = "closed in the period, with steps in the stage made here"
_STAGE_TITLES = {
    "reported": "Median time until filing",
    "filed": "Median time until dispatch",
    "dispatched": "Median time until acceptance",
    "in_progress": "Median time of handling",
    "feedback": "Median time of verification",
}

_TABLE = (
    Indicator(
        "closing_rate",
        "Closing rate",
        "closed by now",
        "due to be closed in the period: not paused, and not ended without being closed",
        "due",
        from_rollups=True,
        listed_base=_DUE,
        listed_counted=MappingProxyType({"state": ("closed",)}),
    ),
    Indicator(
        "on_time_closing_rate",
        "On-time closing rate",
        "closed at or before the deadline",
        "due to be closed in the period: not paused, and not ended without being closed",
        "due",
        from_rollups=True,
        listed_base=_DUE,
    ),
    Indicator(
        "valid_report_rate",
        "Valid report rate",
        "filed or further, or referred up: not void, not a duplicate, not another body's",
        "reported in the period and looked at",
        "reported",
        unknown=facts.UNJUDGED,
        listed_base=_JUDGED,
        listed_counted=_VALID,
    ),
    Indicator(
        "missed_rate",
        "Missed rate",
        "missed by the grid workers: no datum of a case says so",
        _FILED_HERE_WORDS,
        "reported",
        higher_is_better=False,
        unknown=facts.FILING_UNKNOWN,
    ),
    Indicator(
        "accurate_filing_rate",
        "Accurate filing rate",
        "not declared void",
        _FILED_HERE_WORDS,
        "reported",
        unknown=facts.FILING_UNKNOWN,
    ),
    Indicator(
        "accurate_dispatch_rate",
        "Accurate dispatch rate",
        "dispatched, and never returned as not responsible",
        "due for dispatch: filed here of the cases reported in the period, and dispatched, or waiting beyond the deadline of that step",
        "reported",
        unknown=facts.FILING_UNKNOWN,
    ),
    Indicator(
        "rework_rate",
        "Rework rate",
        "failed a verification at least once",
        "closed in the period, and dispatched here",
        "closed",
        higher_is_better=False,
        unknown=facts.VERIFICATION_UNKNOWN,
    ),
    Indicator(
        "duplicate_rate",
        "Duplicate rate",
        "duplicates of other cases",
        "reported in the period and looked at",
        "reported",
        higher_is_better=False,
        unknown=facts.UNJUDGED,
        listed_base=_JUDGED,
        listed_counted=MappingProxyType({"stage": ("duplicate",)}),
    ),
    Indicator(
        "coverage",
        "Coverage",
        "grids with a head or with a worker of a unit",
        "grids of the area",
        "now",
    ),
    Indicator(
        "proactive_share",
        "Proactive share",
        "found by grid workers, building heads, video or sensors",
        "reported in the period",
        "reported",
        from_rollups=True,
        listed_base=_ALL,
        listed_counted=MappingProxyType({"channel": PROACTIVE_CHANNELS}),
    ),
    Indicator(
        "handling_mean",
        "Mean handling time",
        "hours from report to closing, pauses included, added up",
        "closed in the period, hours of report and closing known",
        "closed",
        kind="mean",
        higher_is_better=False,
        unknown=facts.UNTIMED,
    ),
    Indicator(
        "handling_median",
        "Median handling time",
        "hours from report to closing, pauses included, of the case in the middle",
        "closed in the period, hours of report and closing known",
        "closed",
        kind="median",
        higher_is_better=False,
        unknown=facts.UNTIMED,
    ),
    *(
        Indicator(
            f"stage_{stage}",
            title,
            _IN_STAGE_WORDS,
            _WITH_STEPS_WORDS,
            "closed",
            kind="stage",
            higher_is_better=False,
            stage=stage,
        )
        for stage, title in _STAGE_TITLES.items()
    ),
    Indicator(
        "answer_rate",
        "Call-backs answered",
        "reached",
        "called back, of the cases reported in the period",
        "reported",
        unknown=facts.CALLS_UNKNOWN,
    ),
    Indicator(
        "solved_rate",
        "Solved rate",
        "called solved in the last call-back",
        "called back, of the cases reported in the period, and told whether it was solved",
        "reported",
        unknown=facts.CALLS_UNKNOWN,
    ),
    Indicator(
        "satisfaction_rate",
        "Satisfaction rate",
        "satisfied in the last call-back",
        "called back, of the cases reported in the period, and told whether they are satisfied",
        "reported",
        unknown=facts.CALLS_UNKNOWN,
    ),
)

INDICATORS: Mapping[str, Indicator] = MappingProxyType({one.code: one for one in _TABLE})
"""Every indicator, in the order in which they are shown."""
