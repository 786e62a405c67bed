"""Looks as parts of a Word document: styles, numbers of lists, fonts."""

from html import escape

from docx.oxml.ns import nsdecls
from docx.oxml.parser import parse_xml

from reports.writers.word.looks import ACCENT, HAIRLINE, INK, INSTEAD, Fonts, Look, Style
from reports.writers.word.parts import Xml, borders, el

TABLE, FRAME = "ReportTable", "LayoutTable"
"""Styles of tables: of data, and of what only stands side by side."""
POINTS = 1
"""The list of all points that are not numbered."""


def make_styles(look: Look) -> list[Xml]:
    """Everything inside the part of styles."""
    first = look.styles[0]
    fonts = first.fonts or Fonts("", "")
    ground = el(
        "rPrDefault", el("rPr", _fonts(fonts), el("sz", val=_half(first.size)), el("lang", val="en-GB", eastAsia="zh-CN", bidi="ar-SA"))
    )
    return [el("docDefaults", ground, el("pPrDefault")), *(_style(one, look.width) for one in look.styles), *_tables(look)]


def _style(style: Style, width: float) -> Xml:
    own = style.id in ("Normal",)
    made = el("style", type=style.kind, styleId=style.id, **({"default": 1} if own else {}))
    made.append(el("name", val=style.name))
    if style.based:
        made.append(el("basedOn", val=style.based))
    if style.follow:
        made.append(el("next", val=style.follow))
    made.append(el("qFormat"))
    if style.kind == "paragraph":
        made.append(_paragraphs(style, width))
    made.append(_letters(style))
    return made


def _paragraphs(style: Style, width: float) -> Xml:
    spacing: dict[str, object] = {
        name: _twips(value) for name, value in (("before", style.before), ("after", style.after)) if value is not None
    }
    if style.line:
        spacing |= {"line": _twips(style.line), "lineRule": "exact"}
    elif style.id in ("SingleLine", "Normal"):
        spacing |= {"line": 240, "lineRule": "auto"}
    indent = {name: _twips(value) for name, value in (("left", style.left), ("right", style.right), ("hanging", style.hanging)) if value}
    if style.first is not None:
        indent |= {"firstLineChars": style.first * 100, "firstLine": _twips(style.first * 16)}
    return el(
        "pPr",
        el("keepNext") if style.keep else None,
        el("numPr", el("numId", val=POINTS)) if style.listed else None,
        _lines(style),
        el("shd", val="clear", color="auto", fill=style.fill) if style.fill else None,
        _tabs(style, width),
        None if style.snap else el("snapToGrid", val=0),
        el("spacing", **spacing) if spacing else None,
        el("ind", **indent) if indent else None,
        el("jc", val=style.align) if style.align else None,
        None if style.level is None else el("outlineLvl", val=style.level),
    )


def _tabs(style: Style, width: float) -> Xml | None:
    stops = style.stops or ((("right", width),) if style.id in ("Heading2", "TOC1") else ())
    return el("tabs", *(el("tab", val=kind, pos=_twips(at)) for kind, at in stops)) if stops else None


def _lines(style: Style) -> Xml | None:
    """The line below, or room around what is filled: lines of the same colour."""
    if style.rule:
        return el("pBdr", *borders(3, bottom=(style.rule, style.ruled)))
    return el("pBdr", *borders(5, **_around((4, style.fill)))) if style.fill else None


def _around(line: tuple[int, str]) -> dict[str, tuple[int, str]]:
    return dict.fromkeys(("top", "left", "bottom", "right"), line)


def _letters(style: Style) -> Xml:
    weight = None if style.bold is None else int(style.bold)
    return el(
        "rPr",
        _fonts(style.fonts) if style.fonts else None,
        None if weight is None else el("b", val=weight),
        None if weight is None else el("bCs", val=weight),
        el("color", val=style.colour) if style.colour else None,
        el("spacing", val=-style.tight) if style.tight else None,
        el("sz", val=_half(style.size)) if style.size else None,
        el("szCs", val=_half(style.size)) if style.size else None,
        el("vertAlign", val="superscript") if style.raised else None,
    )


def _fonts(fonts: Fonts) -> Xml:
    return el("rFonts", ascii=fonts.latin, hAnsi=fonts.latin, eastAsia=fonts.chinese, cs=fonts.latin)


def _tables(look: Look) -> list[Xml]:
    """The styles of tables: the head has a dark line below it and comes again on every page."""
    margins = el("tblCellMar", *(el(side, w=100, type="dxa") for side in ("left", "right")))
    lines = el("tblBorders", *borders(0, bottom=(4, HAIRLINE), insideH=(4, "E4E8EF")))
    data = el("style", type="table", styleId=TABLE, customStyle=1)
    data.extend(
        (
            el("name", val="Report Table"),
            el("qFormat"),
            el("tblPr", lines, margins),
            el("tblStylePr", el("tcPr", el("tcBorders", *borders(0, bottom=(8, INK)))), type="firstRow"),
        )
    )
    frame = el("style", type="table", styleId=FRAME, default=1)
    none = el("tblCellMar", *(el(side, w=0, type="dxa") for side in ("top", "left", "bottom", "right")))
    frame.extend((el("name", val="Normal Table"), el("tblPr", el("tblInd", w=0, type="dxa"), none)))
    return [frame, data]


def make_lists(look: Look, count: int) -> list[Xml]:
    """Everything inside the part of lists: marked points are one list; numbered ones begin with 1 in each of so many lists."""
    if not look.numbered:
        return [_list("bullet", "▪", look), el("num", el("abstractNumId", val=0), numId=POINTS)]
    again = el("lvlOverride", el("startOverride", val=1), ilvl=0)
    starts = [el("num", el("abstractNumId", val=0), _copy(again), numId=number) for number in range(POINTS, POINTS + max(count, 1))]
    return [_list("decimal", "%1.", look), *starts]


def _list(kind: str, text: str, look: Look) -> Xml:
    level = el("lvl", el("start", val=1), el("numFmt", val=kind), el("pStyle", val="ListBullet"), ilvl=0)
    if look.numbered:
        indent = el("ind", left=0, firstLineChars=200, firstLine=640)
        level.extend((el("suff", val="nothing"), el("lvlText", val=text), el("lvlJc", val="left"), el("pPr", indent)))
    else:
        face = el("rPr", el("rFonts", ascii="Arial", hAnsi="Arial", hint="default"), el("color", val=ACCENT))
        level.extend((el("lvlText", val=text), el("lvlJc", val="left"), el("pPr", el("ind", left=260, hanging=260)), face))
    return el("abstractNum", el("multiLevelType", val="singleLevel"), level, abstractNumId=0)


def _copy(element: Xml) -> Xml:
    return parse_xml(element.xml)


def make_font_table(look: Look) -> bytes:
    """The part that says what stands in for a font that a machine does not have."""
    named = sorted({one.fonts.chinese for one in look.styles if one.fonts})
    told = "".join(
        f'<w:font w:name="{escape(name)}"><w:altName w:val="{escape(INSTEAD[name][0])}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{INSTEAD[name][1]}"/><w:pitch w:val="variable"/></w:font>'
        for name in named
    )
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {nsdecls("w")}>{told}</w:fonts>'.encode()


def _twips(points: float) -> int:
    return round(points * 20)


def _half(points: float) -> int:
    return round(points * 2)
