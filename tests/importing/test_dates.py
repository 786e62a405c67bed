"""Dates at their boundaries: what is a date, which moment it is in zones whose clocks change, and whether day or month comes first."""

import datetime as dt
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from import_rows import BERLIN, KOLKATA, LORD_HOWE, NEW_YORK, SHANGHAI

from data.importing.common.columns import make_column
from data.importing.common.sentences import FileProblem
from data.importing.profile.spec import Spec
from data.importing.rows import date_columns
from data.importing.rows.date_reader import DateReader
from data.importing.rows.reading import MomentReader, read_column


def read(texts: list[object], zone: ZoneInfo, form: str | None = None, ignore_offset: bool = False) -> list[str | None]:
    """A column as moments in UTC; each value read by itself gives the same."""
    reader = DateReader(form, zone, ignore_offset)
    reader.settle([make_column(texts)], "x.csv", "at")
    made, bad = read_column(MomentReader(reader), make_column(texts), Spec(column="at"))
    moments, days = date_columns.unpack_moments(made)
    found = [None if m is None else m.strftime("%Y-%m-%d %H:%M:%S.%f").removesuffix(".000000") for m in moments.to_pylist()]
    assert bad.tolist() == [text is not None and one is None for text, one in zip(texts, found, strict=True)]
    alone = [None if text is None else reader.read_precisely(text) for text in texts]
    assert [one and one[0].astimezone(dt.UTC) for one in alone] == moments.to_pylist()
    assert [bool(one and one[1]) for one in alone] == days.tolist()
    return found


CLOCKS = [
    # Berlin: forward on 29 March at 02:00, back on 25 October at 03:00.
    (BERLIN, "2026-03-28 10:00", "2026-03-28 09:00:00"),
    (BERLIN, "2026-03-29 00:00", "2026-03-28 23:00:00"),
    (BERLIN, "2026-03-29 01:59:59", "2026-03-29 00:59:59"),
    (BERLIN, "2026-03-29 02:30", "2026-03-29 01:30:00"),  # shown by no clock; read with the offset before
    (BERLIN, "2026-03-29 03:00", "2026-03-29 01:00:00"),
    (BERLIN, "2026-03-29 10:00", "2026-03-29 08:00:00"),
    (BERLIN, "2026-03-29 23:59:59", "2026-03-29 21:59:59"),
    (BERLIN, "2026-03-30 00:00", "2026-03-29 22:00:00"),
    (BERLIN, "2026-10-25 00:00", "2026-10-24 22:00:00"),
    (BERLIN, "2026-10-25 02:30", "2026-10-25 00:30:00"),  # comes twice; the first counts
    (BERLIN, "2026-10-25 03:00", "2026-10-25 02:00:00"),
    (BERLIN, "2026-10-25 10:00", "2026-10-25 09:00:00"),
    (BERLIN, "2026-10-25", "2026-10-24 22:00:00"),
    # New York: forward on 8 March, back on 1 November, both at 02:00.
    (NEW_YORK, "2026-03-08 01:59", "2026-03-08 06:59:00"),
    (NEW_YORK, "2026-03-08 10:00", "2026-03-08 14:00:00"),
    (NEW_YORK, "2026-11-01 01:30", "2026-11-01 05:30:00"),
    (NEW_YORK, "2026-11-01 10:00", "2026-11-01 15:00:00"),
    (NEW_YORK, "2026-12-31 23:59:59", "2027-01-01 04:59:59"),
    # Zones of half an hour; the clocks of Lord Howe change by half an hour, too.
    (KOLKATA, "2026-10-01 00:00", "2026-09-30 18:30:00"),
    (LORD_HOWE, "2026-04-04 10:00", "2026-04-03 23:00:00"),
    (LORD_HOWE, "2026-04-05 10:00", "2026-04-04 23:30:00"),
    (LORD_HOWE, "2026-10-04 10:00", "2026-10-03 23:00:00"),
    # A clock that changes at midnight, and Shanghai in the years in which it had summer time.
    (ZoneInfo("America/Sao_Paulo"), "2018-11-04 10:00", "2018-11-04 12:00:00"),
    (ZoneInfo("America/Sao_Paulo"), "2018-11-03 23:59", "2018-11-04 02:59:00"),
    (SHANGHAI, "1990-07-01 10:00", "1990-07-01 01:00:00"),
    (SHANGHAI, "1992-07-01 10:00", "1992-07-01 02:00:00"),
]


@pytest.mark.parametrize(("zone", "text", "utc"), CLOCKS, ids=lambda value: str(value))
def test_the_clock_on_the_wall_is_read_in_its_zone(zone: ZoneInfo, text: str, utc: str) -> None:
    assert read([text], zone) == [utc]
    # Of a column of many days each keeps the offset of its own day.
    assert read(["2026-01-15 12:00", text, "2026-07-15 12:00"], zone)[1] == utc


def test_days_of_one_column_keep_their_own_offsets() -> None:
    days = [f"2026-{month:02}-15 12:00" for month in range(1, 13)]
    hours = [int(str(found)[11:13]) for found in read([*days], BERLIN)]
    assert hours == [11, 11, 11, 10, 10, 10, 10, 10, 10, 10, 11, 11]


@pytest.mark.parametrize(
    "text",
    [
        *("2026-10-01 24:01", "2026-10-01 24:00:01", "2026-10-01 25:00", "2026-10-01 23:60", "2026-10-01 23:59:60", "24:00", "10:00"),
        *("2026-02-29", "2100-02-29", "1900-02-29", "2026-04-31", "2026-00-10", "2026-13-10", "2026-10-00", "2026-10-32", "2026-12-32"),
        *("0001-01-01", "9999-12-31", "2026-1o-01", "2026-10-01 1a:00", "", "next week"),
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert read([text, "2026-10-01"], BERLIN)[0] is None


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        *(("2026-10-01 23:59:59", "2026-10-01 21:59:59"), ("2026-12-31", "2026-12-30 23:00:00"), ("2024-02-29", "2024-02-28 23:00:00")),
        *(("2000-02-29", "2000-02-28 23:00:00"), ("2026-01-31", "2026-01-30 23:00:00"), ("20261001", "2026-09-30 22:00:00")),
        # The years that are read many at once end here.
        *(("1900-01-01", "1899-12-31 23:00:00"), ("2199-12-31 23:59", "2199-12-31 22:59:00"), ("2200-01-01", "2199-12-31 23:00:00")),
        *(("9998-12-31", "9998-12-30 23:00:00"), ("2026-10-01T08:00:00.5+00:00", "2026-10-01 08:00:00.500000")),
        *(("2026-10-01 08:00:00.25", "2026-10-01 06:00:00.250000"), ("2026-10-01 08:00:00.123", "2026-10-01 06:00:00.123000")),
        *(("2026-10-01 08:00:00.000001", "2026-10-01 06:00:00.000001"), (" 2026/10/01 ", "2026-09-30 22:00:00")),
        *(("2026年10月1日8时5分", "2026-10-01 06:05:00"), ("2026-10-01T08:00:00-04:30", "2026-10-01 12:30:00")),
    ],
)
def test_the_last_that_is_one(text: str, utc: str) -> None:
    assert read([text], BERLIN) == [utc]


@pytest.mark.parametrize("zulu", ["2026-10-01T08:00Z", "2026-10-01 08:00:00Z", "2026-10-01T08:00:00.000Z", "2026-10-01T15:00+07:00"])
def test_an_offset_counts_unless_it_is_to_be_ignored(zulu: str) -> None:
    assert read([zulu], NEW_YORK) == ["2026-10-01 08:00:00"]
    wall = "2026-10-01 19:00:00" if "+" in zulu else "2026-10-01 12:00:00"
    assert read([zulu], NEW_YORK, ignore_offset=True) == [wall]


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        *(("10/01/2026 12:00:00 AM", "2026-09-30 22:00:00"), ("10/01/2026 12:59:59 AM", "2026-09-30 22:59:59")),
        *(("10/01/2026 01:00:00 AM", "2026-09-30 23:00:00"), ("10/01/2026 11:59:59 AM", "2026-10-01 09:59:59")),
        *(("10/01/2026 12:00:00 PM", "2026-10-01 10:00:00"), ("10/01/2026 11:59:59 PM", "2026-10-01 21:59:59")),
        *(
            ("10/01/2026 00:30:00 AM", None),
            ("10/01/2026 13:00:00 PM", None),
            ("13/01/2026 01:00:00 PM", None),
            ("10/01/2026 01:00:00", None),
        ),
    ],
)
def test_twelve_hours(text: str, utc: str | None) -> None:
    assert read([text], BERLIN, "%m/%d/%Y %I:%M:%S %p") == [utc]


def test_a_declared_format_goes_first_and_its_z_is_a_letter() -> None:
    assert read(["05/04/2026", "2026-04-05"], BERLIN, "%d/%m/%Y") == ["2026-04-04 22:00:00"] * 2
    assert read(["2026-10-01T08:00Z"], BERLIN, "%Y-%m-%dT%H:%MZ") == ["2026-10-01 06:00:00"]


def test_epochs_are_seconds_or_thousandths_and_utc() -> None:
    assert read(["1790841600", "0", "x"], BERLIN, "epoch_s") == ["2026-10-01 08:00:00", "1970-01-01 00:00:00", None]
    assert read(["1790841600500"], BERLIN, "epoch_ms") == ["2026-10-01 08:00:00.500000"]


@pytest.mark.parametrize(
    ("texts", "second"),
    [
        (["13/03/2026", "02/03/2026"], "2026-03-02"),
        (["31.12.2026 10:00", "02.03.2026 10:00"], "2026-03-02"),
        (["03/13/2026", "02/03/2026"], "2026-02-03"),
        (["03-31-2026", "02-03-2026"], "2026-02-03"),
        # Most rows decide, and each row counts: three of day 13 against two of other days.
        (["13/03/2026", "02/03/2026", "13/03/2026", "13/03/2026", "03/14/2026", "03/15/2026"], "2026-03-02"),
    ],
)
def test_a_number_above_twelve_tells_the_day(texts: list[str], second: str) -> None:
    zone = ZoneInfo("UTC")
    assert str(read([*texts], zone)[1])[:10] == second
    reader = DateReader(None, zone)
    reader.settle([[*texts, dt.date(2026, 1, 1)]], "x.csv", "at")  # a column that mixes kinds
    assert str(reader.read(texts[1]))[:10] == second


@pytest.mark.parametrize(
    "texts",
    [["12/03/2026"], ["03/12/2026"], ["12/12/2026"], ["01/02/2026", None, "11/12/2026 10:00"], ["13/03/2026", "03/13/2026"]],
)
def test_day_or_month_first_is_asked_where_nothing_tells(texts: list[str | None]) -> None:
    for column in (make_column(texts), [*texts]):
        with pytest.raises(FileProblem) as problem:
            DateReader(None, BERLIN).settle([column], "x.csv", "at")
        assert problem.value.told.reason == "ambiguous_date"
        assert problem.value.told.facts["value"] == texts[0]


def test_columns_that_are_asked_one_after_another_decide_together() -> None:
    reader = DateReader(None, ZoneInfo("UTC"))
    reader.settle([make_column(["02/03/2026"]), make_column(["30/03/2026"])], "x.csv", "at")
    assert str(reader.read("02/03/2026"))[:10] == "2026-03-02"


def test_moments_and_their_microseconds() -> None:
    for moment in (dt.datetime(2026, 10, 1, 8, 0, 0, 1, dt.UTC), dt.datetime(1969, 12, 31, 23, 59, 59, 999_999, dt.UTC)):
        assert date_columns.from_micros(date_columns.to_micros(moment)) == moment
    assert date_columns.to_micros(dt.datetime(2026, 10, 1, 8, tzinfo=BERLIN)) == date_columns.to_micros(
        dt.datetime(2026, 10, 1, 6, tzinfo=dt.UTC)
    )


DAYS = [
    *(
        ("2026-10-12", True),
        ("2026/10/12", True),
        ("20261012", True),
        ("2026年10月12日", True),
        ("12 Oct 2026", True),
        ("2026.10.12", True),
    ),
    *(("2026-10-12+08:00", True), ("2026-10-12Z", True), ("2026-10-12-05:00", True)),
    *(("2026-10-12 00:00", False), ("2026-10-12T00:00:00", False), (dt.datetime(2026, 10, 12), False), ("2026-10-11 24:00", False)),
    *(("202610120000", False), ("20261012000000", False), ("2026-10-12 00.00", False)),
]


@pytest.mark.parametrize(("value", "day"), DAYS, ids=str)
@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN, NEW_YORK], ids=str)
def test_a_day_without_a_time_is_known_to_be_one_and_stays_the_day_that_is_written(zone: ZoneInfo, value: object, day: bool) -> None:
    found = DateReader(None, zone).read_precisely(value)
    assert found == (dt.datetime(2026, 10, 12, tzinfo=zone), day)
    if isinstance(value, str):
        read([value, value], zone)


@pytest.mark.parametrize(
    ("form", "text", "day"),
    [
        *(("%d/%m/%Y", "12/10/2026", True), ("%d/%m/%Y %H:%M", "12/10/2026 00:00", False), ("%d.%m.%Y %H:%M", "11.10.2026 24:00", False)),
        *(("excel", "46307", True), ("excel", "46307.25", False), ("excel_1904", "44845", True), ("epoch_s", "1791763200", False)),
        ("%Y%m%d", "20261012", True),
    ],
)
def test_a_declared_format_says_whether_there_is_a_time(form: str, text: str, day: bool) -> None:
    reader = DateReader(form, ZoneInfo("UTC"))
    reader.settle([make_column([text])], "x.csv", "at")
    found = reader.read_precisely(text)
    assert found is not None and (found[0].date(), found[1]) == (dt.date(2026, 10, 12), day)


def test_days_begin_in_the_citys_zone_whatever_zone_its_times_are_in() -> None:
    reader = DateReader(None, ZoneInfo("UTC"), day_zone=NEW_YORK)
    moments, days = date_columns.unpack_moments(
        read_column(MomentReader(reader), make_column(["2026-10-12", "2026-10-12 08:00"]), Spec(column="x"))[0]
    )
    assert [str(m)[:16] for m in moments.to_pylist()] == ["2026-10-12 04:00", "2026-10-12 08:00"]
    assert days.tolist() == [True, False]


def test_the_precision_may_be_declared() -> None:
    texts = ["2026-10-12 00:00", "2026-10-12", "2026-10-12T23:30:00Z"]
    for precision, wanted in (("day", [("12", True)] * 3), ("time", [("12", False), ("12", False), ("13", False)])):
        reader = DateReader(None, SHANGHAI, precision=precision)  # type: ignore[arg-type]
        alone = [reader.read_precisely(text) for text in texts]
        assert [(one and f"{one[0].astimezone(SHANGHAI):%d}", one and one[1]) for one in alone] == wanted
        moments, days = date_columns.unpack_moments(read_column(MomentReader(reader), make_column(texts), Spec(column="x"))[0])
        assert [m.astimezone(SHANGHAI) for m in moments.to_pylist()] == [one and one[0].astimezone(SHANGHAI) for one in alone]
        assert days.tolist() == [one is not None and one[1] for one in alone]


@pytest.mark.parametrize(
    ("zone", "day", "end"),
    [
        (SHANGHAI, "2026-10-12", "2026-10-12 15:59:59.999999"),
        (NEW_YORK, "2026-10-12", "2026-10-13 03:59:59.999999"),
        (BERLIN, "2026-10-25", "2026-10-25 22:59:59.999999"),  # 25 hours long
        (BERLIN, "2026-03-29", "2026-03-29 21:59:59.999999"),  # 23
        (ZoneInfo("America/Sao_Paulo"), "2018-11-03", "2018-11-04 02:59:59.999999"),  # the next day begins at one o'clock
    ],
    ids=str,
)
def test_the_last_moment_of_a_day(zone: ZoneInfo, day: str, end: str) -> None:
    start = np.array([date_columns.to_micros(dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), zone))])
    assert str(date_columns.from_micros(int(date_columns.find_day_ends(start, zone)[0])))[:26] == end
    noon = start + date_columns.DAY // 2
    assert (date_columns.find_day_ends(noon, zone) == date_columns.find_day_ends(start, zone)).all()


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        *[
            (text, "2026-10-05 06:30:00")
            for text in (
                *(
                    "2026-10-05 08.30",
                    "5.10.2026 08.30",
                    "2026/10/05 8.30",
                    "202610050830",
                    "2026-10-05 08:30 +0200",
                    "2026-10-05T08:30+02",
                ),
                *("2026-10-05T06:30Z", "2026-10-05 06:30 UTC", "20261005T0830", "2026年10月5日8时30分"),
            )
        ],
        *(("2026-10-05 08.30.15", "2026-10-05 06:30:15"), ("20261005083015", "2026-10-05 06:30:15")),
        *(("2026-10-05T08:30:00,25", "2026-10-05 06:30:00.250000"), ("2026年10月5日 24:00", "2026-10-05 22:00:00")),
        *(("2026年10月5日24时00分", "2026-10-05 22:00:00"), ("2026/10/31 24:00", "2026-10-31 23:00:00")),
        # Not a time at all; a sign that is no T or blank; a fraction of a minute or an hour.
        *[
            (text, None)
            for text in (
                *("2016-12-03x08:30", "2026-10-05+8:30", "2026-10-05 08:30.5", "1480723200000", "2026-10-05_08:30", "1412010800000"),
                *("2026-10-05 0830", "08.30", "2026-10-05 08.61", "2026-10-05T08:30+24:00"),
            )
        ],
    ],
)
def test_times_are_read_by_their_form_or_not_at_all(text: str, utc: str | None) -> None:
    assert read([text, "30.10.2026"], BERLIN)[0] == utc


@pytest.mark.parametrize(
    ("column", "hint"),
    [
        (["46300.375", "46301"], "excel"),
        ([46300.375, None, 46301], "excel"),
        (["1480723200000", "1480723200001"], "epoch_ms"),
        ([1480723200000, 1480723200001], "epoch_ms"),
        (["1480723200"], "epoch_s"),
        (["20261005", "20261006"], None),
        ([20261005, 20261006], None),
        (["46300.375", "2026-10-05"], None),
    ],
    ids=str,
)
def test_columns_of_numbers_are_dates_only_where_that_is_declared(column: list[object], hint: str | None) -> None:
    reader = DateReader(None, BERLIN)
    if hint is None:
        reader.settle([make_column(column)], "x.csv", "at")
        return
    with pytest.raises(FileProblem) as problem:
        reader.settle([make_column(column)], "x.csv", "at")
    assert problem.value.told.facts["hint"] == f'date_format = "{hint}"'
    declared = DateReader(hint, BERLIN)
    declared.settle([make_column(column)], "x.csv", "at")
    assert all(declared.read(value) is not None for value in column if value is not None)


def test_serials_before_march_1900_cannot_be_told() -> None:
    reader = DateReader("excel", ZoneInfo("UTC"))
    assert [reader.read(n) for n in (60, 0, -1, "x", 3_000_000)] == [None] * 5
    assert reader.read(61) == dt.datetime(1900, 3, 1, tzinfo=ZoneInfo("UTC"))
    assert reader.read("46300.3541666667") == dt.datetime(2026, 10, 5, 8, 30, tzinfo=ZoneInfo("UTC"))
