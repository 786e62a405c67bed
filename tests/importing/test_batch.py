"""Fields of a batch at their boundaries: ranges of dates, words that mean nothing, lengths, numbers, and which column is asked."""

import datetime as dt
from typing import Any

import pytest
from import_rows import BERLIN, NEW_YORK, SHANGHAI, incident_source, make_batch, rejected, repaired

from data.importing.common.sentences import FileProblem
from data.importing.profile.spec import Spec


def moments_of(texts: list[Any], zone: Any, source: Any = None, **spec: Any) -> tuple[list[dt.datetime | None], Any]:
    batch = make_batch({"at": texts}, source, zone)
    batch.read_moment("at", Spec(column="at", **spec))
    return batch.list_values("at"), batch


RANGE = {"earliest": dt.date(2020, 2, 1), "latest": dt.date(2026, 10, 31)}


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN, NEW_YORK], ids=str)
def test_the_first_and_the_last_day_belong_to_the_range(zone: Any) -> None:
    texts = [
        "2020-01-31 23:59:59",
        "2020-02-01",
        "2020-02-01 00:00:01",
        "2026-10-31",
        "2026-10-31 23:59:59",
        "2026-11-01",
        "2026-11-01 00:01",
    ]
    found, batch = moments_of(texts, zone, **RANGE)
    assert [m is not None for m in found] == [False, True, True, True, True, False, False]
    assert repaired(batch) == {"date_out_of_range": 3}
    assert rejected(batch) == {}


def test_the_day_of_a_range_is_the_day_that_the_file_writes() -> None:
    found, _ = moments_of(["2026-10-31T23:30:00-11:00", "2026-11-01T00:30:00+14:00"], SHANGHAI, **RANGE)
    assert [m is not None for m in found] == [True, False]


@pytest.mark.parametrize("zone", [SHANGHAI, NEW_YORK], ids=str)
def test_a_date_that_stands_for_none_is_a_whole_day_and_no_other(zone: Any) -> None:
    source = incident_source(null_dates=[dt.date(1970, 1, 1), dt.date(2099, 12, 31)])
    texts = ["1969-12-31 23:59", "1970-01-01", "1970-01-01 23:59:59", "1970-01-02", "2099-12-30", "2099-12-31", "2100-01-01"]
    found, batch = moments_of(texts, zone, source)
    assert [m is not None for m in found] == [True, False, False, True, True, False, True]
    assert repaired(batch) == {"null_date": 3}


def test_where_a_date_counts_as_missing_the_next_column_is_asked() -> None:
    batch = make_batch({"a": ["2030-01-01", "2026-01-01", None], "b": ["2026-02-02", "2026-02-02", "2026-02-02"]})
    batch.read_moment("at", Spec(first=["a", "b"], latest=dt.date(2026, 12, 31)))
    assert [m.astimezone(SHANGHAI).month for m in batch.list_values("at")] == [2, 1, 2]
    # ``written`` tells the value that won, by the clock of its zone.
    assert [batch.read_as_written("at", row).isoformat()[:10] for row in range(3)] == ["2026-02-02", "2026-01-01", "2026-02-02"]


def test_a_day_is_the_one_that_is_written_not_that_of_utc() -> None:
    batch = make_batch({"on": ["2026-10-01T23:30:00-04:00", "2026-10-01", None, "1980-01-01 00:00"]}, zone=SHANGHAI)
    batch.read_day("on", Spec(column="on"))
    assert batch.list_values("on") == [dt.date(2026, 10, 1), dt.date(2026, 10, 1), None, dt.date(1980, 1, 1)]
    batch.read_day("none", None)
    assert batch.list_values("none") == [None] * 4


def test_the_zone_of_a_source_goes_before_that_of_the_city() -> None:
    found, _ = moments_of(["2026-07-01 12:00"], SHANGHAI, incident_source(timezone="Europe/Berlin"))
    assert found == [dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC)]


def test_words_that_mean_nothing() -> None:
    words = ["", "  ", "NULL", " none ", "NaN", "n/a", "N/A", "\\N", "<Null>", "#N/A", "NaT", None]
    kept = ["nothing", "na", "-", "0", "null and void", "nullnullnullnullnullnull"]
    batch = make_batch({"a": [*words, *kept]})
    batch.read_text("a", Spec(column="a"))
    assert batch.list_values("a") == [None] * len(words) + kept
    mixed = make_batch({"a": [*words, *kept, 7]})  # a list, not a column of one kind
    mixed.read_text("a", Spec(column="a"))
    assert mixed.list_values("a") == [None] * len(words) + [*kept, "7"]


def test_words_of_a_profile_mean_nothing_as_well_whatever_their_case() -> None:
    batch = make_batch({"a": ["无", " Unknown", "unknown", "null", "x"]}, incident_source(null=["无", "UNKNOWN "]))
    batch.read_text("a", Spec(column="a"))
    assert batch.list_values("a") == [None, None, None, None, "x"]


def test_words_of_one_field_mean_nothing_there_only() -> None:
    batch = make_batch({"a": ["-", "x", "ABC"]})
    batch.read_text("a", Spec(column="a", null=["-", "abc"]))
    batch.read_text("b", Spec(column="a"))
    assert (batch.list_values("a"), batch.list_values("b")) == ([None, "x", None], ["-", "x", "ABC"])


@pytest.mark.parametrize(("fill", "most"), [("read_text", 20_000), ("read_key", 500)])
@pytest.mark.parametrize("letter", ["x", "井"])
def test_texts_have_so_many_characters_and_not_one_more(fill: str, most: int, letter: str) -> None:
    batch = make_batch({"a": [letter * most, letter * (most + 1), f"  {letter * most}  "]})
    getattr(batch, fill)("a", Spec(column="a"))
    assert rejected(batch) == {3: "bad_text"}
    assert [len(value or "") for value in batch.list_values("a")] == [most, 0, most]


def test_a_row_is_rejected_once_for_the_first_reason() -> None:
    batch = make_batch({"a": ["x", None], "n": ["no", "no"]})
    batch.read_text("a", Spec(column="a"), needed=True)
    batch.read_number("n", Spec(column="n"))
    assert rejected(batch) == {2: "bad_number", 3: "no_value"}
    assert batch.list_living() == []
    assert batch.ledger.tallies[("x", "x.csv")].loaded == 0


NUMBERS = [
    *(("0", 0), ("-0", 0), ("7", 7), ("2.5", "not_whole"), ("2.51", "not_whole"), ("1e3", 1000), ("1,234", 1234), ("1 234", 1234)),
    *(
        (" 12 ", 12),
        ("12.0", 12),
        ("12.345", 12345),
        ("1.234.567", 1_234_567),
        ("1,23,456", 123_456),
        ("1'234", 1234),
        ("−1", "negative_number"),
    ),
    *(("7,5", "not_whole"), ("1 2", "bad_number"), ("12,34,5", "bad_number"), ("1.2.3", "bad_number"), ("１２", 12), ("+3", 3), ("3.", 3)),
    *(("2000000000", 2_000_000_000), ("2000000000.5", "bad_number"), ("-1", "negative_number"), ("-0.4", "negative_number")),
    *(("x", "bad_number"), ("1_000", "bad_number"), ("inf", "bad_number"), ("12a", "bad_number"), (None, None), ("nan", None)),
]


@pytest.mark.parametrize(("given", "wanted"), NUMBERS, ids=str)
def test_whole_numbers(given: str | None, wanted: object) -> None:
    batch = make_batch({"n": [given, "1"]})
    batch.read_number("n", Spec(column="n"), whole=True)
    assert batch.list_values("n")[1] == 1
    if isinstance(wanted, str):
        assert rejected(batch) == {2: wanted}
    else:
        assert (batch.list_values("n")[0], rejected(batch)) == (wanted, {})


@pytest.mark.parametrize(
    ("decimal", "given", "wanted"),
    [
        *(
            (".", "1,234.5", 1234.5),
            (",", "1.234,5", 1234.5),
            (",", "0,5", 0.5),
            (".", "0,5", None),
            (",", "1.5", None),
            (".", "1.50", 1.5),
        ),
        *(
            (".", "12.345", 12.345),
            (",", "12.345", 12345),
            (".", "12,345", 12345),
            (",", "12,345", 12.345),
            (",", "7,5", 7.5),
            (",", "12", 12),
        ),
    ],
)
def test_the_decimal_comma_that_is_declared(decimal: Any, given: str, wanted: float | None) -> None:
    batch = make_batch({"n": [given]}, incident_source(decimal=decimal))
    batch.read_number("n", Spec(column="n"))
    assert batch.list_values("n") == [wanted]
    own = make_batch({"n": [given]}, incident_source(decimal="." if decimal == "," else ","))
    own.read_number("n", Spec(column="n", decimal=decimal))
    assert own.list_values("n") == [wanted], "what the field says goes before what its file says"


@pytest.mark.parametrize(
    ("column", "wanted"),
    [
        (["7,5", "12,25", "3"], [7.5, 12.25, 3]),
        (["7.5", "1,234", "3"], [7.5, 1234, 3]),
        (["1.234", "7,5"], [1234, 7.5]),
        (["1.234.567", "1.234"], [1_234_567, 1234]),
        (["0.125", "1.234"], [0.125, 1.234]),
        (["1.234,5"], [1234.5]),
        (["1.5E+3", "2"], [1500, 2]),
        (["1.234", 2.5, "0.5"], [1.234, 2.5, 0.5]),
    ],
)
def test_all_values_of_a_column_tell_which_sign_stands_before_decimals(column: list[Any], wanted: list[float]) -> None:
    batch = make_batch({"n": column})
    batch.read_number("n", Spec(column="n"))
    assert (batch.list_values("n"), rejected(batch)) == (wanted, {})


@pytest.mark.parametrize(
    ("column", "spec", "whole", "reason"),
    [
        (["1.234", "12.345"], {}, False, "ambiguous_number"),
        (["1,234", "5"], {}, False, "ambiguous_number"),
        (["12.000", "3.000"], {}, True, "ambiguous_number"),
        (["12.345"], {"multiply": 1000}, True, "ambiguous_number"),
        (["12.345"], {"round": True}, True, "ambiguous_number"),
        (["7,5", "7.5"], {}, False, "mixed_decimals"),
    ],
)
def test_where_both_readings_fit_nothing_is_guessed(column: list[Any], spec: dict[str, Any], whole: bool, reason: str) -> None:
    batch = make_batch({"n": column})
    with pytest.raises(FileProblem) as problem:
        batch.read_number("n", Spec(column="n", **spec), whole=whole)
    assert problem.value.told.reason == reason
    if column[0] == "1.234":
        assert {problem.value.told.facts[name] for name in ("as_point", "as_comma")} == {"1.234", "1,234"}


def test_numbers_of_the_profile_are_written_as_toml_does() -> None:
    batch = make_batch({"n": ["1,5", "low", None]}, incident_source(decimal=","))
    batch.read_number("n", Spec(column="n", map={"low": "0.5"}))
    assert batch.list_values("n") == [1.5, 0.5, None]
    batch.read_number("d", Spec(column="n", default="2.5", bad="null"))
    assert batch.list_values("d") == [1.5, 2.5, 2.5]
    batch.read_number("c", Spec(value="7.5"))
    assert batch.list_values("c") == [7.5] * 3


def test_estimates_are_rounded_where_that_is_declared() -> None:
    batch = make_batch({"n": ["2.5", "3.5", "2.51", 7.0, 3.0000000001]})
    batch.read_number("n", Spec(column="n", round=True), whole=True)
    assert (batch.list_values("n"), repaired(batch)) == ([2, 4, 3, 7, 3], {"rounded": 3})


def test_sums_and_differences_of_columns() -> None:
    columns = {"a": ["10", "10", "10", None, "10"], "b": ["5", "0", "x", "5", None], "c": ["15", "10.5", "1", "1", "1"]}
    batch = make_batch(columns)
    batch.read_number("n", Spec(column="a", plus=["b"], minus="c"))
    # 10 + 5 - 15 is 0 and stays; 10 - 10.5 is below; a part that is no number rejects its row, one that is missing leaves no sum.
    assert batch.list_values("n") == [0, None, None, None, None]
    assert rejected(batch) == {3: "negative_number", 4: "bad_number"}
    assert [r.column for r in batch.ledger.rejects] == ["b", "a"]
    assert repaired(batch) == {"part_missing": 1}
    dropped = make_batch(columns)
    dropped.read_number("n", Spec(column="a", minus="c", bad="null"))
    assert dropped.list_values("n") == [None, None, 9, None, 9]
    assert (rejected(dropped), repaired(dropped)) == ({}, {"bad_value_dropped": 2})
    needed = make_batch(columns)
    needed.read_number("n", Spec(column="a", plus=["b"]), needed=True)
    assert rejected(needed) == {4: "bad_number", 5: "no_value", 6: "no_value"}
    zero = make_batch(columns)
    zero.read_number("n", Spec(column="a", plus=["b"], default="0", bad="null"))
    assert zero.list_values("n") == [15, 10, 10, 5, 10]


def test_a_sum_is_multiplied_as_a_whole() -> None:
    batch = make_batch({"men": ["1.2", "3"], "women": ["1.3", "4"]})
    batch.read_number("n", Spec(column="men", plus=["women"], multiply=1000), whole=True)
    assert batch.list_values("n") == [2500, 7000]


def test_numbers_are_multiplied_after_their_size_was_looked_at() -> None:
    batch = make_batch({"feet": ["100", "2000000000", 3]})
    batch.read_number("m", Spec(column="feet", multiply=0.3048))
    assert batch.list_values("m") == pytest.approx([30.48, 609_600_000, 0.9144])


def test_below_zero_is_allowed_where_nothing_is_least() -> None:
    batch = make_batch({"n": ["-3", "-2000000000"]})
    batch.read_number("n", Spec(column="n"), least=None)
    assert (batch.list_values("n"), rejected(batch)) == ([-3, -2_000_000_000], {})


def test_the_first_column_with_a_value_wins_and_a_bad_one_is_not_passed_over() -> None:
    batch = make_batch({"a": ["1", None, "x", None], "b": ["2", "2", "2", None]})
    batch.read_number("n", Spec(first=["a", "b"], default="9"), whole=True)
    assert (batch.list_values("n")[:2], batch.list_values("n")[3]) == ([1, 2], 9)
    assert rejected(batch) == {4: "bad_number"}


def test_a_map_and_its_default() -> None:
    batch = make_batch({"a": ["1", " 2 ", "3", None]})
    batch.read_text("a", Spec(column="a", map={"1": "one", "2": "two"}))
    batch.read_text("b", Spec(column="a", map={"1": "one"}, default="other"))
    assert batch.list_values("a") == ["one", "two", "3", None]
    assert batch.list_values("b") == ["one", "other", "other", "other"]


def test_a_value_that_is_needed() -> None:
    batch = make_batch({"a": ["x", None, " "]})
    batch.read_text("a", Spec(column="a"), needed=True)
    assert rejected(batch) == {3: "no_value", 4: "no_value"}
    assert [reject.column for reject in batch.ledger.rejects] == ["a", "a"]


def test_a_column_that_is_not_there() -> None:
    batch = make_batch({"Reported At": ["x"], "file.name": ["x"]})
    with pytest.raises(FileProblem) as problem:
        batch.read_text("a", Spec(column="reported_at"))
    assert (problem.value.told.reason, problem.value.told.facts["nearest"]) == ("missing_column", "Reported At")
    batch.read_text("a", Spec(column="reported_at", optional=True, default="d"))
    batch.read_text("b", Spec(first=["no", "nor"], optional=True))
    assert (batch.list_values("a"), batch.list_values("b")) == (["d"], [None])


def test_templates_need_all_their_columns() -> None:
    batch = make_batch({"a": ["1", "22", None], "b": ["x", None, "z"], "c": [3.0, 4.0, 5.5]})
    batch.read_text("t", Spec(template="{a|pad3}-{b|upper}"))
    batch.read_text("u", Spec(template="n{c}"))
    batch.read_text("v", Spec(first=["{a}-{b}", "b", "a"]))
    assert batch.list_values("t") == ["001-X", None, None]
    assert batch.list_values("u") == ["n3", "n4", "n5.5"]
    assert batch.list_values("v") == ["1-x", "22", "z"]


@pytest.mark.parametrize(
    ("given", "text"),
    [(3.0, "3"), (3.5, "3.5"), (True, "True"), (dt.date(2026, 1, 2), "2026-01-02"), (dt.datetime(2026, 1, 2, 3), "2026-01-02 03:00:00")],
)
def test_typed_values_as_text(given: object, text: str) -> None:
    batch = make_batch({"a": [given]})
    batch.read_text("a", Spec(column="a"))
    assert batch.list_values("a") == [text]


def test_control_characters_are_left_out_but_line_breaks_stay() -> None:
    batch = make_batch({"a": ["a\x01b", "a\tb\nc", "\x00x\x1f"]})
    batch.read_text("a", Spec(column="a"))
    assert batch.list_values("a") == ["ab", "a\tb\nc", "x"]
