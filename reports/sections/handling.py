"""Handling times: how long it takes until half and nine tenths of the cases are closed, where open ones count as open."""

from data.core.i18n import t
from data.indicators.handling import Handling, fetch_handling
from data.statistics.survival import Quantile, thin_steps
from layers.style.numbers import one_digit, whole
from reports.content import Note, Paragraph, Piece, Section, Sentence
from reports.context import Context
from reports.graphics import Curve, Step
from reports.options import SectionOptions
from reports.summary.pieces import fill, join

MOST_STEPS = 120
_SCALE = (1, 2, 3, 6, 12, 24, 48, 72, 120, 168, 336, 720, 1_440, 2_160, 4_320, 8_760)
QUANTILE_SENTENCES = {
    0.5: "Half of the cases are closed within {n} hours.",
    0.9: "Nine of ten are closed within {n} hours.",
}
UNREACHED_SENTENCES = {
    0.5: "Fewer than half of the cases are closed so far.",
    0.9: "Fewer than nine of ten are closed so far.",
}
FOLLOWED = "Followed here are {all} cases of the period, without void ones, duplicates and other bodies'; still open: {n}."
QUANTILE_WORDS = {
    0.5: "Median handling time, open cases counted as open",
    0.9: "90th percentile of handling times, open cases counted as open",
}


class Options(SectionOptions):
    """What a kind may choose."""

    new_page: bool = False


async def make(context: Context, options: Options) -> Section | None:
    """The cases reported in the period, as far as they are known by now; nothing for a reader who sees no single case."""
    found = await fetch_handling(context.area, context.period, context.viewer)
    if found is None or not found.curve.cases:
        return None
    source = await context.source()
    lang = context.lang
    points = [_tell(context, found, share, source) for share in QUANTILE_SENTENCES]
    still = found.curve.cases - found.curve.events
    followed = _cite_cases(context, "handling_cases", t(lang, "Cases with a handling time, open or closed"), found.curve.cases, source)
    waiting = _cite_cases(context, "handling_open", t(lang, "Of these, still open"), still, source)
    state = fill(lang, FOLLOWED, all=followed, n=waiting)
    blocks = (Paragraph(join(lang, *points, state)), _draw(context, found), Note(_explain(context, found)))
    return Section(t(lang, "Handling times"), blocks, options.new_page)


def _tell(context: Context, found: Handling, share: float, source: str) -> Sentence:
    """A quantile with its figure; where the curve does not reach it, that it does not."""
    quantile: Quantile = found.curve.quantile(share)
    lang = context.lang
    no = context.cite(
        context.key(f"handling_{share * 100:.0f}"),
        t(lang, QUANTILE_WORDS[share]),
        quantile.value,
        "hours",
        denominator=found.curve.cases,
        low=quantile.low,
        high=quantile.high,
        definition=t(
            lang, "Hours from the report to the closing, pauses included, of the cases reported in the period (Kaplan and Meier)."
        ),
        source=source,
        why="" if quantile.value is not None else t(lang, UNREACHED_SENTENCES[share]),
    )
    if quantile.value is None:
        return (Piece(t(lang, UNREACHED_SENTENCES[share]), True, no),)
    return tuple(fill(lang, QUANTILE_SENTENCES[share], True, n=Piece(one_digit(quantile.value), figure=no)))


def _cite_cases(context: Context, code: str, label: str, n: int, source: str) -> Piece:
    definition = t(context.lang, "Cases reported in the period, without void ones, duplicates, other bodies' and those of unknown hours.")
    return Piece(whole(n), figure=context.cite(context.key(code), label, n, "cases", definition=definition, source=source))


def _draw(context: Context, found: Handling) -> Curve:
    curve, lang = found.curve, context.lang
    steps = tuple(
        Step(float(curve.times[at]), float(curve.open_share[at]), float(curve.low[at]), float(curve.high[at]))
        for at in thin_steps(curve, MOST_STEPS)
    )
    end = max(curve.followed, 1.0)
    marks = tuple((float(hour), whole(hour)) for hour in _SCALE if end / 8 <= hour <= end) or ((end, one_digit(end)),)
    middle = curve.quantile(0.5).value
    alt = t(lang, "Share of cases still open, by hours since the report.")
    if middle is not None:
        alt = join(lang, [Piece(alt)], fill(lang, QUANTILE_SENTENCES[0.5], n=one_digit(middle)))[0].text
    return Curve(t(lang, "Still open"), t(lang, "share of cases, by hours since the report"), steps, end, marks, alt)


def _explain(context: Context, found: Handling) -> str:
    lang = context.lang
    text = t(
        lang,
        "Kaplan and Meier's estimate: open cases count as open until the moment of the data; cases that were void, duplicates or of other "
        "bodies do not count. Band: 95 % interval (Greenwood, log-log).",
    )
    if found.unknown:
        more = t(lang, "Left out, because their hours are not known: {n}.", n=whole(found.unknown))
        text = ("" if lang == "zh" else " ").join((text, more))
    return text
