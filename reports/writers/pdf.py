"""A report as a PDF: PDF/A-2a for archives and PDF/UA-1 for readers who do not see, in one file, made by typst.

The template reads the report as JSON, so that no text of it is ever taken for markup. The same report gives the same bytes only as long as
typst, the fonts and the template are the same; a report that was issued is therefore kept as bytes.
"""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import typst

from data.core.i18n import t
from data.core.settings import ROOT
from data.core.viewer import Lang
from reports import content
from reports.content import Figure, Report
from reports.drawing.charts import draw_curve, place
from reports.drawing.fonts import RARE, find_fonts, list_families, need_fonts
from reports.drawing.glyphs import make_drawable
from reports.numbers import percent, whole
from reports.periods import write_moment
from reports.writers.widths import SIDE, find_widths, head_of_scale

_TEMPLATE = ROOT / "reports" / "template" / "report.typ"
_SANS = ("Noto Sans CJK SC", "Noto Sans", "DejaVu Sans", *RARE)
_SERIF = ("Noto Serif CJK SC", "Noto Serif", "DejaVu Serif", *RARE)
"""Families, the first that has a letter draws it."""
_WIDTH, _GUTTER = 174 * 72 / 25.4, 18.0
"""Of the text, and between two blocks side by side, in points; as the template has them."""
_KINDS = {
    content.Paragraph: "paragraph",
    content.Bullets: "bullets",
    content.KeyFigures: "key_figures",
    content.Map: "map",
    content.Table: "table",
    content.Aside: "aside",
    content.Bars: "bars",
    content.Curve: "curve",
    content.Note: "note",
    content.Pair: "pair",
    content.Number: "number",
    content.Interval: "interval",
    content.Bar: "bar",
}


def write_pdf(report: Report, made: datetime | None = None) -> bytes:
    """The report as one PDF.

    Args:
        report: what it holds.
        made: the moment that the file names as that of its making; ``None``: midnight (UTC) after the report's last day, so that the same
            report gives the same bytes.

    Raises:
        NoFont: a family that every report needs is not installed.
    """
    moment = made or datetime.combine(datetime.fromisoformat(report.last), datetime.min.time(), UTC)
    inputs, stamp = _inputs(report), int(moment.timestamp())
    return typst.compile(
        str(_TEMPLATE), format="pdf", font_paths=find_fonts(), sys_inputs=inputs, pdf_standards=["a-2a", "ua-1"], timestamp=stamp
    )


def _inputs(report: Report) -> dict[str, str]:
    """What the template reads."""
    need_fonts(_SANS[0], _SERIF[0])
    known = list_families()
    chosen = {"sans": [one for one in _SANS if one in known], "serif": [one for one in _SERIF if one in known]}
    return {"report": as_json(report), "words": json.dumps(_words(report.lang)), "fonts": json.dumps(chosen)}


def as_json(report: Report) -> str:
    """The report as JSON; every block and cell says its ``kind``, and figures say their fraction in words."""
    plain = _plain(report)
    for section, made in zip(report.sections, plain["sections"], strict=True):
        for block, told in zip(section.blocks, made["blocks"], strict=True):
            _fit(block, told, _WIDTH)
    plain["as_of"] = write_moment(report.as_of, report.lang)
    plain["figures"] = [{**_plain(one), "fraction": _write_fraction(one, report.lang)} for one in report.figures]
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _fit(block: content.Block, told: dict[str, Any], width: float) -> None:
    """Add what depends on the width in which a block stands: widths of columns, drawings."""
    if isinstance(block, content.Pair):
        _fit(block.left, told["left"], (width - _GUTTER) * block.share)
        _fit(block.right, told["right"], (width - _GUTTER) * (1 - block.share))
    elif isinstance(block, content.Table):
        told["widths"] = find_widths(block, width, 9, 8)
        for column, shown, across in zip(block.columns, told["columns"], told["widths"], strict=True):
            if column.scale and column.scale.line is not None:
                shown["scale"] |= _head_of_scale(column.scale, across - 2 * SIDE)
    elif isinstance(block, content.Curve):
        told["svg"] = draw_curve(block, width, min(max(width * 0.4, 110), 150))


def _head_of_scale(scale: content.Scale, width: float) -> dict[str, Any]:
    """What stands above a scale: the ends that have room, and where the middle of the line's word is."""
    if not scale.line_text:
        return {"middle": place(scale.line or 0, scale)}
    words, stops = head_of_scale("", scale, width, 8)
    low, _, high = (*words.split("\t"), "", "")[:3]
    return {"low_text": low, "high_text": high, "middle": stops[0][1] / width}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        made = {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
        return made if type(value) is Report or type(value) not in _KINDS else {"kind": _KINDS[type(value)], **made}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return make_drawable(value)
    return dict(value) if isinstance(value, Mapping) else value


def _write_fraction(one: Figure, lang: Lang) -> str:
    """How the value follows from its parts; empty where it has none."""
    if one.numerator is None or not one.denominator:
        return ""
    said = f"{whole(one.numerator)} ÷ {whole(one.denominator)}"
    if one.unit == "share" and one.value is not None:
        said += f" = {percent(one.value)}%"
    if one.low is not None and one.high is not None and one.unit == "share":
        said += t(lang, " (95 % interval {low} to {high})", low=percent(one.low), high=percent(one.high))
    return said + t(lang, ".")


def _words(lang: Lang) -> dict[str, str]:
    """The words of the document itself."""
    return {
        "as_of": t(lang, "Data as of"),
        "page": t(lang, "Page {page} of {pages}"),
        "how": t(lang, "How the figures were counted"),
        "colon": t(lang, ": "),
    }
