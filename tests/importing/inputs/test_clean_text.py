"""Texts that look the same are the same: in values, headings and profiles, whatever stands in them that nobody sees."""

import unicodedata

import pyarrow as pa
import pytest
from import_rows import incident_source, make_batch, repaired

from data.importing.common.clean_text import clean_column, clean_text
from data.importing.common.columns import make_column
from data.importing.common.sheet import make_unique_names
from data.importing.profile.spec import Spec

SAME = [
    *(
        "路灯\u200b",
        "\ufeff路灯",
        "路\u2060灯",
        "路\u00ad灯",
        "路灯\u200e",
        "\u202a路灯\u202c",
        "路灯\u0000",
        "\u2066路灯\u2069",
        "路灯\u200d",
        "\u200c路灯",
    ),
    *(
        "路灯\u00a0",
        "路灯\u3000",
        "\u2003路灯",
        "路灯\u202f",
        "路灯 ",
        "路灯\u180e",
        "路\u034f灯",
        "路灯\u3164",
        "路灯\U000e0020",
        "路灯\u0085",
    ),
]


@pytest.mark.parametrize("text", SAME, ids=ascii)
def test_what_nobody_sees_is_not_read(text: str) -> None:
    assert clean_text(text).strip() == "路灯"
    batch = make_batch({"a": [text, "路灯", None, "x"]})
    batch.read_key("a", Spec(column="a"))
    assert batch.list_values("a") == ["路灯", "路灯", None, "x"]


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        *(("路\u00a0灯", "路 灯"), ("路\u3000灯", "路 灯"), ("路 灯", "路 灯"), ("INC-1\u200b", "INC-1"), ("a\u200db", "ab")),
        *(("Cafe\u0301", "Café"), (unicodedata.normalize("NFD", "한국 Việt が"), "한국 Việt が"), ("\u212b", "Å"), ("a\tb\nc", "a\tb\nc")),
        # A joiner between letters that join, or in an emoji, is part of the word; so are the marks of Arabic numbers.
        *(("می\u200cخواهم", "می\u200cخواهم"), ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"), ("\u06001", "\u06001"), ("☂\ufe0f", "☂\ufe0f")),
        ("“quoted” — fine… 。，", "“quoted” — fine… 。，"),
    ],
    ids=ascii,
)
def test_what_is_seen_stays(text: str, clean: str) -> None:
    assert clean_text(text) == clean
    for column in (make_column(["left", text, "right"]), ["left", text, 7], pa.array(["gone", "left", text, "right"]).slice(1)):
        made, _ = clean_column(column)
        assert (made if isinstance(made, list) else made.to_pylist())[1] == clean


def test_every_character_of_a_column_is_treated_as_it_is_alone() -> None:
    texts = [f"a{chr(code)}b" for code in range(0x20, 0x11000) if not 0xD800 <= code < 0xE000]
    made, changed = clean_column(make_column(texts))
    assert made.to_pylist() == [clean_text(text) for text in texts]
    assert changed.tolist() == [clean_text(text) != text for text in texts]


def test_rows_that_were_cleaned_are_counted_once() -> None:
    batch = make_batch({"a": ["x\u200b", " x ", "x\u3000", "x"]})
    for _ in range(2):
        batch.read_text("a", Spec(column="a"))
    assert batch.list_values("a") == ["x", "x", "x", "x"]
    assert repaired(batch) == {"invisible_left_out": 1}


def test_words_for_nothing_numbers_and_dates_are_found_behind_invisible_characters() -> None:
    batch = make_batch(
        {"a": ["\u200bN/A", "\ufeff"], "n": ["\u200b12", "7\u00a0"], "at": ["\ufeff2026-10-01 08:00", "2026-10-01\u00a008:00"]},
        incident_source(),
    )
    batch.read_text("a", Spec(column="a"))
    batch.read_number("n", Spec(column="n"))
    batch.read_moment("at", Spec(column="at"))
    assert batch.list_values("a") == [None, None]
    assert batch.list_values("n") == [12, 7]
    assert len({m.isoformat() for m in batch.list_values("at")}) == 1


def test_headings_are_what_people_see() -> None:
    assert make_unique_names(["type\u200b", "\ufeffid", "\u200b", "id", None]) == ["type", "id", "3", "id_2", "5"]
