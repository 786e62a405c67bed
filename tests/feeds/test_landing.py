"""Deliveries become records: files as departments send them, each worst form of one, rights of what is kept, and two keepers at once."""

import io
import json
import threading
from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from pack_tools import DEPARTMENTS, LABOUR, make_pack
from rights_tools import Connection
from table_locks import until

from data.feeds.landing import queue
from data.feeds.landing.job import Job
from data.feeds.landing.queue import land_next, land_waiting
from data.feeds.landing.replaying import drop, replay
from data.feeds.landing.rules import make_statement, parse_rules
from data.feeds.landing.words import MASK, tell_problem, tell_row
from data.packs.declaration.model import Pack
from data.packs.declaration.shelf import find_packs
from data.packs.expressions import WorkingDays
from data.packs.tables.making import install

HEAD = "信用代码,名称,序,行业,营业额,联系人,检查,经度,纬度"
FIRMS = f"""{HEAD}
f1,一号厂,1,五金,12.50,沈卓,2026-10-01,120.005,30.015
f2,二号厂,2,silk,,,,120.015,30.015
f3,三号厂,,,,,,,
"""
MONTHS = """统一社会信用代码,月份,人数,欠薪天数,已发
f1,2026-09,10,0,是
f1,2026-10,12,3,否
f2,2026-10,800,,
f3,2026-10,0,5,
"""


def with_source(line: str, version: int = 2) -> Pack:
    """The pack whose feed of firms says something about its files."""
    changes = ("[feeds.firms.columns]", f"[feeds.firms.source]\n{line}\n[feeds.firms.columns]"), ("version = 1", f"version = {version}")
    return make_pack(LABOUR, *changes)


def load_labour(connection: Connection) -> None:
    install(connection, make_pack(), city.CITY, DEPARTMENTS)
    connection.commit()


@pytest.fixture
def own(fresh_database: FreshDatabase) -> Iterator[Connection]:
    """A city with the pack, as its owner; each statement is committed at once."""
    with fresh_database(city.load, load_labour) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


def deliver(connection: Connection, feed: str, content: bytes | str, name: str = "x.csv") -> int:
    raw = content if isinstance(content, bytes) else content.encode()
    row = connection.execute(
        "INSERT INTO feed_delivery (city, feed, department, contract, via, name, size, hash) VALUES (%s, %s, 'hrss', 1, 'push', %s, %s, %s)"
        " RETURNING id",
        [city.CITY, f"labour.{feed}", name, len(raw), sha256(raw).digest()],
    ).fetchone()
    assert row
    connection.execute("INSERT INTO feed_file (delivery, content) VALUES (%s, %s)", [row[0], raw])
    return int(row[0])


def take(connection: Connection, feed: str, content: bytes | str, name: str = "x.csv") -> dict[str, Any]:
    """Deliver a file and take it in: its row, and its rejects as (line, reason)."""
    number = deliver(connection, feed, content, name)
    assert land_next(connection)
    return look(connection, number)


def look(connection: Connection, number: int) -> dict[str, Any]:
    names = ("state", "rows", "loaded", "rejected", "quarantined", "problem", "report")
    row = connection.execute(f"SELECT {', '.join(names)} FROM feed_delivery WHERE id = %s".encode(), [number]).fetchone()
    assert row
    rejects = connection.execute("SELECT row, reason FROM feed_reject WHERE delivery = %s ORDER BY no", [number]).fetchall()
    return {**dict(zip(names, row, strict=True)), "id": number, "rejects": rejects}


def account(taken: dict[str, Any]) -> tuple[object, ...]:
    return taken["state"], taken["rows"], taken["loaded"], taken["rejected"], taken["quarantined"]


def all_firms(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(
        'SELECT f.code, f.name, "order", "select", turnover, contact, inspected, a.code, gw_row FROM packs.labour_firm f'
        " LEFT JOIN area a ON a.no = gw_area ORDER BY 1"
    ).fetchall()


def in_workbook(text: str) -> bytes:
    book, kept = openpyxl.Workbook(), io.BytesIO()
    for line in text.splitlines():
        book.active.append([cell or None for cell in line.split(",")])  # type: ignore[union-attr]
    book.save(kept)
    return kept.getvalue()


def in_json(text: str) -> bytes:
    head, *lines = [line.split(",") for line in text.splitlines()]
    return json.dumps([dict(zip(head, line, strict=True)) for line in lines], ensure_ascii=False).encode()


# ---- What comes is kept ----


def test_the_day_of_its_feed_tells_of_a_delivery_as_soon_as_it_is_taken_in(own: Connection) -> None:
    number = take(own, "firms", FIRMS)["id"]
    told = own.execute(
        "SELECT w.records, w.completeness, w.arrived_at = d.received_at FROM feed_day w JOIN feed_delivery d ON d.feed = w.feed"
        " WHERE d.id = %s AND w.feed = 'labour.firms' ORDER BY w.day DESC LIMIT 1",
        [number],
    ).fetchone()
    assert told is not None
    assert (told[0], told[2]) == (3, True)
    assert 0 < told[1] < 1, "some fields are empty"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (FIRMS.encode("gbk"), "企业.CSV"),
        (in_workbook(FIRMS), "a b.XLSX"),
        (in_json(FIRMS), "../x.json"),
        (("\ufeff" + FIRMS).encode(), "x.csv"),
    ],
    ids=["gbk", "xlsx", "json", "utf8"],
)
def test_the_forms_in_which_departments_send(own: Connection, content: bytes, name: str) -> None:
    if name.endswith("CSV"):
        install(own, with_source('encoding = "gbk"'), city.CITY)
    assert account(take(own, "firms", content, name)) == ("landed", 3, 3, 0, 0)
    found = [row[:-1] for row in all_firms(own)]
    assert found[0][:4] == ("f1", "一号厂", 1, "metal") and str(found[0][4]) in ("12.5", "12.50") and str(found[0][6]) == "2026-10-01"
    assert [(row[0], row[7]) for row in found] == [("f1", city.C1), ("f2", city.C3), ("f3", None)]
    assert found[1][3:7] == ("silk", None, None, None), "a code and its name mean the same, and nothing stays nothing"


def test_records_say_where_they_came_from_and_their_months_go_with_them(own: Connection) -> None:
    firms = take(own, "firms", FIRMS)
    taken = take(own, "wages", MONTHS)
    assert account(taken) == ("landed", 4, 4, 0, 1)
    assert taken["report"]["held"] == {"late_of_nobody": 1} and taken["report"]["marked"] == {"many": 1}
    months = own.execute(
        "SELECT firm, month::text, workers, late, paid, gw_delivery, gw_row, a.code FROM packs.labour_month"
        " LEFT JOIN area a ON a.no = gw_area"
        " ORDER BY 1, 2"
    ).fetchall()
    assert months == [
        ("f1", "2026-09-01", 10, 0, True, taken["id"], 2, city.C1),
        ("f1", "2026-10-01", 12, 3, False, taken["id"], 3, city.C1),
        ("f2", "2026-10-01", 800, None, None, taken["id"], 4, city.C3),
    ]
    moved = take(own, "firms", FIRMS.replace("120.005,30.015", "120.035,30.015"))
    assert own.execute("SELECT DISTINCT a.code FROM packs.labour_month JOIN area a ON a.no = gw_area WHERE firm = 'f1'").fetchall() == [
        (city.C7,)
    ]
    came = own.execute("SELECT code, gw_delivery FROM packs.labour_firm ORDER BY 1").fetchall()
    assert came == [("f1", moved["id"]), ("f2", firms["id"]), ("f3", firms["id"])], "what did not change is still of the first one"


def test_the_same_bytes_again_change_nothing(own: Connection) -> None:
    take(own, "firms", FIRMS)
    before = own.execute("SELECT * FROM packs.labour_firm ORDER BY code").fetchall()
    again = take(own, "firms", FIRMS)
    assert account(again) == ("landed", 3, 3, 0, 0) and again["report"]["changed"] == 0
    assert own.execute("SELECT * FROM packs.labour_firm ORDER BY code").fetchall() == before


# ---- What cannot be used is told ----


def test_each_faulty_row_has_its_reason(own: Connection) -> None:
    rows = [
        "f1,一,1,,,,,120.005,30.015",
        ",无码,1,,,,,,",
        "f4,,1,,,,,,",
        "f5,五,-1,,,,,,",
        "f6,六,1001,,,,,,",
        "f7,七,x,,,,,,",
        "f8,八,1.5,,,,,,",
        "f9,九,1,gold,,,,,",
        "fa,十,1,,,,昨天,,",
        "fb,十一,1,,,,,121.0,30.0",
        "fc,十二,1,,,,,0,0",
        "fd,十三,1,,,,,30.015,120.005",
        "f1,又一,1,,,,,,",
        "fe,十四,1,,about a million,,,,",
    ]
    taken = take(own, "firms", "\n".join([HEAD, *rows]))
    assert account(taken) == ("landed", 14, 1, 13, 0)
    assert dict(taken["rejects"]) == {
        **{3: "no_value", 4: "no_value", 5: "below_least", 6: "above_most", 7: "bad_number", 8: "not_whole", 9: "unknown_code"},
        **{10: "bad_date", 11: "outside_city", 12: "zero_coordinates", 13: "impossible_coordinates", 14: "key_again", 15: "bad_number"},
    }
    kept = own.execute("SELECT reason, facts FROM feed_reject WHERE delivery = %s", [taken["id"]]).fetchall()
    told = [tell_row(reason, facts, lang) for reason, facts in kept for lang in ("zh", "en")]
    assert all(told) and not [text for text in told if text in dict(kept)]
    facts = dict(own.execute("SELECT row, facts FROM feed_reject WHERE delivery = %s", [taken["id"]]).fetchall())
    assert (facts[5]["column"], facts[5]["value"], facts[5]["least"]) == ("序", "-1", "0")
    assert facts[14] == {"first": 2}
    assert MASK in str(facts[15]) and "million" not in str(kept), "a trade secret is told to nobody"


def test_links_lead_to_records_that_are_there(own: Connection) -> None:
    take(own, "firms", FIRMS)
    taken = take(own, "wages", MONTHS + "f9,2026-10,1,0,\nf1,2026-13,1,0,\nf1,October,1,0,\nf1,2026-08,1,0,maybe\n")
    assert dict(taken["rejects"]) == {6: "unknown_record", 7: "bad_date", 8: "bad_date", 9: "no_yes_or_no"}
    assert account(taken) == ("landed", 8, 4, 4, 1)


@pytest.mark.parametrize(
    ("content", "name", "state", "code"),
    [
        (b"", "x.csv", "empty", None),
        (HEAD.encode(), "x.csv", "empty", None),
        (b"[]", "x.json", "empty", None),
        (FIRMS.replace("名称", "企业名称").encode(), "x.csv", "failed", "missing_column"),
        (b"PK\x03\x04" + bytes(200), "x.xlsx", "failed", "unreadable_file"),
        (FIRMS.encode() + b'"f4,open\n', "x.csv", "failed", "open_quote"),
        (b"\x81\xff\x00\x01\x02" * 50, "x.csv", "failed", None),
        (b"<html><body>504 Gateway Time-out</body></html>", "x.csv", "failed", "web_page"),
    ],
    ids=["no byte", "no row", "no object", "renamed column", "broken workbook", "open quote", "no text", "web page"],
)
def test_a_file_that_cannot_be_used_leaves_everything_as_it_was(
    own: Connection, content: bytes, name: str, state: str, code: str | None
) -> None:
    take(own, "firms", FIRMS)
    before = all_firms(own)
    taken = take(own, "firms", content, name)
    assert account(taken) == (state, 0, 0, 0, 0)
    if state == "failed":
        assert code is None or taken["problem"]["code"] == code
        for lang in ("zh", "en"):
            assert tell_problem(taken["problem"], lang) != taken["problem"]["code"]
        assert "delivery." not in json.dumps(taken["problem"]), "the file is called as its sender called it"
    assert all_firms(own) == before


def test_a_feed_may_say_how_much_is_too_much(own: Connection) -> None:
    install(own, with_source("max_rejected = 1"), city.CITY)
    taken = take(own, "firms", FIRMS + "f4,,,,,,,,\nf5,,,,,,,,\n")
    assert taken["problem"]["code"] == "too_many_rejects" and all_firms(own) == []
    assert account(take(own, "firms", FIRMS + "f4,,,,,,,,\n")) == ("landed", 4, 3, 1, 0)


def test_coordinates_of_a_chinese_datum_are_shifted(own: Connection) -> None:
    install(own, with_source('datum = "gcj02"'), city.CITY)
    take(own, "firms", f"{HEAD}\nf1,一,,,,,,120.0099,30.015\n")
    row = own.execute("SELECT lon::text, ST_X(gw_geom), a.code FROM packs.labour_firm JOIN area a ON a.no = gw_area").fetchone()
    assert row and row[0] == "120.0099" and 120.004 < row[1] < 120.0065 and row[2] == city.C1


def test_places_by_building_and_by_area(own: Connection) -> None:
    row = own.execute("SELECT source_key, grid FROM building ORDER BY id LIMIT 1").fetchone()
    assert row
    own.execute("UPDATE building SET address = '码头路 1 号' WHERE source_key = 'b1' OR grid = %s", [city.C7])
    own.execute("UPDATE building SET address = '钟楼路 2 号' WHERE grid = %s", [city.C3])
    text = LABOUR.replace('place = { by = "point", lon = "lon", lat = "lat" }', 'place = { by = "building", field = "contact" }')
    install(own, make_pack(text, ("version = 1", "version = 2")), city.CITY)
    taken = take(
        own, "firms", f"{HEAD}\nf1,一,,,,{row[0]},,,\nf2,二,,,,钟楼路 2 号,,,\nf3,三,,,,码头路 1 号,,,\nf4,四,,,,无此处,,,\nf5,五,,,,,,,\n"
    )
    assert dict(taken["rejects"]) == {4: "several_places", 5: "unknown_building"}
    assert [(row[0], row[7]) for row in all_firms(own)] == [("f1", row[1]), ("f2", city.C3), ("f5", None)]
    install(own, make_pack(text, ('by = "building"', 'by = "area"'), ("version = 1", "version = 3")), city.CITY)
    taken = take(own, "firms", f"{HEAD}\nf1,一,,,,{city.S3},,,\nf2,二,,,,{city.ZONE},,,\n")
    assert dict(taken["rejects"]) == {3: "unknown_area_code"}
    assert all_firms(own)[0][7] == city.S3


# ---- Quarantine ----


def test_every_rule_of_the_shipped_packs_can_be_asked_of_every_feed() -> None:
    days = WorkingDays([date(2026, 11, 23)], date(2026, 11, 23), date(2026, 11, 23))
    asked = 0
    for found in find_packs():
        assert found.pack is not None
        for feed in found.pack.feeds.values():
            kind = found.pack.kinds[feed.kind]
            job = Job(city.CITY, ZoneInfo("Asia/Shanghai"), date(2026, 11, 23), found.pack, feed, kind, dict(feed.columns))
            typed = parse_rules(job)
            asked += len(typed)
            make_statement(job, typed, days)
    assert asked > 40


def waiting(connection: Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT id FROM feed_quarantine WHERE state = 'waiting' ORDER BY id")]


def test_a_row_is_put_right_and_goes_in(own: Connection) -> None:
    take(own, "firms", FIRMS)
    first = take(own, "wages", MONTHS)
    (number,) = waiting(own)
    assert own.execute("SELECT row, rules, held FROM feed_quarantine").fetchone() == (
        5,
        ["late_of_nobody"],
        {"firm": "f3", "month": "2026-10-01", "workers": 0, "late": 5},
    )
    assert replay(own, [number], {}).held == {number: ["late_of_nobody"]}
    assert replay(own, [number], {"workers": "many"}).faulty[number][0] == "bad_number"
    assert replay(own, [number], {"workers": -1}).faulty[number][0] == "below_least"
    assert replay(own, [number], {"firm": "f9"}).faulty[number][0] == "unknown_record"
    assert waiting(own) == [number]
    assert replay(own, [number], {"workers": 7}, "沈卓").done == [number]
    assert own.execute("SELECT workers, late, gw_delivery, gw_row FROM packs.labour_month WHERE firm = 'f3'").fetchone() == (
        7,
        5,
        first["id"],
        5,
    )
    assert own.execute("SELECT state, repaired, account FROM feed_quarantine").fetchone() == ("replayed", {"workers": 7}, "沈卓")
    assert replay(own, [number], {"workers": 8}) == type(replay(own, [], {}))(), "what is in does not go in twice"


def test_rules_know_the_month_before_and_the_citys_working_days(own: Connection) -> None:
    fallen = "workers = 0 and previous(workers, 1) > 0 or previous(workers, 2) = 12"
    of_friday = """
[rules.of_friday]
kind = "firm"
when = "working_day_after(inspected, 1) = date '2026-10-19'"
then = "mark"
reason = { zh = "周五检查", en = "Inspected on a Friday" }
"""
    changes = ("late > 0 and workers = 0", fallen), ("version = 1", "version = 2")
    install(own, make_pack(LABOUR + of_friday, *changes), city.CITY, DEPARTMENTS)
    marked = take(own, "firms", FIRMS.replace("2026-10-01", "2026-10-16"))
    assert marked["report"]["marked"] == {"of_friday": 1}
    head = MONTHS.splitlines()[0]
    both = take(own, "wages", f"{head}\nf1,2025-12,12,0,是\nf1,2026-01,0,0,是\nf2,2026-01,0,0,是\n")
    assert both["quarantined"] == 1, "the month before stands in the same file; of f2 none is known"
    later = take(own, "wages", f"{head}\nf1,2026-02,5,0,是\nf2,2026-03,0,0,是\n")
    assert later["quarantined"] == 1, "two months before stands in the table"
    held = own.execute("SELECT held ->> 'firm', held ->> 'month' FROM feed_quarantine ORDER BY id").fetchall()
    assert held == [("f1", "2026-01-01"), ("f1", "2026-02-01")]


def test_a_row_may_be_right_against_the_rule_or_given_up(own: Connection) -> None:
    take(own, "firms", FIRMS)
    take(own, "wages", MONTHS)
    assert replay(own, waiting(own), {}, heed_rules=False).done
    take(own, "wages", MONTHS.replace("f3,2026-10,0,5,", "f3,2026-09,0,5,"))
    assert drop(own, waiting(own)) == 1 and waiting(own) == []
    assert own.execute("SELECT count(*) FROM packs.labour_month WHERE firm = 'f3'").fetchone() == (1,)


def test_what_came_later_is_not_overwritten_by_what_waited(own: Connection) -> None:
    take(own, "firms", FIRMS)
    take(own, "wages", MONTHS)
    take(own, "wages", MONTHS.replace("f3,2026-10,0,5,", "f3,2026-10,40,0,"))
    numbers = waiting(own)
    assert replay(own, numbers, {"workers": 7}).newer == numbers
    assert own.execute("SELECT workers FROM packs.labour_month WHERE firm = 'f3'").fetchone() == (40,)


# ---- The queue ----


def test_two_keepers_take_each_delivery_in_once_and_in_order(fresh_database: FreshDatabase) -> None:
    with fresh_database(city.load, load_labour) as url:
        with psycopg.connect(url, autocommit=True) as own:
            for n in range(4):
                deliver(own, "firms", FIRMS.replace("一号厂", f"第{n}次"))
            deliver(own, "wages", MONTHS)
        counts: list[int] = []
        keepers = [threading.Thread(target=lambda: counts.append(land_waiting(url))) for _ in range(2)]
        for one in keepers:
            one.start()
        for one in keepers:
            one.join()
        assert land_waiting(url) + sum(counts) == 5
        with psycopg.connect(url) as own:
            assert all_firms(own)[0][1] == "第3次"
            assert own.execute("SELECT count(*) FROM feed_delivery WHERE landed_at IS NULL").fetchone() == (0,)


def test_one_that_is_taken_in_is_left_to_its_keeper(own: Connection, fresh_database: FreshDatabase) -> None:
    deliver(own, "firms", FIRMS)
    deliver(own, "firms", FIRMS)
    with psycopg.connect(own.info.dsn) as other:
        other.execute("SELECT FROM feed_delivery ORDER BY id LIMIT 1 FOR UPDATE")
        assert not land_next(own), "nor is the next one of the feed taken before it"
    assert land_next(own) and land_next(own) and not land_next(own)


def test_a_keeper_that_ends_in_between_leaves_it_waiting(own: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    number = deliver(own, "firms", FIRMS)
    with monkeypatch.context() as patch:

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(queue, "write_outcome", stop)
        with pytest.raises(KeyboardInterrupt):
            land_next(own)
    assert look(own, number)["state"] == "received" and all_firms(own) == []
    assert land_next(own) and len(all_firms(own)) == 3


def test_a_fault_of_the_program_stops_no_other_delivery(own: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    number = deliver(own, "firms", FIRMS)
    with monkeypatch.context() as patch:

        def fall(*_: object) -> None:
            raise ZeroDivisionError

        patch.setattr("data.feeds.landing.delivery.hold_rows", fall)
        assert land_next(own)
    taken = look(own, number)
    assert account(taken) == ("failed", 0, 0, 0, 0) and "ZeroDivisionError" in tell_problem(taken["problem"], "en") and all_firms(own) == []
    assert account(take(own, "firms", FIRMS)) == ("landed", 3, 3, 0, 0)


def test_a_feed_that_is_gone_is_told(own: Connection) -> None:
    text = LABOUR[: LABOUR.index("[feeds.wages]")].replace("version = 1", "version = 2")
    install(own, make_pack(text), city.CITY)
    assert take(own, "wages", MONTHS)["problem"]["code"] == "feed_gone"


def test_the_keeper_hears_of_a_delivery_and_takes_it_in(own: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "LOOK_EVERY_S", 3_600.0)
    monkeypatch.setattr(queue.FeedKeeper, "every_s", 0.05)
    keeper = queue.FeedKeeper()
    thread = threading.Thread(target=keeper.run)
    thread.start()
    try:
        first = deliver(own, "firms", FIRMS)
        until(lambda: look(own, first)["state"] == "landed", "what waited is taken in")
        second = deliver(own, "firms", FIRMS)
        own.execute("NOTIFY gridwell_feeds")
        until(lambda: look(own, second)["state"] == "landed", "what came is taken in")
    finally:
        keeper.close()
        thread.join()
