"""The versions that a process knows, when news and answers overtake each other."""

from types import MappingProxyType

from data.live import changes
from data.live.changes import KnownVersions, newest_by_subject
from data.schema import SUBJECTS


def test_old_news_after_new_changes_nothing() -> None:
    known = KnownVersions()
    known.take({"areas": 5, "base": 7})
    known.take({"areas": 4, "base": 8})
    assert known.versions == {"areas": 5, "base": 8}
    known.take({"areas": 5, "base": 7})
    assert known.versions == {"areas": 5, "base": 8}
    known.take({})
    assert known.versions == {"areas": 5, "base": 8}


def test_the_first_version_of_a_subject_is_taken() -> None:
    known = KnownVersions()
    known.take({"areas": 0})
    known.take({"incidents": 1})
    assert known.versions == {"areas": 0, "incidents": 1}


def test_a_full_reading_begins_anew_even_with_older_versions() -> None:
    """It may be another database than before."""
    known = KnownVersions()
    known.take({"areas": 9, "base": 9})
    assert not known.listening
    known.begin({"areas": 3})
    assert known.versions == {"areas": 3} and known.listening


def test_what_was_given_away_does_not_change_any_more() -> None:
    known = KnownVersions()
    known.take({"areas": 1})
    before = known.versions
    known.take({"areas": 2})
    assert before == {"areas": 1} and isinstance(known.versions, MappingProxyType)


def test_an_answer_is_believed_for_a_second_unless_news_come() -> None:
    known = KnownVersions()
    assert not known.fresh, "nothing was read yet"
    now = changes.time.monotonic()
    known._read_at = now
    assert known.fresh
    known._read_at = now - changes.GOOD_FOR_S
    assert not known.fresh, "a second is over"
    known.listening = True
    assert known.fresh


def test_the_newest_version_over_all_cities_counts() -> None:
    old = {"versions": {"areas": 8, "incidents": 1}, "data_version": 4}
    new = {"versions": {"areas": 6, "incidents": 5}, "data_version": 9}
    everything = dict.fromkeys(SUBJECTS, 9)
    assert newest_by_subject([old]) == {**dict.fromkeys(SUBJECTS, 4), "areas": 8, "incidents": 1}
    assert newest_by_subject([old, new]) == newest_by_subject([new, old]) == {**everything, "areas": 8, "incidents": 5}
    assert newest_by_subject([]) == {}
