"""Notices in the database of a city: their areas, later ones that end them, who may bring them in, and what walls are told."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, timedelta

import psycopg
import pytest
import small_city as city
import twin_city as twin
from cap_files import NOW, OTHER, make_cap, make_info, name
from databases import FreshDatabase
from rights_tools import viewer_of

from data.core.errors import NotOpen
from data.core.roles import ROLES
from data.core.viewer import Viewer, everything
from data.database.locks import VERSIONING
from data.doctor.examine import CITY_CHECKS
from data.hazards import taking
from data.hazards.cap import read_cap
from data.hazards.model import BadNotice
from data.hazards.taking import Taken, TooManyNotices, WhichCity, find_city, take_as_owner, take_for
from data.migrations.hazards import notices_0049
from data.schema import SUBJECTS
from data.wall.figures import read_wall_figures
from data.wall.types import Hazard
from data.wall.watching import forget_old

HALL = Viewer("hall", "Hall", "zh", 1, "wall", "figures", "*", "*", "", "*")
EAST = "<areaDesc>东</areaDesc><polygon>29,120.021 29,122 31,122 31,120.021 29,120.021</polygon>"
"""The second district: the border is at 120.02 degrees."""


@pytest.fixture
def owner(fresh_database: FreshDatabase) -> Iterator[psycopg.Connection]:
    with fresh_database(city.load) as url, psycopg.connect(url, autocommit=True) as connection:
        yield connection


def take(owner: psycopg.Connection, *infos: str, identifier: str = "a-1", **more: object) -> Taken:
    return take_as_owner(owner, city.CITY, read_cap(make_cap(*infos, identifier=identifier, **more)))  # type: ignore[arg-type]


def told(area: str | None = None, viewer: Viewer = HALL) -> list[Hazard]:
    return asyncio.run(read_wall_figures(area, viewer, {}))[0]["hazards"]


def events(area: str | None = None) -> list[str]:
    return [one["event"] for one in told(area)]


def geocode(*codes: str) -> str:
    return "<areaDesc>x</areaDesc>" + "".join(f"<geocode><valueName>c</valueName><value>{code}</value></geocode>" for code in codes)


def test_a_wall_is_told_of_the_most_serious_first_in_both_languages(owner: psycopg.Connection) -> None:
    english = make_info("Gale", "Minor", "en")
    assert take(owner, make_info("大风", "Minor"), english, make_info("暴雨", "Extreme")) == {"result": "taken", "ended": 0, "areas": []}
    first, second = told()
    assert (first["event"], first["event_en"], first["level"]) == ("暴雨", "暴雨", 1)
    assert (second["event"], second["event_en"], second["level"]) == ("大风", "Gale", 4)
    assert second["ends_at"] == (NOW + timedelta(hours=6)).isoformat() and second["is_end_said"]


def test_what_is_over_or_far_off_is_not_told_and_what_comes_soon_is(owner: psycopg.Connection) -> None:
    take(owner, make_info("过去", expires=-1, more=f"<onset>{(NOW - timedelta(hours=3)).isoformat()}</onset>"), identifier="past")
    take(owner, make_info("将来", expires=30, more=f"<onset>{(NOW + timedelta(hours=20)).isoformat()}</onset>"), identifier="soon")
    take(owner, make_info("远", expires=90, more=f"<onset>{(NOW + timedelta(hours=40)).isoformat()}</onset>"), identifier="far")
    assert events() == ["将来"]


def test_areas_by_polygon_circle_code_name_and_zone(owner: psycopg.Connection) -> None:
    take(owner, make_info("面", area=EAST), identifier="p")
    assert (events(), events(city.D2), events(city.D1)) == (["面"], ["面"], [])
    assert events(city.C5) == ["面"] and events(city.C1) == []
    assert events(city.ZONE) == ["面"], "a zone with a cell in it"
    assert (
        take(owner, make_info("圆", area="<areaDesc>x</areaDesc><circle>30.015,120.005 0.2</circle>"), identifier="c")["result"] == "taken"
    )
    assert events(city.C1) == ["圆"] and events(city.C2) == []
    assert take(owner, make_info("码", area=geocode(city.S1)), identifier="g")["areas"] == [city.S1]
    assert events(city.C2) == ["码"] and events(city.C5) == ["面"]
    assert set(events(city.D1)) == {"圆", "码"}, "what holds the area, and what is inside it"
    take(owner, make_info("区", area=geocode(city.C3)), identifier="z")
    assert set(events(city.ZONE)) == {"面", "区"}
    (row,) = owner.execute("SELECT name FROM area WHERE code = %s", [city.D1]).fetchall()
    assert take(owner, make_info("名", area=f"<areaDesc>外地、{row[0]}</areaDesc>"), identifier="n")["areas"] == [city.D1]


def test_codes_of_what_is_larger_or_smaller_than_is_known(owner: psycopg.Connection) -> None:
    assert city.CITY.startswith("99")
    assert take(owner, make_info("省", area=geocode("990000")), identifier="1")["areas"] == [city.CITY]
    assert take(owner, make_info("国", area=geocode("000000000000")), identifier="2")["areas"] == [city.CITY]
    assert take(owner, make_info("外", area=geocode("110101")), identifier="3") == {"result": "outside", "ended": 0, "areas": []}
    below = f"{city.D1}999999"[: len(city.D1) + 6]
    assert take(owner, make_info("下", area=geocode(below)), identifier="4")["areas"] in ([city.D1], [city.CITY])


def test_outside_is_not_kept_and_the_same_is_taken_once(owner: psycopg.Connection) -> None:
    far = make_info(area="<areaDesc>far</areaDesc><polygon>1,1 1,2 2,2 2,1 1,1</polygon>")
    assert take(owner, far)["result"] == "outside"
    assert owner.execute("SELECT count(*) FROM hazard_notice").fetchone() == (0,)
    assert [take(owner, make_info())["result"] for _ in range(2)] == ["taken", "known"]
    assert owner.execute("SELECT count(*) FROM hazard_part").fetchone() == (1,)
    crossed = "<areaDesc>x</areaDesc><polygon>29,119 31,122 29,122 31,119 29,119</polygon>"
    assert take(owner, make_info("交叉", area=crossed), identifier="x")["result"] == "taken", "a polygon that crosses itself is put right"


def test_updates_and_cancellations_end_what_they_name_in_any_order(owner: psycopg.Connection) -> None:
    take(owner, make_info("一"))
    assert take(owner, make_info("二"), identifier="a-2", kind="Update", references=name("a-1"), sent=0.1)["ended"] == 1
    assert events() == ["二"]
    assert take(owner, identifier="a-3", kind="Cancel", references=f"{name('a-1')} {name('a-2', 0.1)}", sent=0.2)["ended"] == 1
    assert events() == []
    take(owner, identifier="b-2", kind="Cancel", references=name("b-1"), sent=1)
    assert take(owner, make_info("晚"), identifier="b-1")["result"] == "replaced", "it came after the message that takes it back"
    assert events() == []
    take(owner, make_info("三"), identifier="c-1", sent=2)
    take(owner, identifier="c-0", kind="Cancel", references=name("c-1"), sent=1)
    assert events() == ["三"], "nothing takes back what was sent after it"
    over = make_info("过", more="<responseType>AllClear</responseType>")
    assert take(owner, over, identifier="c-2", kind="Update", references=name("c-1"), sent=3)["ended"] == 1
    assert events() == []


def test_only_its_sender_ends_a_notice_also_one_of_the_same_name(owner: psycopg.Connection) -> None:
    take(owner, make_info("一"))
    assert take(owner, make_info("二"), sender=OTHER)["result"] == "taken", "another sender's notice may have the same identifier"
    assert set(events()) == {"一", "二"}
    for kind, infos in (("Cancel", ()), ("Update", (make_info("三"),))):
        with pytest.raises(BadNotice, match="only who sent"):
            take(owner, *infos, identifier="a-2", kind=kind, references=name("a-1"), sent=1, sender=OTHER)
    assert set(events()) == {"一", "二"}
    assert take(owner, identifier="a-2", kind="Cancel", references=name("a-1", sender=OTHER), sent=1, sender=OTHER)["ended"] == 1
    assert events() == ["一"]
    take(owner, identifier="b-2", kind="Cancel", references=name("b-1", sender=OTHER), sent=1, sender=OTHER)
    assert take(owner, make_info("四"), identifier="b-1")["result"] == "taken", "what was taken back before it came was another one"
    assert take(owner, identifier="a-3", kind="Cancel", references=name("a-1"), sent=1)["ended"] == 1
    assert events() == ["四"]


def test_a_city_knows_only_its_own_notices(fresh_database: FreshDatabase) -> None:
    with fresh_database(twin.load) as url, psycopg.connect(url, autocommit=True) as owner:
        notice = read_cap(make_cap(make_info()))
        for code in (twin.HERE, twin.THERE):
            assert take_as_owner(owner, code, notice)["result"] == "taken", "both are inside the polygon"
        there = Viewer("feed", "Feed", "zh", 1, "hazard_feed", "figures", twin.THERE, twin.THERE, "", twin.THERE)
        cancel = read_cap(make_cap(identifier="a-2", kind="Cancel", references=name("a-1"), sent=1))
        with pytest.raises(NotOpen):
            asyncio.run(take_for(there, twin.HERE, cancel))
        assert asyncio.run(take_for(there, twin.THERE, cancel))["ended"] == 1
        assert (events(twin.HERE), events(twin.THERE)) == (["暴雨"], [])


def test_areas_that_take_too_long_are_refused_and_nothing_is_kept(owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "LONGEST_MS", 200)
    owner.execute("CREATE FUNCTION stand() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN NEW; END'")
    owner.execute("CREATE TRIGGER stand BEFORE INSERT ON hazard_part FOR EACH ROW EXECUTE FUNCTION stand()")
    feed = Viewer("feed", "Feed", "zh", 1, "hazard_feed", "figures", "*", "*", "", "*")
    with pytest.raises(BadNotice, match="takes too long"):
        take(owner, make_info())
    with pytest.raises(BadNotice, match="takes too long"):
        asyncio.run(take_for(feed, city.CITY, read_cap(make_cap(make_info()))))
    assert owner.execute("SELECT count(*) FROM hazard_notice").fetchone() == (0,)
    assert owner.execute("SHOW statement_timeout").fetchone() != ("200ms",), "the limit is that notice's alone"


def test_a_change_is_told_to_listeners_once(owner: psycopg.Connection) -> None:
    def versions() -> dict[str, int]:
        return owner.execute("SELECT versions FROM city WHERE code = %s", [city.CITY]).fetchone()[0]  # type: ignore[index,no-any-return]

    owner.execute("LISTEN gridwell_changes")
    before = versions()
    take(owner, make_info())
    after = versions()
    assert set(after) == set(SUBJECTS) and after["hazards"] > max(before.values())
    assert {name: after[name] for name in before if name != "hazards"} == {name: n for name, n in before.items() if name != "hazards"}
    assert len(list(owner.notifies(timeout=0.5))) == 1
    assert owner.execute("SELECT body -> 'versions' FROM live_event ORDER BY id DESC LIMIT 1").fetchone() == (after,)
    take(owner, make_info())
    assert versions() == after, "what is known changes nothing"
    assert VERSIONING == notices_0049._VERSIONING
    assert list(SUBJECTS) == notices_0049._SUBJECTS.replace("'", "").split(", ")


def test_who_may_bring_notices_in(owner: psycopg.Connection) -> None:
    able = {role for role, its in ROLES.items() if "tell_hazards" in its.abilities}
    assert {one.strip("' ") for one in notices_0049._TELLERS.split(",")} == able == {"hazard_feed", "supervisor", "administrator"}
    notice = read_cap(make_cap(make_info()))
    of_a_part = Viewer("f", "F", "zh", 1, "hazard_feed", "figures", city.path_of(city.D1), "*", "", city.D1)
    for viewer in (HALL, everything(), viewer_of(city.S1), of_a_part):
        with pytest.raises(NotOpen):
            asyncio.run(take_for(viewer, city.CITY, notice))
    assert told() == []
    feed = Viewer("feed", "Feed", "zh", 1, "hazard_feed", "figures", "*", "*", "", "*")
    assert asyncio.run(take_for(feed, city.CITY, notice))["result"] == "taken"
    assert events() == ["暴雨"]
    found = owner.execute("SELECT account, subject, detail ->> 'identifier' FROM audit_log WHERE action = 'hazard_notice'").fetchall()
    assert [row[1:] for row in found] == [(city.CITY, "a-1")]


def test_a_feed_that_floods_is_stopped_and_may_still_cancel(owner: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Viewer("feed", "Feed", "zh", 1, "hazard_feed", "figures", "*", "*", "", "*")

    def send(*infos: str, **more: str) -> Taken:
        return asyncio.run(take_for(feed, city.CITY, read_cap(make_cap(*infos, **more))))

    monkeypatch.setattr(taking, "MOST_IN_FORCE", 2)
    send(make_info(), identifier="f-1")
    far = make_info(area="<areaDesc>far</areaDesc><polygon>1,1 1,2 2,2 2,1 1,1</polygon>")
    assert send(far, identifier="f-0")["result"] == "outside"
    send(make_info("大风"), identifier="f-2")
    monkeypatch.setattr(taking, "MOST_IN_FORCE", 20)
    monkeypatch.setattr(taking, "MOST_POINTS_IN_FORCE", 10)
    with pytest.raises(TooManyNotices, match="with 10 points"):
        send(make_info("冰雹"), identifier="f-3")
    monkeypatch.setattr(taking, "MOST_IN_FORCE", 2)
    monkeypatch.setattr(taking, "MOST_POINTS_IN_FORCE", 200)
    with pytest.raises(TooManyNotices):
        send(make_info("冰雹"), identifier="f-3")
    assert send(identifier="f-4", kind="Cancel", references=name("f-1"))["ended"] == 1
    assert send(make_info("冰雹"), identifier="f-3")["result"] == "taken"
    told = owner.execute("SELECT detail ->> 'identifier' FROM audit_log WHERE action = 'hazard_notice' ORDER BY no").fetchall()
    assert [one for (one,) in told] == ["f-1", "f-2", "f-4", "f-3"], "what is about other cities fills no log"


def test_old_notices_go_with_the_next_one_and_without_one(owner: psycopg.Connection) -> None:
    take(owner, make_info())
    owner.execute("UPDATE hazard_notice SET sent_at = now() - interval '91 days'")
    take(owner, make_info(), identifier="a-2")
    assert owner.execute("SELECT count(*) FROM hazard_notice").fetchone() == (2,), "what is in force stays"
    owner.execute("UPDATE hazard_part SET starts_at = now() - interval '99 days', ends_at = now() - interval '91 days'")
    take(owner, make_info(), identifier="a-3")
    assert owner.execute("SELECT source FROM hazard_notice ORDER BY id").fetchall() == [
        ("office@example.org,a-2",),
        ("office@example.org,a-3",),
    ]
    for hours, kept in ((-2, 2), (2, 1)):
        forget_old(owner, NOW + timedelta(days=90, hours=hours))
        assert owner.execute("SELECT count(*) FROM hazard_notice").fetchone() == (kept,), "the wall keeper deletes them, too"
    assert owner.execute("SELECT count(*) FROM hazard_part").fetchone() == (1,)


def test_the_doctor_names_notices_that_no_wall_shows_and_those_that_stay_too_long(owner: psycopg.Connection) -> None:
    def found() -> tuple[tuple[str, ...], tuple[str, ...]]:
        areas, kept = (CITY_CHECKS[code][1](owner, city.CITY) for code in ("hazard.areas", "hazard.kept"))
        assert areas.ok is not bool(areas.total) and kept.ok
        return areas.offenders, kept.offenders

    take(owner, make_info("面", area=EAST), make_info("码", area=geocode(city.S1)))
    take(owner, make_info("旧", area=geocode(city.S1)), identifier="old")
    assert found() == ((), ())
    owner.execute("UPDATE hazard_part SET geom = ST_Translate(geom, 9, 0) WHERE geom IS NOT NULL")
    assert found() == (("office@example.org,a-1 · 面",), ())
    owner.execute("UPDATE hazard_part SET areas = '{renamed}' WHERE geom IS NULL")
    assert set(found()[0]) == {"office@example.org,a-1 · 码", "office@example.org,a-1 · 面", "office@example.org,old · 旧"}
    owner.execute("UPDATE hazard_part SET starts_at = now() - interval '99 days', ends_at = now() - interval '91 days'")
    assert found() == ((), ()), "what was sent not long ago stays"
    old = "UPDATE hazard_notice SET sent_at = now() - interval '91 days' WHERE source LIKE '%,old' RETURNING sent_at"
    sent = owner.execute(old).fetchone()
    assert sent and found() == ((), (f"office@example.org,old · {sent[0].astimezone(UTC):%Y-%m-%d}",))


def test_which_city(owner: psycopg.Connection) -> None:
    assert find_city(owner, None) == find_city(owner, city.CITY) == city.CITY
    with pytest.raises(WhichCity):
        find_city(owner, "nowhere")
