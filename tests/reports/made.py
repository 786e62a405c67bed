"""A report made by hand that holds every kind of block, in both languages, with texts that mean harm."""

from typing import Literal

from reports.content import (
    Aside,
    Bar,
    Bullets,
    Change,
    Column,
    Figure,
    Interval,
    KeyFigure,
    KeyFigures,
    Note,
    Number,
    Pair,
    Paragraph,
    Piece,
    Report,
    Scale,
    Section,
    Table,
)
from reports.graphics import Bars, Curve, LegendClass, Map, Point, Step

HOSTILE = (
    "=cmd|'/c calc'!A1",
    "@SUM(1)",
    "#N/A",
    "-2+3",
    "a\x00b\x1fc\ud800d\ufffe",
    "\u202eكتب שלום",
    "👩‍👩‍👧 🏙️",
    "𠮷野𱁬",
    "<w:p>&amp;\"'",
    "x\ny\tz",
)
LONG = "澜州市望江区古渡街道滨江社区第十二网格暨滨江公园及周边商业综合体联合服务管理片区第三工作站"
"""A name of 40 and more characters."""

MAP_SVG = """<svg xmlns="http://www.w3.org/2000/svg" width="1210" height="900" viewBox="0 0 1210 900">
<rect width="1210" height="900" fill="#F1F4F8"/><path d="M80 80H600V450H80Z" fill="#A9D3DC" stroke="#fff" stroke-width="3"/>
<path d="M600 80H1130V450H600Z" fill="#C98A3C" stroke="#fff" stroke-width="3"/><path d="M80 450H1130V820H80Z" fill="#4B9DB3"/>
<text x="340" y="270" font-family="Noto Sans CJK SC" font-size="26" text-anchor="middle">古渡街道 96.7</text></svg>"""

_WORDS = {
    "zh": {
        "title": "网格治理周报",
        "issuer": "澜州市网格化服务管理中心",
        "area": "澜州市",
        "period": "2026 年第 47 周",
        "days": "11 月 16 日（周一）至 11 月 22 日（周日）",
        "key": "本周要点",
        "map": "各街道（镇）按期结案率",
        "rank": "一、各街道（镇）结案情况",
        "daily": "每日上报",
        "kinds": "案件类别",
        "times": "办理时长",
        "list": "超期名单",
        "notes": "数据说明",
        "cases": "件",
    },
    "en": {
        "title": "Weekly grid governance report",
        "issuer": "Lanzhou City grid governance centre",
        "area": "Lanzhou City",
        "period": "Week 47 of 2026",
        "days": "Monday 16 to Sunday 22 November",
        "key": "This week",
        "map": "Closed in time, by street",
        "rank": "1 Streets",
        "daily": "Reported by day",
        "kinds": "Categories",
        "times": "Handling times",
        "list": "Overdue cases",
        "notes": "Notes on the data",
        "cases": "cases",
    },
}

SCALE = Scale(0.7, 1.0, "70%", "100%", 0.919, "全市 91.9%")
STREETS = (
    ("古渡街道", 131, 116, 120, 0.917, 0.987),
    ("清河街道", 126, 111, 116, 0.903, 0.982),
    ("云台街道", 193, 170, 179, 0.907, 0.973),
    ("学府街道", 76, 61, 71, 0.760, 0.922),
    ("松涛街道", 115, 90, 105, 0.777, 0.912),
)


def make_report(
    lang: Literal["zh", "en"] = "zh",
    format_: Literal["standard", "official"] = "standard",
    hostile: bool = False,
    rows: int = 12,
    extra: int = 0,
) -> Report:
    """The report. ``hostile``: its names are texts that mean harm; ``rows``: of its long table; ``extra``: further sections."""
    words = _WORDS[lang]
    names = HOSTILE if hostile else ("市容环境", "街面秩序", "公用设施", LONG)
    return Report(
        kind="weekly",
        lang=lang,
        title=names[0] if hostile else words["title"],
        issuer=words["issuer"],
        area="LZ",
        area_name=words["area"],
        step="week",
        first="2026-11-16",
        last="2026-11-22",
        period=words["period"],
        days=words["days"],
        as_of="2026-11-23T06:00:00+08:00",
        data_version=412,
        sections=(*_sections(words, names, rows), *(Section(f"附 {at}", (Note("…"),)) for at in range(extra))),
        figures=_figures(words, names),
        format=format_,
    )


def _figures(words: dict[str, str], names: tuple[str, ...]) -> tuple[Figure, ...]:
    source = '=HYPERLINK("http://x")' if names is HOSTILE else "澜州市登记的案件。"
    return (
        Figure(
            1,
            "上报案件",
            2862,
            "cases",
            definition="本周各来源登记的案件，含重复和作废。",
            source=source,
            cases="https://grid.example/cases?week=47",
        ),
        Figure(2, "按期结案率", 0.9189, "share", 2435, 2650, 0.908, 0.929, "按期结案 ÷ 应结案。", source),
        Figure(3, names[2], None, "hours", why="没有办结的案件。", cases="javascript:alert(1)"),
        Figure(4, "平均办理时长", 26.4, "hours", 37778.4, 1431, definition=words["times"], source=source),
    )


def _sections(words: dict[str, str], names: tuple[str, ...], rows: int) -> tuple[Section, ...]:
    return (
        Section(words["key"], (_bullets(names), _key_figures(words), _map(words))),
        Section(words["rank"], (_sentence(), *_ranking(), _pair(words, names)), new_page=True),
        Section(
            words["times"], (_curve(words), Table((Column("A"), Column("B", "right")), (), title="empty", note="no row"), Table((), ()))
        ),
        Section(words["list"], (_overdue(words, names, rows),), new_page=True),
        Section("", (Note(names[-1]), KeyFigures(()), Paragraph(()))),
        Section(words["notes"], (Note("95% 区间按 Wilson 法计算。"),)),
    )


def _bullets(names: tuple[str, ...]) -> Bullets:
    return Bullets(
        (
            (Piece("上报 2,862 件，比上周多 72 件。", True, 1), Piece("市容环境和街面秩序占 53%，构成与上周“相近”。")),
            (Piece("按期结案率 91.9%，比上周高 0.6 个百分点。", True, 2), Piece("古渡街道最高（96.7%），松涛街道最低（85.7%）。")),
            (Piece(names[1], True, 99),),
        )
    )


def _key_figures(words: dict[str, str]) -> KeyFigures:
    changes = (Change("环比", "+2.6%"), Change("同比", "−3.4%"))
    return KeyFigures(
        (
            KeyFigure("上报案件", "2,862", words["cases"], 1, "日均 409 件", changes, (2700, 2750, None, 2790, 2862)),
            KeyFigure("按期结案率", "91.9", "%", 2, "2,435 ÷ 应结 2,650 件", changes, (0.9, 0.905, 0.91, 0.913, 0.919)),
            KeyFigure("平均办理时长", "–", "", 3),
            KeyFigure("超期未结", "119", words["cases"], 4, "占在办 11.5%", changes),
        )
    )


def _map(words: dict[str, str]) -> Map:
    colours = ("#8A4B08", "#C98A3C", "#EBCFA6", "#F7F6F2", "#A9D3DC", "#4B9DB3", "#155F7A")
    classes = [LegendClass(colour, label) for colour, label in zip(colours, ("", "84", "87", "90", "93", "95", "97"), strict=True)]
    classes.append(LegendClass("#F1F3F6", "应结不足 30 件，不计算", True))
    return Map(
        words["map"],
        "%，全市 91.9%",
        MAP_SVG,
        1210,
        900,
        tuple(classes),
        ("深色线为区界，中间色 90–93 含全市值",),
        "各街道按期结案率的地图",
    )


def _sentence() -> Paragraph:
    return Paragraph((Piece("应结满 30 件的 24 个街道参加排名，10 个达到或高于全市。灰条为 95% 区间。"),))


def _ranking() -> tuple[Table, Aside]:
    columns = (
        Column("名次"),
        Column("街道"),
        Column("上报", "right"),
        Column("按期 / 应结", "right"),
        Column("", stretch=1, scale=SCALE),
        Column("结案率", "right"),
    )
    rows = tuple(
        (
            str(at),
            name,
            Number(f"{all_:,}", all_),
            f"{done} / {due}",
            Interval(done / due, low, high, "below" if high < 0.919 else ""),
            Number(f"{done / due * 100:.1f}", done / due, True),
        )
        for at, (name, all_, done, due, low, high) in enumerate(STREETS, 1)
    )
    return Table(columns, rows), Aside("案件过少，不排名（17 个）", "按期 / 应结，件", "东津街道 26/28、柳浪街道 9/10、安平镇 6/7。")


def _pair(words: dict[str, str], names: tuple[str, ...]) -> Pair:
    days = (433, 381, 409, 407, 423, 402, 407)
    points = tuple(
        Point(f"周{day}", value, before, day in "六日")
        for day, value, before in zip("一二三四五六日", days, (385, 500, 510, 345, None, 356, 313), strict=True)
    )
    rows = tuple(
        (name, Bar(share / 0.309), Number(f"{count:,}", count), Number(f"{share:.1%}", share))
        for name, share, count in zip(
            names, (0.309, 0.218, 0.174, 0.079, 0.07, 0.06, 0.05, 0.04, 0.03, 0.02), (885, 624, 498, 227) + (9,) * 6, strict=False
        )
    )
    bars = Bars(words["daily"], "件，黑线为上周同日", points, "每日上报的案件")
    columns = (Column(""), Column("", stretch=1), Column("件", "right"), Column("占比", "right"))
    return Pair(bars, Table(columns, rows, words["kinds"], "件，占上报比例"))


def _curve(words: dict[str, str]) -> Curve:
    steps = tuple(Step(float(hour), 1 - hour / 100, max(0.95 - hour / 100, 0), min(1.05 - hour / 100, 1)) for hour in range(4, 90, 6))
    return Curve(words["times"], "仍未办结的案件", steps, 96, ((0, "0"), (24, "24 h"), (48, "48 h"), (96, "96 h")), "未办结案件的比例")


def _signed(value: int) -> Number:
    return Number(f"{value:+d}".replace("-", "−"), value)


def _overdue(words: dict[str, str], names: tuple[str, ...], rows: int) -> Table:
    columns = (
        Column("编号"),
        Column("案件", stretch=1),
        Column("责任单位"),
        Column("超期", "right"),
        Column("变化", "right"),
        Column("满意率", "right", scale=SCALE),
    )
    made = tuple(
        (
            f"LZ-{at:06d}",
            names[at % len(names)],
            LONG if at % 5 == 0 else "城管局",
            Number("–", None) if at % 7 == 3 else Number(f"{at * 1.5:,.1f}", at * 1.5),
            _signed(at if at % 2 else -at),
            Interval(0.9, 0.8, 0.95, "above"),
        )
        for at in range(1, rows + 1)
    )
    return Table(columns, made, words["list"], words["cases"], "挂账不计。")
