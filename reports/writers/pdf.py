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
from layers.style.numbers import fraction, percent, whole
from reports import content, graphics
from reports.cases import full_address
from reports.content import Figure, Report
from reports.drawing.charts import draw_bars, draw_curve, draw_interval, draw_share, draw_spark, place
from reports.drawing.fonts import find_fonts
from reports.drawing.glyphs import make_drawable
from reports.drawing.text_width import measure
from reports.dress import HEAD_SPREAD, Dress, find_dress, find_head_size
from reports.periods import write_moment
from reports.writers.notes import list_notes
from reports.writers.numbers import write_interval
from reports.writers.paper import Paper, find_paper
from reports.writers.widths import SIDE, find_across, find_height, find_widths, head_of_scale

_TEMPLATE = ROOT / "reports" / "template" / "report.typ"
_GUTTER, _BETWEEN_FIGURES = 18.0, 14.0
"""Between two blocks side by side, and between key figures, in points; as the template has them."""
_KINDS = {
    content.Paragraph: "paragraph",
    content.Bullets: "bullets",
    content.KeyFigures: "key_figures",
    graphics.Map: "map",
    content.Table: "table",
    content.Aside: "aside",
    graphics.Bars: "bars",
    graphics.Curve: "curve",
    content.Note: "note",
    content.Pair: "pair",
    content.Number: "number",
    content.Fraction: "fraction",
    content.Interval: "interval",
    content.Bar: "bar",
}


def write_pdf(report: Report, made: datetime | None = None, dress: Dress | None = None) -> bytes:
    """The report as one PDF.

    Args:
        report: what it holds.
        made: the moment that the file names as that of its making; ``None``: midnight (UTC) after the report's last day, so that the same
            report gives the same bytes.
        dress: cover or head; ``None``: those of the report's kind.

    Raises:
        NoFont: a family that every report needs is not installed.
        BadEmblem: the city's emblem cannot be used.
    """
    moment = made or datetime.combine(datetime.fromisoformat(report.last), datetime.min.time(), UTC)
    inputs, stamp = _inputs(report, find_dress(report) if dress is None else dress), int(moment.timestamp())
    return typst.compile(
        str(_TEMPLATE), format="pdf", font_paths=find_fonts(), sys_inputs=inputs, pdf_standards=["a-2a", "ua-1"], timestamp=stamp
    )


def _inputs(report: Report, dress: Dress) -> dict[str, str]:
    """What the template reads."""
    told = {
        name: make_drawable(text) if isinstance(text, str) and name != "emblem" else text
        for name, text in dataclasses.asdict(dress).items()
    }
    told["head_size"] = find_head_size(dress.head, report.lang, find_paper(report.format).width)
    told["head_spread"] = HEAD_SPREAD[report.lang]
    return {
        "report": as_json(report),
        "words": json.dumps(_words(report.lang, report.issuer)),
        "look": json.dumps(find_paper(report.format).tell()),
        "dress": json.dumps(told),
    }


def as_json(report: Report) -> str:
    """The report as JSON; every block and cell says its ``kind``, drawings come as SVG, and figures say in words how they were counted."""
    plain, paper = _plain(report), find_paper(report.format)
    for section, made in zip(report.sections, plain["sections"], strict=True):
        for block, told in zip(section.blocks, made["blocks"], strict=True):
            _fit(block, told, paper.width, paper, report.lang)
    plain["as_of"] = write_moment(report.as_of, report.lang)
    plain["figures"] = [
        {**_plain(one), "explained": make_drawable(_explain(one, report.lang)), "address": full_address(one.cases)}
        for one in list_notes(report)
    ]
    _keep_numbers(plain["sections"], frozenset(one.no for one in report.figures if not one.group))
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _fit(block: content.Block, told: dict[str, Any], width: float, paper: Paper, lang: Lang) -> None:
    """Add what depends on the width in which a block stands: widths of columns, drawings."""
    if isinstance(block, content.Pair):
        left = width if paper.narrow else (width - _GUTTER) * block.share
        _fit(block.left, told["left"], left, paper, lang)
        _fit(block.right, told["right"], width if paper.narrow else width - _GUTTER - left, paper, lang)
    elif isinstance(block, content.Table):
        _fit_table(block, told, width, paper)
    elif isinstance(block, graphics.Curve):
        told["svg"] = draw_curve(block, width, min(max(width * 0.4, 110), 150))
    elif isinstance(block, graphics.Bars):
        told["svg"] = draw_bars(block, width, min(max(width * 0.45, 110), 130))
    elif isinstance(block, content.KeyFigures):
        told["across"] = find_across(len(block.figures), paper.across)
        each = (width - _BETWEEN_FIGURES * (told["across"] - 1)) / told["across"]
        for one, shown in zip(block.figures, told["figures"], strict=True):
            shown["drawn"], shown["size"] = _draw_spark(one, lang), _fit_value(one, each, paper)
    elif isinstance(block, graphics.Map):
        told["across"] = min(width, paper.highest * block.width / block.height)


def _fit_table(table: content.Table, told: dict[str, Any], width: float, paper: Paper) -> None:
    told["widths"] = find_widths(table, width, paper.sizes["table"], paper.sizes["head"])
    told["breakable"] = find_height(table, told["widths"], paper.sizes["table"], paper.sizes["row"]) > paper.longest
    for at, (column, shown, across) in enumerate(zip(table.columns, told["columns"], told["widths"], strict=True)):
        if column.scale and column.scale.line is not None:
            shown["scale"] |= _head_of_scale(column.scale, across - 2 * SIDE, paper.sizes["head"])
        for row, cells in zip(table.rows, told["rows"], strict=True):
            cell = row[at]
            if isinstance(cell, content.Interval):
                scale = column.scale or content.Scale(min(cell.low, 0), max(cell.high, 1), "", "")
                cells[at] = {
                    "svg": draw_interval(cell, scale, across - 2 * SIDE, paper.sizes["cell"]),
                    "alt": write_interval(cell, column.scale),
                }
            elif isinstance(cell, content.Bar):
                cells[at] = {"svg": draw_share(cell.share, across - 2 * SIDE, paper.sizes["cell"]), "alt": f"{percent(cell.share)}%"}


def _fit_value(one: content.KeyFigure, width: float, paper: Paper) -> float:
    """The size in which a value and its unit stand on one line."""
    usual, unit = paper.sizes["value"], measure(one.unit, paper.sizes["unit"]) + 6
    return min(usual, max((width - unit) / max(measure(one.value, 1, bold=True), 1), 11))


def _draw_spark(one: content.KeyFigure, lang: Lang) -> dict[str, Any] | None:
    """The line of the last periods; none where fewer than two of them are known."""
    if sum(value is not None for value in one.spark) < 2:
        return None
    alt = t(lang, "{label} in the last {count} periods", label=one.label, count=len(one.spark))
    return {"svg": draw_spark(one.spark, 58, 14), "alt": make_drawable(alt), "width": 58}


def _head_of_scale(scale: content.Scale, width: float, size: float) -> dict[str, Any]:
    """What stands above a scale: the ends that have room, and where the middle of the line's word is."""
    if not scale.line_text:
        return {"middle": place(scale.line or 0, scale)}
    words, stops = head_of_scale("", scale, width, size)
    low, _, high = (*words.split("\t"), "", "")[:3]
    return {"low_text": low, "high_text": high, "middle": stops[0][1] / width}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        made = {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
        if isinstance(value, content.Fraction):
            made["text"] = fraction(value.numerator, value.denominator)
        return made if type(value) is Report or type(value) not in _KINDS else {"kind": _KINDS[type(value)], **made}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return make_drawable(value)
    return dict(value) if isinstance(value, Mapping) else value


def _explain(one: Figure, lang: Lang) -> str:
    """How a figure was counted: definition, fraction, from what, or why there is none."""
    parts = (one.definition, _write_fraction(one, lang), one.source, one.why)
    ended = [part if part[-1] in ".。!！?？" else part + t(lang, ".") for part in parts if part]
    return t(lang, "{label}: {text}", label=one.label, text=("" if lang == "zh" else " ").join(ended))


def _keep_numbers(value: Any, known: frozenset[int]) -> None:
    """Small numbers stand where they are explained: those of figures that tables and charts state many of are taken away."""
    if isinstance(value, list):
        for one in value:
            _keep_numbers(one, known)
    elif isinstance(value, dict):
        if value.get("figure") not in known:
            value["figure"] = None
        for one in value.values():
            _keep_numbers(one, known)


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


def _words(lang: Lang, issuer: str) -> dict[str, str]:
    """The words of the document itself."""
    return {
        "as_of": t(lang, "Data as of"),
        "page": t(lang, "Page {page} of {pages}"),
        "how": t(lang, "How the figures were counted"),
        "contents": t(lang, "Contents"),
        "cases": t(lang, "The cases"),
        "emblem": make_drawable(t(lang, "Emblem of {issuer}", issuer=issuer)),
    }
