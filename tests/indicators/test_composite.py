"""Composites: points, weights, days and grades at their boundaries, and files that cannot be used."""

from datetime import date
from fractions import Fraction

import pytest

from data.indicators.composite import GRADES, BadComposites, Part, find_grade, read_composites

HAIR = Fraction(1, 10**12)


@pytest.mark.parametrize(("grade", "least", "below"), [("A", 90, "B"), ("B", 75, "C"), ("C", 60, "D"), ("D", 40, "E")])
def test_a_grade_begins_with_its_lowest_score(grade: str, least: int, below: str) -> None:
    assert find_grade(Fraction(least)) == grade
    assert find_grade(least + HAIR) == grade
    assert find_grade(least - HAIR) == below


def test_the_ends_of_the_scale_have_grades() -> None:
    assert (find_grade(Fraction(100)), find_grade(Fraction(0))) == ("A", "E")
    assert [grade for grade, _ in GRADES] == list("ABCDE")


def test_points_are_linear_between_worst_and_best_and_stay_beyond() -> None:
    hours = Part("handling_median", Fraction(1), Fraction(4), Fraction(24))
    told = [(4, 100), (24, 0), (14, 50), (3, 100), (25, 0), (Fraction("4.0001"), Fraction("99.9995"))]
    assert [hours.points(Fraction(value)) for value, _ in told] == [points for _, points in told]


TWO = """
[[composite]]
name = "街道"
valid_from = 2026-01-01
valid_to = 2026-06-30
[[composite.part]]
indicator = "closing_rate"
weight = 0.1
[[composite.part]]
indicator = "rework_rate"
weight = 0.2

[[composite]]
name = "街道"
name_en = "Streets"
valid_from = 2026-07-01
[[composite.part]]
indicator = "closing_rate"
weight = 1

[[composite]]
name = "本市"
city = "330100"
[[composite.part]]
indicator = "handling_median"
weight = 1
best = 4
worst = 24
"""


def test_weights_are_taken_as_they_are_written() -> None:
    """A tenth and two tenths: 0.1 + 0.2 is 0.3, and the score of 90 % and a rework of 10 % is 90, an A."""
    first = read_composites(TWO, "x.toml")[0]
    assert [part.weight for part in first.parts] == [Fraction(1, 10), Fraction(2, 10)]
    score = first.score({"closing_rate": Fraction(9, 10), "rework_rate": Fraction(1, 10)})
    assert score == 90 and find_grade(score) == "A"
    worse = first.score({"closing_rate": Fraction(899_999, 1_000_000), "rework_rate": Fraction(1, 10)})
    assert worse is not None and worse < 90 and find_grade(worse) == "B"


def test_nothing_stands_in_for_a_part_that_is_missing() -> None:
    first = read_composites(TWO, "x.toml")[0]
    assert first.score({"closing_rate": Fraction(1)}) is None
    assert first.missing({"closing_rate": Fraction(1)}) == ["rework_rate"]


def test_both_days_are_included_and_cities_have_their_own() -> None:
    first, second, own = read_composites(TWO, "x.toml")
    assert [first.holds("1", date(2026, 1, 1)), first.holds("1", date(2026, 6, 30))] == [True, True]
    assert [first.holds("1", date(2025, 12, 31)), first.holds("1", date(2026, 7, 1))] == [False, False]
    assert second.holds("1", date(2026, 7, 1)) and not second.holds("1", date(2026, 6, 30))
    assert own.holds("330100", date(1990, 1, 1)) and not own.holds("1", date(2026, 1, 1))


GOOD = '[[composite]]\nname = "x"\n{more}\n[[composite.part]]\nindicator = "closing_rate"\nweight = 1\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[[composite", "no TOML"),
        ("", "name that is not known"),
        ("x = 1", "name that is not known"),
        ("composite = 3", "name that is not known"),
        ('[[composite]]\nname = "x"', "name that is not known"),
        (GOOD.format(more="").replace('name = "x"', ""), "name that is not known"),
        (GOOD.format(more="weights = 3"), "name that is not known"),
        (GOOD.format(more="city = 3"), "name that is not known"),
        (GOOD.format(more='valid_from = "2026-01-01"'), "no date"),
        (GOOD.format(more="valid_from = 2026-01-01T00:00:00"), "no date"),
        (GOOD.format(more="valid_from = 2026-01-02\nvalid_to = 2026-01-01"), "before the first"),
        (GOOD.format(more="valid_to = 2026-01-01") + GOOD.format(more="valid_from = 2026-01-01"), "same day"),
        (GOOD.format(more="").replace("closing_rate", "closing"), "does not exist"),
        (GOOD.format(more="") + '[[composite.part]]\nindicator = "closing_rate"\nweight = 1\n', "named twice"),
        (GOOD.format(more="").replace("weight = 1", "weight = 0"), "above 0"),
        (GOOD.format(more="").replace("weight = 1", "weight = true"), "above 0"),
        (GOOD.format(more="").replace("weight = 1", "weight = nan"), "above 0"),
        (GOOD.format(more="").replace("weight = 1", "weight = inf"), "above 0"),
        (GOOD.format(more="").replace("weight = 1", 'weight = "1"'), "above 0"),
        (GOOD.format(more="").replace("weight = 1", ""), "name that is not known"),
        (GOOD.format(more="").replace("weight = 1", "weight = 1\nbest = 1\nworst = 1"), "different numbers"),
        (GOOD.format(more="").replace("closing_rate", "handling_mean"), "needs best and worst"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(text: str, reason: str) -> None:
    with pytest.raises(BadComposites, match=reason):
        read_composites(text, "x.toml")


def test_days_that_meet_do_not_overlap() -> None:
    assert len(read_composites(GOOD.format(more="valid_to = 2026-01-01") + GOOD.format(more="valid_from = 2026-01-02"), "x.toml")) == 2
