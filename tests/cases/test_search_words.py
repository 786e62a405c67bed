"""What a person types becomes words, or the beginning of a number, or a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.cases.listing.search_words import LONGEST_QUERY, MOST_WORDS, Sought, parse_words
from data.core.errors import BadInput


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", ()),
        (" \t\u3000", ()),
        ("路灯", ("路灯",)),
        ("  路灯\u3000幸福 路灯", ("路灯", "幸福")),
        ("ＡＢ１２", ("AB12",)),
        ("路 灯坏", ("路", "灯坏")),
        ("%_\\", ("%_\\",)),
        ("🚲🚲", ("🚲🚲",)),
        (" ".join(f"w{n}" for n in range(MOST_WORDS)), tuple(f"w{n}" for n in range(MOST_WORDS))),
        ("长" * LONGEST_QUERY, ("长" * LONGEST_QUERY,)),
    ],
)
def test_words_are_what_stands_between_spaces(typed: str, words: tuple[str, ...]) -> None:
    assert parse_words(typed) == Sought(words)


@pytest.mark.parametrize(("typed", "number"), [("7", "7"), ("l", "L"), ("Ｌ", "L")])
def test_one_letter_or_digit_begins_a_number(typed: str, number: str) -> None:
    assert parse_words(typed) == Sought(number=number)


@pytest.mark.parametrize("typed", ["路", "-", "🚲", "路 灯", "1 2", "'"])
def test_one_character_of_other_kinds_is_answered_with_a_sentence(typed: str) -> None:
    with pytest.raises(BadInput, match="at least two characters"):
        parse_words(typed)


@pytest.mark.parametrize("typed", ["a\0b", "\ud800", "长" * (LONGEST_QUERY + 1), " ".join(f"w{n}" for n in range(MOST_WORDS + 1))])
def test_what_no_text_can_hold_and_what_is_too_much_is_refused(typed: str) -> None:
    with pytest.raises(BadInput):
        parse_words(typed)


@given(st.text(max_size=300))
def test_any_text_gives_words_without_spaces_or_a_sentence(typed: str) -> None:
    try:
        found = parse_words(typed)
    except BadInput:
        return
    assert all(word and not any(c.isspace() for c in word) for word in found.words)
    assert not (found.words and found.number)
