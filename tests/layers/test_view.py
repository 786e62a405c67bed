"""How an address is read, at the values where it becomes invalid."""

from datetime import date

import pytest

from data.core.period import Period
from layers.view import MOST_FILTERS, Camera, View, find_unread


@pytest.mark.parametrize(
    ("text", "sane"),
    [
        ("180,85,24,85,360", True),
        ("-180,-85,0,0,-360", True),
        ("180.1,0,10,0,0", False),
        ("0,85.1,10,0,0", False),
        ("0,-85.1,10,0,0", False),
        ("0,0,24.1,0,0", False),
        ("0,0,-0.1,0,0", False),
        ("0,0,10,85.1,0", False),
        ("0,0,10,-0.1,0", False),
        ("0,0,10,0,360.1", False),
        ("0,0,10,0", False),
        ("0,0,x,0,0", False),
        ("nan,0,10,0,0", False),
    ],
)
def test_a_camera_looks_at_this_planet(text: str, sane: bool) -> None:
    assert (Camera.parse(text) is not None) is sane


def test_a_camera_is_written_longitude_first_and_read_again() -> None:
    camera = Camera(116.39742, 39.90860, 15.25, 50.0, -16.0)
    assert View(camera=camera).search() == "?cam=116.39742,39.90860,15.25,50,-16"
    assert View.parse("?cam=116.39742,39.90860,15.25,50,-16").camera == camera


@pytest.mark.parametrize(
    ("text", "opacity"),
    [
        ("grid:100", {"grid": 100}),
        ("grid:0,flood:7", {"grid": 0, "flood": 7}),
        ("grid:101", {}),
        ("grid:1000", {}),
        ("grid:-1", {}),
        ("grid:٣", {}),
        ("roads:50", {}),
        ("grid", {}),
        ("grid:1:2", {}),
    ],
)
def test_opacity_is_a_whole_percentage_of_a_known_layer(text: str, opacity: dict[str, int]) -> None:
    assert View.parse(f"?opacity={text}").opacity == opacity


@pytest.mark.parametrize(
    ("window", "kept"),
    [
        ("wfrom=2026-10-20&wto=2026-10-25", True),
        ("wfrom=2026-10-20&wto=2026-10-24", True),
        ("wfrom=2026-10-20&wto=2026-10-23", False),
        ("wfrom=2026-11-22&wto=2026-11-22", True),
        ("wfrom=2026-11-23&wto=2026-11-24", False),
        ("wfrom=2026-10-30", False),
        ("wfrom=2026-10-30&wto=2026-10-29", False),
    ],
)
def test_a_window_counts_where_it_touches_the_period(window: str, kept: bool) -> None:
    view = View.parse(f"?from=2026-10-24&to=2026-11-22&{window}")
    assert view.period == Period(date(2026, 10, 24), date(2026, 11, 22))
    assert (view.window is not None) is kept and view.span == (view.window or view.period)


def test_a_window_needs_no_period() -> None:
    assert View.parse("?wfrom=2026-10-20&wto=2026-10-24").window == Period(date(2026, 10, 20), date(2026, 10, 24))


def test_filters_are_different_codes_a_hundred_at_most() -> None:
    view = View.parse("?cat=" + ",".join(f"c{n}" for n in range(MOST_FILTERS + 1)) + "&src=a,b,a")
    assert view.categories == tuple(f"c{n}" for n in range(100)) and view.channels == ("a", "b")


@pytest.mark.parametrize(
    "search",
    [
        "?units=galaxy",
        "?dim=4d",
        "?measure=happiness",
        "?method=magic",
        "?colour=mauve",
        "?theme=sepia",
        "?cam=x",
        "?from=2026-10-24",
        "?opacity=grid",
        "?cat=",
    ],
)
def test_what_cannot_be_understood_is_left_at_its_default(search: str) -> None:
    assert View.parse(search) == View()


def test_layers_are_read_in_the_order_of_the_panel() -> None:
    assert View.parse("?layers=flood,grid,roads").layers == ("grid", "flood")
    assert View(layers=()).search() == "?layers=none" and View.parse("?layers=none").layers == ()
    assert View().layers == ("grid", "incidents", "buildings")


def test_an_address_says_only_what_differs_and_brings_it_back() -> None:
    assert View().search() == ""
    view = View(
        area="110101",
        units="grid",
        dim="2d",
        layers=("grid", "flood"),
        opacity={"flood": 30, "buildings": 50},
        measure="open",
        method="natural",
        colour="use",
        period=Period(date(2026, 10, 1), date(2026, 10, 9)),
        window=Period(date(2026, 10, 2), date(2026, 10, 3)),
        categories=("env",),
        channels=("hotline",),
        building="1:b",
        incident="1:i",
        facility="1:f",
        camera=Camera(116, 39, 12),
        lang="en",
        theme="dark",
    )
    assert View.parse(view.search()) == view
    assert "opacity=buildings:50,flood:30" in view.search() and "cat=env&src=hotline" in view.search()


def test_breaks_that_were_kept_while_playing_do_not_outlast_another_choice() -> None:
    kept = View.parse("?measure=incidents&breaks=1,2.5,40")
    assert kept.breaks == (1.0, 2.5, 40.0) and View.parse(kept.search()) == kept
    assert kept.but(theme="dark", dim="2d").breaks == kept.breaks
    assert kept.but(measure="density").breaks == kept.but(area="1").breaks == kept.but(window=None).breaks == ()
    assert kept.but(window=None, breaks=(7.0,)).breaks == (7.0,)


@pytest.mark.parametrize("text", ["", "x", "1,x", "2,1", "1,1", "nan", "inf", "1,2,inf"])
def test_breaks_that_do_not_rise_are_none(text: str) -> None:
    assert View.parse(f"?breaks={text}").breaks == ()
    assert len(View.parse("?breaks=1,2,3,4,5,6,7,8").breaks) == 6


@pytest.mark.parametrize(
    ("address", "states", "severities", "written"),
    [
        ("?state=amber,overdue&severity=2,1", ("overdue", "amber"), (1, 2), "?state=overdue,amber&severity=1,2"),
        ("?state=overdue,overdue", ("overdue",), (), "?state=overdue"),
        ("?state=closed&severity=0,5,x", (), (), ""),
        ("?state=&severity=", (), (), ""),
    ],
)
def test_filters_of_open_cases_are_read_in_one_order(
    address: str, states: tuple[str, ...], severities: tuple[int, ...], written: str
) -> None:
    view = View.parse(address)
    assert (view.states, view.severities, view.search()) == (states, severities, written)


def test_what_no_deadline_state_and_no_severity_is_called_is_told() -> None:
    assert find_unread("?state=overdu,amber&severity=1,5") == [("state", "overdu", "overdue"), ("severity", "5", "4")]
    assert find_unread("?state=overdue,paused&severity=1,2,3,4") == []
