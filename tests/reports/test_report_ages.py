"""Residents by age in reports: three groups where the published ones fit into them, otherwise as they were published."""

from reports.sections.place import group_ages

FIVES = {"0-4": 1, "5-9": 2, "10-14": 3, "15-59": 10, "60-64": 4, "65-84": 5, "85+": 6}


def test_groups_that_fit_are_added_up() -> None:
    assert group_ages(FIVES, "en") == [("aged 0 to 14", 6), ("aged 15 to 64", 14), ("aged 65 and over", 11)]
    assert sum(n for _, n in group_ages(FIVES, "zh")) == sum(FIVES.values())


def test_groups_that_do_not_fit_stay_as_they_are_the_youngest_first() -> None:
    assert group_ages({"60+": 4, "0-17": 1, "18-59": 2}, "en") == [("aged 0-17", 1), ("aged 18-59", 2), ("aged 60+", 4)]


def test_groups_in_other_words_are_not_lost() -> None:
    assert sum(n for _, n in group_ages({"children": 1, "adults": 2}, "en")) == 3
    assert sum(n for _, n in group_ages({"children": 1, "15-64": 2}, "en")) == 3
