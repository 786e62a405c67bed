"""The short form of ``./gridwell bench --soak``: one page through scenes, changes and midnights; and how a skew is counted."""

from collections.abc import Iterator

import pytest
from databases import FreshDatabase
from playwright.sync_api import Browser

from bench.rows.skew import find_skews
from bench.rows.soak import Plan, soak
from bench.rows.wall_city import Hand, Town, make_chief, prepare_town
from bench.serving import Server, gridwell
from data.accounts.guest import Guest

pytestmark = pytest.mark.browser

PLAN = Plan(changes=40, scenes=6, midnights=1, rate=20.0, marks=2)


@pytest.fixture(scope="module")
def town(fresh_database: FreshDatabase, demo_template: str) -> Iterator[Town]:
    with fresh_database(template=demo_template) as url:
        yield prepare_town(url)


@pytest.fixture(scope="module")
def server(town: Town) -> Iterator[Server]:
    with gridwell(town.address) as made:
        yield made


@pytest.fixture(scope="module")
def chief(town: Town) -> Iterator[Guest]:
    with make_chief(town) as made:
        yield made


def test_a_page_neither_grows_nor_shows_yesterday(browser: Browser, town: Town, server: Server, chief: Guest) -> None:
    watched = soak(town, server, chief, browser, PLAN)
    assert (watched.stale, watched.missed, watched.midnights) == ([], 0, PLAN.midnights)
    assert watched.scenes >= PLAN.scenes and watched.pushed == PLAN.changes
    assert 0 < watched.heard <= PLAN.changes
    first, last = watched.marks[0], watched.marks[-1]
    assert last.contexts == first.contexts
    # Scenes differ in what they hold, and what a page keeps fills at first: only what grows without end is seen in so short a time.
    assert last.nodes < 3 * first.nodes
    assert last.heap_mb < 2 * first.heap_mb


def test_a_clock_that_is_moved_goes_on_from_there() -> None:
    hand = Hand(1_000.0, 50_000.0, 20.0)
    assert hand.at(1_000.0) == 50_000.0 and hand.at(1_500.0) == 60_000.0


def test_the_skew_is_between_the_first_and_the_last_screen() -> None:
    begins = [[("a", 10.0), ("b", 20.0)], [("a", 14.0), ("b", 21.0), ("b", 90.0)], [("a", 11.0), ("c", 30.0), ("b", 19.0)]]
    assert sorted(find_skews(begins)) == [2.0, 4.0], "a scene that is drawn anew has begun before; one that a screen left out has no skew"
