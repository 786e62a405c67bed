"""Remark templates: who reads them, who changes them, and what is written down."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
import small_city as city
from case_tools import CHIEF, DESK, WORKER, person
from databases import FreshDatabase
from rights_tools import seeing

from data.cases.templates.store import (
    TooManyTemplates,
    add_template,
    fetch_templates,
    retire_template,
    write_templates,
)
from data.core.errors import BadInput, NotOpen, UnknownName, UnknownObject
from data.core.viewer import Viewer, everything


@pytest.fixture
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        with psycopg.connect(url) as owner:
            owner.execute("INSERT INTO city (code, name, name_en, timezone) VALUES ('other', '', '', 'UTC')")
            write_templates(owner, city.CITY, [("handle", "{number} 已处理", "{number} handled"), (None, "Seen", None)])
        yield url


async def texts(viewer: Viewer, code: str = city.CITY) -> list[tuple[str | None, str]]:
    """Steps and texts in English, where there is one."""
    return [(row["step"], row["text_en"] or row["text"]) for row in await fetch_templates(code, viewer)]


async def test_who_dispatches_adds_and_retires_them(town: str) -> None:
    assert await texts(WORKER) == [(None, "Seen"), ("handle", "{number} handled")], "everybody who sees cases reads them"
    east = person("east", "dispatcher", city.D2)
    made = [await add_template(city.CITY, step, text, who) for step, text, who in ((None, "Thanks", DESK), ("reply", " 您好 ", east))]
    assert await texts(CHIEF) == [(None, "Seen"), (None, "Thanks"), ("handle", "{number} handled"), ("reply", "您好")]
    both = await add_template(city.CITY, "reply", "您好", CHIEF, " Hello ")
    assert [row["text_en"] for row in await fetch_templates(city.CITY, CHIEF) if row["id"] == both] == ["Hello"]
    await retire_template(city.CITY, both, CHIEF)
    await retire_template(city.CITY, made[0], CHIEF)
    assert (None, "Thanks") not in await texts(CHIEF)
    with pytest.raises(UnknownObject):
        await retire_template(city.CITY, made[0], CHIEF)
    with pytest.raises(UnknownObject):
        await retire_template(city.CITY, 2**31 - 1, CHIEF)
    with psycopg.connect(town) as owner:
        kept = owner.execute("SELECT account, subject, detail FROM audit_log WHERE action = 'templates' ORDER BY no").fetchall()
        assert [row[0] for row in kept] == ["desk", "east", "chief", "chief", "chief"] and {row[1] for row in kept} == {f"city {city.CITY}"}
        assert kept[4][2] == {"retired": made[0]}
        assert owner.execute("SELECT account FROM remark_template WHERE id = %s", [made[0]]).fetchone() == ("desk",), "the row stays"


async def test_of_a_city_that_is_not_there_nothing_is_kept(town: str) -> None:
    everywhere = replace(everything(detail="people"), name="mayor", role="supervisor")
    for work in (add_template("nowhere", None, "Seen", everywhere), retire_template("nowhere", 1, everywhere)):
        with pytest.raises(UnknownObject):
            await work


@pytest.mark.parametrize("viewer", [WORKER, person("boss", "leader"), replace(DESK, role="administrator")])
async def test_who_does_not_dispatch_changes_nothing(town: str, viewer: Viewer) -> None:
    for work in (add_template(city.CITY, None, "x", viewer), retire_template(city.CITY, 1, viewer)):
        with pytest.raises(NotOpen):
            await work
    with seeing(viewer) as connection, pytest.raises(psycopg.DatabaseError, match="not allowed"):
        connection.execute("SELECT add_remark_template(%s, NULL, 'x', '')", [city.CITY])


async def test_another_citys_templates_are_not_ones_own(town: str) -> None:
    with pytest.raises(NotOpen):
        await add_template("other", None, "x", DESK)
    with seeing(DESK) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("INSERT INTO remark_template (city, text) VALUES (%s, 'x')", [city.CITY])


async def test_what_cannot_be_a_template_is_refused(town: str) -> None:
    for text in ("", "  ", "x" * 2001, "a\x00b", "a\u202eb"):
        with pytest.raises(BadInput):
            await add_template(city.CITY, None, text, DESK)
    for step in ("undo", "stage", "nothing"):
        with pytest.raises(UnknownName):
            await add_template(city.CITY, step, "x", DESK)
    assert await add_template(city.CITY, None, "x" * 2000, DESK)


async def test_a_city_has_at_most_two_hundred(town: str) -> None:
    with psycopg.connect(town) as owner:
        write_templates(owner, city.CITY, [(None, str(n), None) for n in range(197)])
    await add_template(city.CITY, None, "the last", DESK)
    with pytest.raises(TooManyTemplates):
        await add_template(city.CITY, None, "one more", DESK)
    await retire_template(city.CITY, 1, DESK)
    await add_template(city.CITY, None, "one more", DESK)
