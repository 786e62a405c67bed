"""Rules, found by hand: order, categories above, areas and zones, hours past midnight, heads, validity."""

from datetime import UTC, date, datetime, time

import pytest

from data.core.errors import GridwellError
from data.deadlines.uploads import BadRows
from data.organisation.model import GRID_HEAD, CasePlace, Hours, Member, Organisation, RoutingRule, Unit, list_ancestors, parse_hours
from data.organisation.uploads import finder, read_members, read_routing_rules, read_units

TODAY = date(2026, 11, 29)
UNITS = (Unit("a", "甲"), Unit("b", "乙"), Unit("old", "旧", valid_to=date(2026, 11, 28)), Unit("new", "新", valid_from=date(2026, 11, 30)))


def case(categories: str = "rubbish env", areas: str = "c1 s1 d1 city z", channel: str = "hotline", at: str = "10:00") -> CasePlace:
    hour, minute = map(int, at.split(":"))
    return CasePlace(frozenset(categories.split()), tuple(areas.split()), channel, datetime(2026, 11, 29, hour, minute, tzinfo=UTC))


def route(*rules: RoutingRule, members: tuple[Member, ...] = (), place: CasePlace | None = None) -> tuple[int, str, str | None] | None:
    found = Organisation(UNITS, members, rules).route(place or case(), TODAY)
    return found and (found.rule, found.unit, found.assignee)


def test_the_first_rule_that_fits_counts_whatever_the_order_of_the_table() -> None:
    assert route(RoutingRule(1, 2, "a"), RoutingRule(2, 1, "b")) == (2, "b", None)
    assert route(RoutingRule(1, 1, "a", category="trees"), RoutingRule(2, 2, "b")) == (2, "b", None)
    assert route(RoutingRule(1, 1, "a", category="trees")) is None
    assert route() is None


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (RoutingRule(1, 1, "a", category="rubbish"), True),
        (RoutingRule(1, 1, "a", category="env"), True),
        (RoutingRule(1, 1, "a", category="rubb"), False),
        (RoutingRule(1, 1, "a", area="s1"), True),
        (RoutingRule(1, 1, "a", area="z"), True),
        (RoutingRule(1, 1, "a", area="s2"), False),
        (RoutingRule(1, 1, "a", channel="hotline"), True),
        (RoutingRule(1, 1, "a", channel="video"), False),
        (RoutingRule(1, 1, "a", category="env", area="d1", channel="video"), False),
        (RoutingRule(1, 1, "a", valid_from=TODAY, valid_to=TODAY), True),
        (RoutingRule(1, 1, "a", valid_from=date(2026, 11, 30)), False),
        (RoutingRule(1, 1, "a", valid_to=date(2026, 11, 28)), False),
        (RoutingRule(1, 1, "old"), False),
        (RoutingRule(1, 1, "new"), False),
        (RoutingRule(1, 1, "nobody"), False),
    ],
)
def test_every_part_of_a_rule_must_fit(rule: RoutingRule, fits: bool) -> None:
    assert (route(rule) is not None) == fits


@pytest.mark.parametrize(
    ("span", "inside", "outside"),
    [
        ("08:00-18:00", ["08:00", "17:59"], ["07:59", "18:00", "00:00"]),
        ("18:00-08:00", ["18:00", "23:59", "00:00", "07:59"], ["08:00", "17:59"]),
        ("18:00-24:00", ["18:00", "23:59"], ["00:00", "17:59"]),
        ("00:00-24:00", ["00:00", "12:00", "23:59"], []),
        ("9:00～17:30", ["09:00"], ["17:30"]),
        ("9：00至17：30", ["09:00"], ["17:30"]),
    ],
)
def test_hours_from_the_first_to_the_last_which_is_outside(span: str, inside: list[str], outside: list[str]) -> None:
    hours = parse_hours(span)
    assert [at for at in inside + outside if hours.hold(time.fromisoformat(at))] == inside
    assert parse_hours(str(hours)) == hours


@pytest.mark.parametrize("text", ["", "8-18", "25:00-26:00", "08:60-09:00", "24:30-25:00", "08:00-24:01", "08:00", "always"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_hours(text)


def test_the_head_is_that_of_the_smallest_area_that_has_one() -> None:
    heads = (Member("a", "street", "s1", "head"), Member("b", "district", "d1", "head"), Member("a", "worker", "c1", "worker"))
    rule = RoutingRule(7, 1, GRID_HEAD)
    assert route(rule, members=heads) == (7, "a", "street")
    assert route(rule, members=heads, place=case(areas="c9 s9 d1 city")) == (7, "b", "district")
    assert route(rule, RoutingRule(8, 2, "b"), members=heads, place=case(areas="c9 s9 d9")) == (8, "b", None)
    gone = (Member("a", "left", "c1", "head", valid_to=date(2026, 11, 28)), Member("old", "closed", "c1", "head"), *heads)
    assert route(rule, members=gone) == (7, "a", "street")


def test_categories_above_are_listed_and_a_ring_ends() -> None:
    assert list(list_ancestors("x", {"x": "y", "y": None})) == ["x", "y"]
    assert list(list_ancestors("x", {"x": "y", "y": "x"})) == ["x", "y"]
    assert list(list_ancestors("x", {})) == ["x"]


FIND_UNIT, ZHANG, S1 = finder({"甲": "a", "a": "a", "b": "b"}), finder({"zhang": "zhang"}), finder({"s1": "s1"})


def test_tables_are_read_in_both_languages_and_in_gbk() -> None:
    units = read_units("单位编码,单位名称,所属部门,失效日期\ncg,城管中队,城管局,2027年1月2日\n".encode("gbk"))
    assert units == [Unit("cg", "城管中队", department="城管局", valid_to=date(2027, 1, 2))]
    members = read_members("单位,账号,区域,岗位\n甲,ZHANG,s1,网格长\n".encode(), FIND_UNIT, ZHANG, S1)
    assert members == [Member("a", "zhang", "s1", "head")]
    table = "category,area,channel,hours,unit\nenv,*,hotline,18:00-08:00,甲\n,,,,网格长\n"
    rules = read_routing_rules(table.encode(), FIND_UNIT, finder({"env": "env"}), finder({}))
    assert rules == [RoutingRule(2, 2, "a", "env", None, "hotline", Hours(time(18), time(8))), RoutingRule(3, 3, GRID_HEAD)]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("env,,,,c", "Line 2: the city has no unit “c”; the nearest is"),
        ("enw,,,,a", "Line 2: the city has no category “enw”; the nearest is “env”."),
        (",xx,,,a", "Line 2: the city has no area “xx”; the nearest is “s1”."),
        (",,hotlin,,a", "Line 2: there is no channel “hotlin”; the nearest is “hotline”."),
        (",,,8-18,a", "Line 2: “8-18” is no span of hours; write 08:00-18:00."),
    ],
)
def test_a_bad_rule_is_named_by_its_line_with_the_nearest_word(line: str, sentence: str) -> None:
    table = f"category,area,channel,hours,unit\n{line}\n".encode()
    with pytest.raises(BadRows) as refused:
        read_routing_rules(table, FIND_UNIT, finder({"env": "env"}), finder({"s1": "s1"}))
    assert refused.value.tell("en")[0].startswith(sentence)


def test_bad_units_and_members_are_told_all_at_once() -> None:
    with pytest.raises(BadRows) as refused:
        read_units(b"code,name,valid_from,valid_to\na,x,,\na,y,,\n,z,,\nb,,,\nc,w,2027-13-01,\nd,v,2027-02-02,2027-02-01\n")
    assert [problem.kind for problem in refused.value.problems] == ["twice", "no_code", "no_code", "no_day", "backwards"]  # type: ignore[attr-defined]
    with pytest.raises(BadRows) as more:
        read_members(b"unit,account,area,post\na,zhang,,head\na,zhang,s1,boss\n", FIND_UNIT, ZHANG, S1)
    assert [problem.kind for problem in more.value.problems] == ["no_head_area", "no_post"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("raw", [b"", b"code\nx\n", b"\xff\xff\xff", b"x" * 3_000_000])
def test_what_is_no_table_is_refused(raw: bytes) -> None:
    with pytest.raises(GridwellError):
        read_units(raw)
