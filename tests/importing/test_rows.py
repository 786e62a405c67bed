"""Rows of a source: keys, filters, limits of rejected rows, and names."""

import datetime as dt

import numpy as np
import pytest
from import_people import card
from import_rows import BERLIN, SHANGHAI, incident_source, make_batch, rejected, repaired

from data.core.nearest import find_nearest_word
from data.importing.common.sheet import Sheet, make_unique_names
from data.importing.profile.model import Category, City, PeopleSource
from data.importing.profile.source import allowed_rows
from data.importing.profile.spec import Spec
from data.importing.profile.template import Template
from data.importing.rows.categories import Book
from data.importing.rows.identity import Checker
from data.importing.rows.intake import _chosen
from data.importing.rows.keys import Keys, make_line_keys
from data.importing.rows.rejects import Ledger

# -- keys --------------------------------------------------------------------------------------------------------------


def keyed(ledger: Ledger, file: str, keys: list[str | None]):  # type: ignore[no-untyped-def]
    batch = make_batch({"id": keys}, incident_source(columns={"reported_at": "at", "key": "id"}), ledger=ledger, file=file)
    batch.read_key("key", Spec(column="id"))
    return batch


def test_a_key_counts_once_across_files_and_its_first_place_is_told() -> None:
    ledger, keys = Ledger(), Keys()
    first, second, third = (keyed(ledger, f"{n}.csv", ids) for n, ids in ((1, ["a", "b"]), (2, ["c", "c", "b"]), (3, ["C", "c", "d"])))
    keys.make_unique([first])
    keys.make_unique([second, third])
    assert [(r.file, r.line, r.sentence.facts["first"]) for r in ledger.rejects] == [
        ("2.csv", 3, "2.csv:2"),
        ("2.csv", 4, "1.csv:3"),
        ("3.csv", 3, "2.csv:2"),
    ]
    assert [batch.list_living() for batch in (first, second, third)] == [[0, 1], [0], [0, 2]]


def test_a_row_that_is_out_does_not_take_its_key_away_from_another() -> None:
    ledger, keys = Ledger(), Keys()
    first, second, third = keyed(ledger, "1.csv", ["a", "a", "b"]), keyed(ledger, "2.csv", ["b"]), keyed(ledger, "3.csv", ["a", "b"])
    first.reject(0, "no_value")
    first.reject(2, "no_value")
    keys.make_unique([first, second, third])
    assert [batch.list_living() for batch in (first, second, third)] == [[1], [0], []]


def test_keys_of_lines() -> None:
    batch = make_batch({"a": ["x", "y"]}, file="d/x.csv")
    assert make_line_keys(batch).to_pylist() == ["d/x.csv#2", "d/x.csv#3"]


# -- keep and drop -----------------------------------------------------------------------------------------------------


def test_rows_are_kept_and_dropped_by_their_values_as_text() -> None:
    columns = {"kind": ["a", " b ", None, "A", "c"], "n": [1.0, 2.0, 3.0, 4.0, 5.5]}
    for rules, rows in (
        ({"keep": {"kind": ["a", "b"]}}, [0, 1]),
        ({"drop": {"kind": ["a", "b"]}}, [2, 3, 4]),
        ({"keep": {"kind": ""}}, [2]),
        ({"drop": {"kind": ""}}, [0, 1, 3, 4]),
        ({"keep": {"n": [1, "5.5"]}}, [0, 4]),
        ({"keep": {"n": [1, 2, 3]}, "drop": {"kind": "b"}}, [0, 2]),
        ({}, [0, 1, 2, 3, 4]),
    ):
        assert _chosen(make_batch(columns, incident_source(**rules))).tolist() == rows, rules


# -- how many may be left out ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "read", "rows"),
    [
        (0, 100, 0),
        (3, 100, 3),
        ("3", 2, 3),
        ("2%", 100, 2),
        ("2%", 149, 2),
        ("2%", 150, 3),
        ("2%", 49, 0),
        ("100%", 7, 7),
        ("0%", 7, 0),
        ("2.5 %", 40, 1),
    ],
)
def test_how_many_rows_may_be_left_out(allowed: int | str, read: int, rows: int) -> None:
    assert allowed_rows(allowed, read) == rows


@pytest.mark.parametrize("wrong", ["-1", "some", "%", "-2%", ""])
def test_a_share_that_is_none(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"write a number|below zero"):
        allowed_rows(wrong, 10)


def test_the_verdict_goes_by_source_and_by_what_is_not_forgiven() -> None:
    ledger = Ledger()
    one, other = incident_source(key="one", max_rejected=1, allow=["bad_date"]), incident_source(key="other")
    batch, beside = (make_batch({"a": ["x"] * 5}, source, ledger=ledger) for source in (one, other))
    batch.reject(0, "bad_date")
    batch.reject(1, "retention_over")
    batch.reject(2, "no_value")
    assert ledger.verdict(one, None) is None, "one row may be left out, and one is"
    assert ledger.verdict(one, "0") is not None, "what the command says goes before the profile"
    batch.reject(3, "no_value")
    told = ledger.verdict(one, None)
    assert told is not None
    assert told.facts == {"source": "one", "rejected": 2, "read": 5, "allowed": "1"}
    assert ledger.verdict(other, None) is None, "the rows of another source are not this one's"
    beside.reject(0, "duplicate_key")
    assert ledger.verdict(other, None) is not None
    assert ledger.verdict(incident_source(key="other", duplicates="first"), None) is None
    assert [(t.source, t.read, t.rejected, t.loaded) for t in ledger.tallies.values()] == [("one", 5, 4, 1), ("other", 5, 1, 4)]


# -- categories --------------------------------------------------------------------------------------------------------


def test_a_category_is_found_by_code_name_or_value_whatever_its_case() -> None:
    lamp = Category(name="路灯", name_en="Street lamp", values=["L1", " lamp out "])
    book = Book("incident", {"lamp": lamp, "dirt": Category(name="垃圾")})
    batch = make_batch({"k": ["LAMP", "路灯", "street LAMP", "l1", "Lamp out", "垃圾", None, "noise"]})
    batch.read_key("k", Spec(column="k"))
    book.resolve(batch, "k", "k", "reject")
    assert batch.list_values("k")[:7] == ["lamp"] * 5 + ["dirt", "other"]
    assert rejected(batch) == {9: "unknown_category"}
    assert [row[1:4] + row[5:] for row in book.rows()] == [
        ("lamp", "路灯", "Street lamp", False, 1),
        ("dirt", "垃圾", "垃圾", False, 2),
        ("other", "其他", "Other", False, 3),
    ]


def test_an_unknown_category_may_count_as_other() -> None:
    book = Book("incident", {"lamp": Category(name="路灯"), "unused": Category(name="x")})
    batch = make_batch({"k": ["lamp", "noise", "smell", None]})
    batch.read_key("k", Spec(column="k"))
    book.resolve(batch, "k", "k", "other")
    assert batch.list_values("k") == ["lamp", "other", "other", "other"]
    assert (rejected(batch), repaired(batch)) == ({}, {"category_other": 2})
    assert [row[1] for row in book.rows()] == ["lamp", "other"], "what nothing uses is not listed"


def test_without_declared_categories_each_value_is_one_in_the_order_of_names() -> None:
    book = Book("incident", {})
    batch = make_batch({"k": ["noise", "Lamp", "lamp", None, "gone"]})
    batch.read_key("k", Spec(column="k"))
    batch.reject(4, "no_value")
    book.resolve(batch, "k", "k", "reject")
    assert batch.list_values("k") == ["noise", "Lamp", "lamp", "other", "gone"]
    assert [row[1] for row in book.rows()] == ["Lamp", "lamp", "noise", "other"]


def test_an_announced_code_stands_for_itself_beside_declared_ones() -> None:
    book = Book("facility", {"school": Category(name="学校")})
    book.add_undeclared("Camera")
    batch = make_batch({"k": ["camera", "school"]})
    batch.read_key("k", Spec(column="k"))
    book.resolve(batch, "k", "k", "reject")
    assert batch.list_values("k") == ["Camera", "school"]


# -- people ------------------------------------------------------------------------------------------------------------

NOW = dt.datetime(2026, 10, 31, 23, 59, 59, tzinfo=SHANGHAI)


def checked(moment: dt.datetime = NOW, zone=SHANGHAI, source: dict[str, object] | None = None, **fields: list[object]):  # type: ignore[no-untyped-def]
    """Rows of a register; what is not given is as it should be."""
    count = len(next(iter(fields.values())))
    whole = {"name": "王芳", "sex": "F", "birth_date": dt.date(1980, 5, 1), "id_kind": None, "id_number": None, "residence": None}
    columns = {name: fields.get(name, [value] * count) for name, value in whole.items()}
    people = PeopleSource(file=["x.csv"], key="x", columns={name: name for name in whole}, **(source or {}))
    batch = make_batch(columns, people, zone)
    for name in whole:
        batch.read_day(name, Spec(column=name)) if name == "birth_date" else batch.read_text(name, Spec(column=name))
    return Checker(batch, people, people.columns, moment).people(), batch


def test_nobody_is_born_tomorrow_or_is_older_than_a_hundred_and_thirty() -> None:
    days = [dt.date(2026, 10, 31), dt.date(2026, 11, 1), dt.date(1896, 1, 1), dt.date(1895, 12, 31), None]
    _, batch = checked(birth_date=days)
    assert rejected(batch) == {3: "future_date", 5: "impossible_birth", 6: "no_value"}


def test_today_is_the_day_of_the_city() -> None:
    late = dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC)
    assert rejected(checked(late, BERLIN, birth_date=[dt.date(2026, 11, 1)])[1]) == {}
    assert rejected(checked(late, SHANGHAI, birth_date=[dt.date(2026, 11, 2)])[1]) == {2: "future_date"}


def test_what_is_a_name() -> None:
    names = ["王" * 60, "王" * 61, "R2D2 4567"[:7], "No 12345", "=1+1", "-", "123", "Ö", "@x", "Anna 1234"]
    _, batch = checked(name=names)
    assert rejected(batch) == dict.fromkeys((3, 5, 6, 7, 8, 10), "bad_name")


def test_words_for_sex_and_residence() -> None:
    people, batch = checked(sex=["男", "f", "X", "女性"], residence=["户籍", None, "floating", "nowhere"])
    assert [p and p.sex for p in people][:2] == ["M", "F"]
    assert [p and p.residence for p in people][:2] == ["registered", "registered"]
    assert rejected(batch)[4] == "unknown_sex"
    assert rejected(batch)[5] in ("unknown_sex", "unknown_residence")


def test_numbers_of_documents_have_four_places_and_a_digit() -> None:
    people, batch = checked(id_kind=["passport"] * 4, id_number=["E123", "E12", "ABCD", "ab-12 34"])
    assert rejected(batch) == {3: "bad_id_number", 4: "bad_id_number"}
    assert people[0] is not None
    assert (people[0].kind, people[0].number) == ("passport", "E123")


@pytest.mark.parametrize(
    ("policy", "sex", "day", "reasons"),
    [("reject", None, None, {2: "id_contradicts"}), ("card", "F", 7, {}), ("columns", "M", 8, {})],
)
def test_a_resident_card_and_the_columns_beside_it(policy: str, sex: str | None, day: int | None, reasons: dict[int, str]) -> None:
    """The second row agrees with its card, the third says nothing of its own."""
    number = card("19900307", 122)
    people, batch = checked(
        source={"contradiction": policy},
        sex=["M", "F", None],
        birth_date=[dt.date(1990, 3, 8), dt.date(1990, 3, 7), None],
        id_number=[number] * 3,
    )
    assert rejected(batch) == reasons
    assert [one and (one.sex, one.birth and one.birth.day) for one in people] == [sex and (sex, day), ("F", 7), ("F", 7)]
    assert repaired(batch) == {"by_card": 2} | ({} if reasons else {"contradiction_settled": 2})


# -- names, templates, sheets ------------------------------------------------------------------------------------------


def test_names_of_columns_are_told_apart() -> None:
    assert make_unique_names(["a", "a", " a ", None, "", 7]) == ["a", "a_2", "a_3", "4", "5", "7"]


@pytest.mark.parametrize(
    ("template", "value", "text"),
    [
        *(("{a[0]}", "xyz", "x"), ("{a[-1]}", "xyz", "z"), ("{a[3]}", "xyz", None), ("{a[-3]}", "xyz", "x"), ("{a[-4]}", "xyz", None)),
        *(
            ("{a[:2]}", "xyz", "xy"),
            ("{a[2:]}", "xyz", "z"),
            ("{a[3:]}", "xyz", None),
            ("{a|pad3}", "12", "012"),
            ("{a|pad3}", "1234", "1234"),
        ),
        *(("{a|strip0}", "0012", "12"), ("{a|strip0}", "00", "0"), ("{a|digits}", "a1b2", "12"), ("{a|digits|pad3}", "a1", "001")),
        *(("{a|upper}", "ab", "AB"), ("{a|lower}", "AB", "ab"), ("{a|title}", "ab cd", "Ab Cd"), ("n{a}", None, None), ("n{a}", "", None)),
    ],
)
def test_templates(template: str, value: str | None, text: str | None) -> None:
    assert Template(template).fill({"a": value}) == text


def test_the_nearest_word() -> None:
    assert find_nearest_word("Lattitude", ["latitude", "longitude"]) == "latitude"
    assert find_nearest_word("x", []) == "-"


def test_a_moment_of_a_city_is_the_end_of_its_day() -> None:
    city = {"code": "T", "name": "T", "timezone": "America/New_York"}
    assert City(**city).moment is None
    assert City(**city, as_of=dt.date(2026, 11, 1)).moment == dt.datetime(2026, 11, 2, 4, 59, 59, tzinfo=dt.UTC)  # type: ignore[arg-type]
    assert City(**city, as_of=dt.datetime(2026, 7, 1, 12)).moment == dt.datetime(2026, 7, 1, 16, tzinfo=dt.UTC)  # type: ignore[arg-type]
    given = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
    assert City(**city, as_of=given).moment == given  # type: ignore[arg-type]


def test_rows_of_a_sheet_take_their_marks_along() -> None:
    batch = make_batch({"a": ["x", "y", "z"]})
    sheet = batch.sheet
    sheet.broken, sheet.closed = {0, 2}, {1}
    taken = sheet.take(np.array([2, 1]))
    assert isinstance(taken, Sheet)
    assert (taken.lines.tolist(), taken.broken, taken.closed) == ([4, 3], {0}, {1})
