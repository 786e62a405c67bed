"""Tables that an administrator uploads: calendars and rules, UTF-8 or GBK, with a sentence for each bad row."""

from datetime import date

import pytest

from data.core.i18n import tell
from data.deadlines.calendar import Span, SpecialDay
from data.deadlines.rows import BadSpans, format_spans, format_time, parse_spans
from data.deadlines.rules import parse_duration
from data.deadlines.uploads import BadRows, MissingColumn, UnreadableTable, read_days, read_rules

NOTICE = "day,kind,name\n2027-01-01,off,元旦\n2027/1/2,放假,元旦\n20270103,休,元旦\n2027年1月4日,班,\n\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_calendar_in_the_encodings_of_offices(encoding: str, delimiter: str) -> None:
    days = read_days(NOTICE.replace(",", delimiter).replace("\n", "\r\n").encode(encoding))
    assert [(str(day), one.kind, one.name) for day, one in days.items()] == [
        ("2027-01-01", "off", "元旦"),
        ("2027-01-02", "off", "元旦"),
        ("2027-01-03", "off", "元旦"),
        ("2027-01-04", "work", ""),
    ]


def test_headings_may_be_chinese_and_in_any_order() -> None:
    assert read_days("名称,日期,类型\n春节,2027-02-06,节假日\n".encode("gbk")) == {date(2027, 2, 6): SpecialDay("off", "春节", "春节")}


def test_each_bad_row_has_a_sentence_and_nothing_is_taken() -> None:
    table = "day,kind,name\n2027-02-30,off,x\n2027-02-01,maybe,x\n2027-02-02,off,x\n2027-02-02,work,x\n06.02.2027,off,x\n"
    with pytest.raises(BadRows) as refused:
        read_days(table.encode())
    assert refused.value.tell("en") == [
        "Line 2: “2027-02-30” is no day; write 2027-02-06.",
        "Line 3: “maybe” is neither off (放假) nor work (上班).",
        "Line 5: 2027-02-02 is already in line 4.",
        "Line 6: “06.02.2027” is no day; write 2027-02-06.",
    ]
    assert tell("zh", refused.value) == "未采用任何内容：有4行无法使用。"
    assert refused.value.tell("zh")[0] == "第2行：“2027-02-30”不是日期，请写成2027-02-06。"


def test_many_bad_rows_are_counted() -> None:
    with pytest.raises(BadRows) as refused:
        read_days(("day,kind\n" + "x,off\n" * 30).encode())
    told = refused.value.tell("en")
    assert (len(told), told[-1]) == (21, "… and 10 more.")


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"day,kind\n2027-01-01,off" + b"x" * 2_000_000, "larger than 2 MB"),
        (b"day,kind\n2027-01-01,o\x00ff", "no text"),
        (b"day,kind\n" + b"2027-01-01,off\n" * 20_001, "more than 20,000 rows"),
        (b'day,kind\n2027-01-01,"off" x"\n', "no table with commas"),
        (b"day,kind\n\xff\xff\xff", "neither UTF-8 nor GBK"),
    ],
)
def test_what_is_no_table(raw: bytes, sentence: str) -> None:
    with pytest.raises((UnreadableTable, BadRows), match=sentence if "20,001" not in sentence else ""):
        read_days(raw)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MissingColumn, match="no column “kind”; it may be called: kind, type, 类型"):
        read_days(b"day,name\n2027-01-01,x\n")
    with pytest.raises(MissingColumn, match="no column “day”"):
        read_days(b"")


def test_marks_that_act_are_taken_out_of_names() -> None:
    assert read_days(b"day,kind,name\n2027-01-01,off,a\x1b[2Jb\n")[date(2027, 1, 1)].name == "a\ufffd[2Jb"


def category(text: str) -> tuple[str | None, str]:
    """The two categories of these tests, by code and name."""
    known = {"env": "env", "市容环境": "env", "order": "order"}
    return known.get(text), "env"


def test_rules_with_times_in_every_unit() -> None:
    table = (
        "类别,情形,立案时限,处置时限,核查时限,结案标准,生效日期\n"
        "市容环境,主干道,1工作时,4个工作时,,清理干净,2026-07-01\n"
        "order,,,2 wd,1 h,,\n"
        "*,,,5天,,,\n"
    )
    first, second, every = read_rules(table.encode("gbk"), category)
    assert (first.category, first.condition, first.closing, first.valid_from) == ("env", "主干道", "清理干净", date(2026, 7, 1))
    assert {step: format_time(time) for step, time in first.times.items()} == {"filing": "1 working_hours", "handling": "4 working_hours"}
    assert {step: format_time(time) for step, time in second.times.items()} == {"handling": "2 working_days", "verifying": "1 hours"}
    assert (every.category, every.condition, every.times["handling"]) == (None, None, parse_duration("120 h"))


def test_bad_rules_have_a_sentence_each() -> None:
    table = (
        "category,condition,handling,valid_from,valid_to\n"
        "enw,,4 h,,\n"
        "env,,four,,\n"
        "env,,,,\n"
        "env,,4 h,2026-07-01,2026-06-30\n"
        "env,,4 h,soon,\n"
        "env,a,4 h,2026-01-01,\n"
        "env,a,5 h,2026-01-01,\n"
        "env,a,5 h,2026-02-01,\n"
    )
    with pytest.raises(BadRows) as refused:
        read_rules(table.encode(), category)
    assert refused.value.tell("en") == [
        "Line 2: the city has no category “enw”; the nearest is “env”.",
        "Line 3: “four” is no time; write 4 h, 4 wh (working hours), 2 wd (working days) or 5 days.",
        "Line 4: the rule has no time at all.",
        "Line 5: the rule ends on 2026-06-30, before it begins.",
        "Line 6: “soon” is no day; write 2027-02-06.",
        "Line 8: the rule is valid on days on which the rule of line 7 is valid, too.",
    ]


def test_hours_as_people_write_them() -> None:
    assert parse_spans("13:30-17:30, 9:00–12:00") == (Span(540, 720), Span(810, 1050))
    assert parse_spans("22:00-06:00") == (Span(1320, 1800),)
    assert parse_spans("00:00-24:00") == (Span(0, 1440),)
    assert parse_spans("9:00至17:00") == (Span(540, 1020),)
    assert parse_spans("  ") == ()
    assert parse_spans(format_spans(parse_spans("22:00-06:00 09:00-10:00"))) == (Span(540, 600), Span(1320, 1800))


@pytest.mark.parametrize("text", ["9-17", "09:00-12:00 11:00-13:00", "09:60-10:00", "25:00-26:00", "nine to five", "09:00-12:00 x"])
def test_hours_that_are_none(text: str) -> None:
    with pytest.raises(BadSpans):
        parse_spans(text)
