"""Numbers of a summary with their figures."""

from dataclasses import dataclass, replace
from math import ceil, floor
from typing import Protocol, Unpack

from data.core.i18n import t
from data.core.intervals import wilson_interval
from data.core.viewer import Lang
from data.statistics.variation import Fraction, Judgement
from layers.style.numbers import one_digit, percent, whole
from reports.content import Piece, Unit
from reports.figures import Defence, name_figure
from reports.summary.inputs import Inputs, Part
from reports.summary.sentences import BEFORE_WORDS, DEFINITION_WORDS, LABEL_WORDS, SPANS_WORDS


class Cite(Protocol):
    """Enters a figure into the report's list, and answers its number: ``reports.context.Context.cite``."""

    def __call__(self, key: str, label: str, value: float | None, unit: Unit, **defence: Unpack[Defence]) -> int:
        """See ``reports.context.Context.cite``."""


@dataclass(slots=True)
class Citing:
    """Makes numbers that name their figures, in one language, for one report.

    Attributes:
        inputs: what the summary is written from.
        lang: its language.
        cite: enters figures.
    """

    inputs: Inputs
    lang: Lang
    cite: Cite

    def before(self) -> str:
        """The period before, in words."""
        return t(self.lang, BEFORE_WORDS[self.inputs.step])

    def spans(self, count: int) -> str:
        """The earlier periods, in words."""
        if count == 1 and self.lang == "en":
            return self.before()
        return t(self.lang, SPANS_WORDS[self.inputs.step], n=count)

    def label(self, of: str, part: Part | str | None = None) -> str:
        """What a figure is called."""
        label = t(self.lang, LABEL_WORDS[of])
        name = part.name if isinstance(part, Part) else part
        return label if name is None else t(self.lang, LABEL_WORDS["of"], figure=label, name=name)

    def join_names(self, *names: str) -> str:
        """Names of a part of a part, such as a category in an area."""
        return ("、" if self.lang == "zh" else ", ").join(names)

    def key(self, of: str, part: Part | str | None, before: bool = False) -> str:
        """The identity of a figure; ``of``: ``reported``, ``share`` and so on, of this period or the one before."""
        times, filters, area = self.inputs.times, dict[str, str](), None
        if isinstance(part, Part):
            area = part.area or None
            filters = {"category": part.category} if part.category else {} if area else {"part": part.code}
        elif part is not None:
            filters = {"part": part}
        code = "on_time_closing_rate" if of == "share" else of
        return name_figure(code, area or times.area, times.before if before else times.now, **filters)

    def count(self, of: str, n: int, part: Part | str | None = None, cases: str | None = None, waiting: int | None = None) -> Piece:
        """A number of cases; ``waiting``: of so many."""
        defence: Defence = {"source": self.inputs.source, "cases": cases}
        if waiting is not None:
            defence |= {"numerator": n, "denominator": waiting}
        if of in DEFINITION_WORDS:
            defence["definition"] = t(self.lang, DEFINITION_WORDS[of])
        return Piece(whole(n), figure=self.cite(self.key(of, part), self.label(of, part), n, "cases", **defence))

    def reported(self, part: Part | None) -> Piece:
        """The cases reported, of the whole area or of a part."""
        counts, cases = (self.inputs.reported, self.inputs.cases) if part is None else (part.reported, part.cases)
        return self.count("reported", counts.now, part, cases)

    def change(self, part: Part | None) -> Piece:
        """By how many cases the period differs from the one before; its figure is that of the period before."""
        counts = self.inputs.reported if part is None else part.reported
        label = t(self.lang, LABEL_WORDS["in"], figure=self.label("reported", part), time=self.before())
        figure = self.cite(
            self.key("reported", part, before=True),
            label,
            counts.history[-1],
            "cases",
            definition=t(self.lang, DEFINITION_WORDS["reported"]),
            source=self.inputs.source,
        )
        return Piece(whole(abs(counts.now - counts.history[-1])), figure=figure)

    def share(self, fraction: Fraction, part: Part | None, before: bool = False) -> Piece:
        """A share on time, in percent; of this period, or of the one before."""
        label = self.label("share", part)
        if before:
            label = t(self.lang, LABEL_WORDS["in"], figure=label, time=self.before())
        value = fraction[0] / fraction[1] if fraction[1] else None
        cases = None if part or before else self.inputs.due_cases
        return Piece(
            percent(value),
            figure=self._cite_share(self.key("share", part, before), label, value, fraction, cases),
        )

    def points(self, now: Fraction, before: Fraction, part: Part | None) -> Piece:
        """By how many points a share differs from that of the period before; its figure is that of the period before."""
        return Piece(points_between(now, before), figure=self.share(before, part, before=True).figure)

    def _cite_share(self, key: str, label: str, value: float | None, fraction: Fraction, cases: str | None) -> int:
        low, high = wilson_interval(*fraction) if fraction[1] else (None, None)
        return self.cite(
            key,
            label,
            value,
            "share",
            numerator=fraction[0],
            denominator=fraction[1],
            low=low,
            high=high,
            definition=self.inputs.share_definition or t(self.lang, DEFINITION_WORDS["share"]),
            source=self.inputs.source,
            cases=cases,
        )

    def usual(self, judged: Judgement, of: str, part: Part | None, at: str = "n") -> dict[str, str | Piece]:
        """The places ``spans``, ``n``, ``low`` and ``high`` of a sentence on what is usual. All are one figure, named once, at ``at``."""
        spans = self.spans(judged.spans)
        label = t(self.lang, LABEL_WORDS["average"], figure=self.label(of, part), spans=spans)
        figure = self.cite(
            self.key(f"{'on_time_closing_rate' if of == 'share' else of}_usual", part),
            label,
            judged.expected,
            "share" if of == "share" else "cases",
            low=judged.low,
            high=judged.high,
            definition=t(self.lang, DEFINITION_WORDS["average"]),
            source=self.inputs.source,
        )
        assert judged.low is not None and judged.high is not None  # noqa: S101 - for the type checker: it was judged
        ends = (percent(judged.low), percent(judged.high)) if of == "share" else (whole(ceil(judged.low)), whole(floor(judged.high)))
        expected = percent(judged.expected) if of == "share" else _round_count(judged.expected)
        places = {"n": Piece(expected), "low": Piece(ends[0]), "high": Piece(ends[1])}
        return {"spans": spans, **places, at: replace(places[at], figure=figure)}

    def difference(self, cases: float, part: Part | None) -> Piece:
        """By how many cases something lies above or below its average."""
        label = t(self.lang, LABEL_WORDS["difference"], figure=self.label("reported", part))
        return Piece(
            whole(abs(cases)),
            figure=self.cite(
                self.key("reported_difference", part),
                label,
                cases,
                "cases",
                definition=t(self.lang, DEFINITION_WORDS["difference"]),
                source=self.inputs.source,
            ),
        )


def points_between(now: Fraction, before: Fraction) -> str:
    """How many points lie between two shares, without a sign."""
    return one_digit(abs(now[0] / now[1] - before[0] / before[1]) * 100)


def _round_count(n: float | None) -> str:
    """An average: whole where it is large."""
    return whole(n) if n is None or n >= 20 or n == round(n) else one_digit(n)
