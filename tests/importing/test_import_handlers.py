"""Cases of an import belong to the units that their handlers' names mean; what is not clear is told, and nobody sees more by it."""

import argparse
import json
import shlex
from datetime import date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from import_city import PROFILE, bring, sentences, write_city

from cli import units as command
from data.cases.life import replay
from data.cases.states import CaseState, Event
from data.importing.run import Outcome
from data.organisation.model import Member, Unit
from data.organisation.name_store import write_names
from data.organisation.store import read_organisation, write_members, write_units

pytestmark = pytest.mark.slow

WITH_HANDLER = PROFILE + 'handler = "by"\n'
HEAD = "id,type,status,reported,due,closed,lon,lat,by"
ROWS = {
    "1": "1,Lamp,open,2026-10-02 08:00,,,10.005,50.015,城管（一） 中队",
    "2": "2,Lamp,open,2026-10-01 23:30,,,10.005,50.005,Parks  Dept",
    "3": "3,Lamp,open,2026-10-03 08:00,,,10.015,50.015,甲",
    "4": "4,Lamp,open,2026-10-04 08:00,,,10.015,50.005,Parks Dept.",
    "5": "5,Lamp,open,2026-10-05 08:00,,,10.015,50.005,",
    "6": "6,Lamp,open,2026-10-06 08:00,,,10.015,50.005,值班室",
}
UNITS = [Unit("cg", "城管(一)中队"), Unit("a", "甲"), Unit("b", "乙", "甲"), Unit("duty", "值班室")]
YESTERDAY = date(2026, 10, 30)


def load(folder: Path, profile: str = WITH_HANDLER, rows: dict[str, str] = ROWS) -> Outcome:
    outcome = bring(write_city(folder, profile, "\n".join([HEAD, *rows.values(), ""])))
    assert outcome.outcome in ("loaded", "unchanged"), sentences(outcome)
    return outcome


def organise(database: str, units: list[Unit] = UNITS) -> None:
    """Give the city units; one of them has a member."""
    with psycopg.connect(database) as owner:
        write_units(owner, "T", units, YESTERDAY)
        write_members(owner, "T", [Member("duty", "liu")])


def stored(database: str) -> dict[str, str | None]:
    """Unit of each case that has one."""
    with psycopg.connect(database) as owner:
        return dict(owner.execute("SELECT source_key, unit FROM incident WHERE unit IS NOT NULL").fetchall())


def run(words: str) -> int:
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return int(command.run(parser.parse_args(shlex.split(words))))


def remarks(outcome: Outcome) -> str:
    return "\n".join(one["en"] for one in outcome.report["remarks"])


def test_an_import_links_what_is_clear_and_tells_the_rest(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    told = remarks(load(tmp_path))
    assert stored(database) == {}
    assert "Cases whose handler's name no unit has: 5, by name: " in told and "./gridwell units T --link --make" in told
    organise(database)
    outcome = bring(tmp_path / "city.toml", again=True)
    assert stored(database) == {"1": "cg"}, "a unit with one name; nobody is chosen of two, and no member sees more"
    told = remarks(outcome)
    assert "Cases that belong to the unit that their handler's name means: 1 (names: 1)." in told
    assert "several units have, so that none was chosen: 1, by name: “甲” 1 (a, b)" in told
    assert "whose members would see them, which nobody allowed: 1, by name: “值班室” 1 (duty)" in told
    assert bring(tmp_path / "city.toml", again=True).outcome == "unchanged"

    # An administrator says what names mean: now, and for what comes later.
    names = tmp_path / "names.csv"
    names.write_text("name,unit\n甲,乙\nparks dept.,cg\n", encoding="utf-8")
    assert run(f"T --names {names} --dry-run") == 0 and stored(database) == {"1": "cg"}
    assert run(f"T --names {names}") == 0
    assert stored(database) == {"1": "cg", "3": "b", "4": "cg"}
    assert "Cases that got another unit than they had: 2." in capsys.readouterr().out
    assert bring(tmp_path / "city.toml", again=True).outcome == "unchanged", "an import follows the table of names"
    assert run("T --link") == 0
    assert stored(database) == {"1": "cg", "3": "b", "4": "cg", "6": "duty"}, "an administrator's act widens what members see"
    assert "Further cases that the members of duty (1) see: 1." in capsys.readouterr().out
    assert run("T --link --make") == 0
    with psycopg.connect(database) as owner:
        made = {unit.code: unit for unit in read_organisation(owner, "T").units}
        assert str(made["parks-dept"].valid_from) == "2026-10-01", "the day of its first case, in the city's time zone"
        kept = owner.execute("SELECT detail FROM audit_log WHERE action = 'units' ORDER BY no").fetchall()
        assert kept[-1][0] == {"names": 0, "linked_cases": 1, "made": 1}
    names.write_text("name,unit\n甲,\n", encoding="utf-8")
    assert run(f"T --names {names}") == 0
    assert stored(database) == {"1": "cg", "2": "parks-dept", "4": "cg", "6": "duty"}, "a name may mean no unit"
    names.write_text("name,unit\n甲,nobody\n", encoding="utf-8")
    assert run(f"T --names {names}") == 2 and stored(database)["1"] == "cg", "a bad table changes nothing"
    assert bring(tmp_path / "city.toml", again=True).outcome == "unchanged"


NAMED = """
[units]
handlers = "make"
[units.named.PARKS]
name = "园林局"
name_en = "Parks Department"
department = "住建委"
phone = "010-66001234"
values = ["Parks  Dept"]
"""


def test_a_profile_can_have_units_made_of_its_own_list(database: str, tmp_path: Path) -> None:
    outcome = load(tmp_path, NAMED + WITH_HANDLER)
    assert stored(database) == {"1": "cheng-guan-yi-zhong-dui", "2": "PARKS", "3": "jia", "4": "parks-dept", "6": "zhi-ban-shi"}
    with psycopg.connect(database) as owner:
        units = {unit.code: unit for unit in read_organisation(owner, "T").units}
    assert (units["PARKS"].name, units["PARKS"].department, units["PARKS"].phone) == ("园林局", "住建委", "010-66001234")
    assert {code: str(unit.valid_from) for code, unit in units.items()}["PARKS"] == "2026-10-01"
    assert "Units made of handlers' names, each valid from its first case: 5, namely " in remarks(outcome)
    # What people did here stands, whatever the table of names says later: the history of a case gives its state again.
    with psycopg.connect(database) as owner:
        key = owner.execute("UPDATE incident SET version = 2, unit = 'jia' WHERE source_key = '2' RETURNING district, id, stage").fetchone()
        write_names(owner, "T", [("Parks Dept", "jia"), ("甲", "PARKS")])
    assert key
    later = {**ROWS, "2": ROWS["2"].replace("Lamp", "Smell"), "7": "7,Lamp,open,2026-09-01 08:00,,,10.015,50.005,parks dept"}
    told = load(tmp_path, NAMED + WITH_HANDLER, later)
    assert stored(database) == {"1": "cheng-guan-yi-zhong-dui", "2": "jia", "3": "PARKS", "4": "parks-dept", "6": "zhi-ban-shi", "7": "jia"}
    assert told.report["changes"]["incident"]["updated"] == 2
    state = CaseState("in_progress", version=2, unit="jia")
    base = Event(1, datetime(2026, 10, 7), "remark", "in_progress", "x", "jia", details={"base": state.to_json()})
    assert replay([base]).unit == "jia" and json.dumps(state.to_json())


def test_text_leaves_names_as_they_are(database: str, tmp_path: Path) -> None:
    load(tmp_path)
    organise(database)
    profile = '[units]\nhandlers = "text"\n' + WITH_HANDLER
    load(tmp_path, profile)
    assert stored(database) == {}
    with psycopg.connect(database) as owner:
        write_names(owner, "T", [("值班室", "duty")])
    load(tmp_path, profile, {**ROWS, "6": ROWS["6"].replace("Lamp", "Smell")})
    assert stored(database) == {"6": "duty"}, "but what an administrator said counts"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('[units]\nhandlers = "guess"\n', "handlers"),
        ('[units.named.A]\nname = "甲"\n[units.named.B]\nname = " 甲"\n', "means both A and B"),
        ('[units.named."a/b"]\nname = "甲"\n', "is no code"),
        ('[units.named.A]\nname = "甲"\nphone = "none"\n', "is no telephone number"),
    ],
)
def test_a_profile_that_cannot_be_meant_is_refused(tmp_path: Path, more: str, said: str) -> None:
    from data.importing.common.sentences import ImportRefused

    with pytest.raises(ImportRefused) as refused:
        bring(write_city(tmp_path, more + WITH_HANDLER))
    told: Any = refused.value.sentences
    assert said in " ".join(one.tell("en") for one in told)
