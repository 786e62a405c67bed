"""For whom reports are: PostgreSQL opens a stored one for whoever may see all that it was made for, and for nobody with less."""

import gzip
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
import small_city as city
from databases import FreshDatabase
from rights_tools import refused, seeing, viewer_of

from data.core.errors import NotOpen
from data.core.roles import PRINTER, ROLES
from data.core.viewer import Viewer, everything
from data.figures.scope import OutOfScope
from data.migrations.reports.kept_0047 import ISSUERS, MOST_WAITING
from data.reports.audience import Audience, choose_audience, common_path
from data.reports.errors import AlreadyCorrected, KeyUsed, NotMade, NotYours, TooManyReports, UnknownReport
from data.reports.issued import Chosen, issue, list_issued, read_content, read_file, read_issued, wish_file
from data.reports.requests import Order, ask_report, read_request

Connection = psycopg.Connection[Any]
LEADER = replace(viewer_of(city.D1, "cases"), name="leader", role="leader")
CONTENT = gzip.compress(b'{"what": "a report"}')
FACTS = '{"first": "2026-10-01", "last": "2026-10-31", "title": "monthly"}'


@pytest.fixture(scope="module", autouse=True)
def town(fresh_database: FreshDatabase) -> Iterator[str]:
    with fresh_database(city.load) as url:
        yield url


@pytest.fixture
def owner(town: str) -> Iterator[Connection]:
    with psycopg.connect(town, autocommit=True) as connection:
        yield connection
        connection.execute("DELETE FROM report_request")


def make(owner: Connection, of_id: uuid.UUID, content: bytes = CONTENT) -> None:
    """What the printer does."""
    owner.execute(
        "UPDATE report_request SET state = 'done', content = %s, sha256 = sha256(content), facts = %s, done_at = now() WHERE id = %s",
        [content, FACTS, of_id],
    )


async def made(owner: Connection, viewer: Viewer = LEADER, area: str = city.D1, **more: Any) -> uuid.UUID:
    of_id = await ask_report(viewer, Order(area, "monthly", **more))
    make(owner, of_id)
    return of_id


# ---- Who gets what ----

OF = {
    "city": Audience(city.CITY, city.CITY, "cases", city.path_of(city.CITY), city.path_of(city.CITY)),
    "district": Audience(city.CITY, city.D1, "cases", city.path_of(city.D1), city.path_of(city.D1)),
    "district's figures": Audience(city.CITY, city.D1, "figures", city.path_of(city.D1), city.path_of(city.D1)),
    "street beside another": Audience(city.CITY, city.S1, "cases", city.path_of(city.S1), city.path_of(city.D1)),
    "zone": Audience(city.CITY, city.ZONE, "cases", city.CITY, city.path_of(city.ZONE), city.ZONE),
    "zone's figures": Audience(city.CITY, city.ZONE, "figures", city.CITY, city.path_of(city.ZONE), city.ZONE),
    "zone beside a cell": Audience(city.CITY, city.ZONE, "cases", city.CITY, city.path_of(city.CITY), city.ZONE),
    "cell of the zone": Audience(city.CITY, city.C3, "cases", city.path_of(city.C3), city.path_of(city.C3)),
    "all cities": Audience(city.CITY, city.D1, "figures", city.path_of(city.D1), ""),
}
FIGURES = {name for name, audience in OF.items() if audience.detail == "figures"}
GETS: list[tuple[str, Viewer, set[str]]] = [
    ("everything", everything(), set(OF)),
    ("all figures", everything(detail="figures"), FIGURES),
    ("the city", viewer_of(city.CITY, "cases"), set(OF) - {"all cities"}),
    ("the district", viewer_of(city.D1), {"district", "district's figures", "street beside another", "cell of the zone"}),
    ("the district's figures", viewer_of(city.D1, "figures"), {"district's figures"}),
    ("a street", viewer_of(city.S1), set()),
    ("a street that compares", viewer_of(city.S1, "cases", city.D1), {"district's figures", "street beside another"}),
    ("the other district", viewer_of(city.D2), set()),
    ("the zone", viewer_of(city.ZONE), {"zone", "zone's figures", "cell of the zone"}),
    ("the zone's figures", viewer_of(city.ZONE, "figures"), {"zone's figures"}),
    ("a cell", viewer_of(city.C3), {"cell of the zone"}),
    ("nobody", Viewer(), set()),
    ("figures without a scope", Viewer(detail="cases", figures="*"), FIGURES),
]


@pytest.mark.parametrize(("viewer", "gets"), [one[1:] for one in GETS], ids=[one[0] for one in GETS])
def test_a_report_opens_for_whoever_may_see_all_that_it_was_made_for(viewer: Viewer, gets: set[str]) -> None:
    with seeing(viewer) as connection:
        found = {
            name
            for name, audience in OF.items()
            if connection.execute(
                "SELECT viewer_gets(%s, %s::text::ltree, %s::text::ltree, nullif(%s, ''))",
                [audience.detail, audience.scope, audience.figures, audience.zone],
            ).fetchone()
            == (True,)
        }
    assert found == gets


@pytest.mark.parametrize("viewer", [one[1] for one in GETS], ids=[one[0] for one in GETS])
async def test_whoever_gets_a_report_may_see_whatever_its_audience_may(viewer: Viewer) -> None:
    """The audience is a viewer: the rows that it sees are among those of everybody for whom the report opens."""

    def seen(who: Viewer) -> set[tuple[Any, ...]]:
        with seeing(who) as connection:
            found = {("figure", *row) for row in connection.execute("SELECT area, population, people_hidden FROM area_figure_seen")}
            found |= {("day", *row) for row in connection.execute("SELECT DISTINCT area_no FROM incident_daily")}
            if who.detail in ("cases", "people"):
                found |= {("case", *row) for row in connection.execute("SELECT id FROM incident")}
            return found

    mine = seen(replace(viewer, detail="cases") if viewer.detail == "people" else viewer)
    for name, audience in OF.items():
        if name in next(gets for _, who, gets in GETS if who == viewer):
            assert seen(audience.as_viewer("zh")) <= mine, name


async def test_the_audience_is_no_more_than_whoever_asks_may_see() -> None:
    assert await choose_audience(everything(), city.D1) == OF["district"]
    assert await choose_audience(everything(), city.D1, detail="figures") == OF["district's figures"]
    assert await choose_audience(viewer_of(city.D1, "figures"), city.D1) == OF["district's figures"]
    assert await choose_audience(viewer_of(city.S1, "cases", city.D1), city.S1, [city.S2]) == OF["street beside another"]
    assert (await choose_audience(viewer_of(city.S1, "cases", city.D1), city.S2)).detail == "figures"
    assert await choose_audience(everything(), city.ZONE) == OF["zone"] == await choose_audience(viewer_of(city.ZONE), city.ZONE)
    assert await choose_audience(viewer_of(city.ZONE), city.C3) == OF["cell of the zone"]
    for viewer, area, detail in (
        (viewer_of(city.S1), city.S2, None),
        (viewer_of(city.S1, "cases", city.D1), city.S2, "cases"),
        (viewer_of(city.S1, "figures"), city.S1, "cases"),
        (viewer_of(city.S1), city.CITY, None),
    ):
        with pytest.raises(OutOfScope):
            await choose_audience(viewer, area, detail=detail)  # type: ignore[arg-type]
    with pytest.raises(OutOfScope):
        await choose_audience(viewer_of(city.S1), city.S1, [city.S2])
    assert await choose_audience(everything(), city.ZONE, [city.C3]) == OF["zone beside a cell"]
    for area, beside in ((city.ZONE, city.C3), (city.C3, city.C5)):  # both are seen, and not what lies between them
        with pytest.raises(OutOfScope):
            await choose_audience(viewer_of(city.ZONE), area, [beside])


def test_the_smallest_area_that_holds_several() -> None:
    assert common_path(["a.b.c", "a.b.d"]) == "a.b" == common_path(["a.b", "a.b.d"])
    assert common_path(["a.b", "a.b"]) == "a.b" and common_path(["a.b", "c.d"]) == ""


# ---- Requests and previews ----


async def test_a_preview_opens_for_whoever_asked_alone(owner: Connection) -> None:
    of_id = await made(owner)
    assert (await read_request(LEADER, of_id)).state == "done"
    assert await read_content(LEADER, of_id) == (CONTENT, (await read_request(LEADER, of_id)).sha256)
    for other in (replace(LEADER, name="other"), everything(), replace(LEADER, detail="figures"), replace(LEADER, scope="", figures="")):
        with pytest.raises(UnknownReport):
            await read_request(other, of_id)
        with pytest.raises(UnknownReport):
            await read_content(other, of_id)
        with pytest.raises(UnknownReport):
            await wish_file(other, of_id, "pdf")
        assert await read_file(other, of_id, "pdf") is None


async def test_nobody_asks_for_more_than_they_may_see(owner: Connection) -> None:
    """Whatever a process says the audience is, PostgreSQL compares."""
    with pytest.raises(NotOpen):
        await ask_report(LEADER, Order(city.D1, "monthly"), corrects=(uuid.uuid4(), "why", OF["city"]))
    insert = (
        "INSERT INTO report_request (id, city, area, kind, lang, detail, scope, figures) VALUES"
        " (gen_random_uuid(), '990000', '990101', 'monthly', 'zh', 'cases', %s::text::ltree, %s::text::ltree)"
    )
    with seeing(LEADER) as connection:
        assert refused(connection, insert, city.path_of(city.D1), city.path_of(city.D1)) == ""
        assert refused(connection, insert, city.path_of(city.D1), city.path_of(city.CITY)) == "42501"
        assert refused(connection, insert, city.path_of(city.D2), city.path_of(city.D1)) == "42501"
        assert refused(connection, insert, city.path_of(city.D1), "") == "42501", "of all cities"
        assert (
            refused(connection, insert.replace("(id,", "(id, asker,").replace("_uuid(),", "_uuid(), 'me',"), *[city.path_of(city.D1)] * 2)
            == "42501"
        )


async def test_the_same_order_under_the_same_key_is_asked_for_once(owner: Connection) -> None:
    order = Order(city.D1, "monthly")
    first = await ask_report(LEADER, order, "k")
    assert await ask_report(LEADER, order, "k") == first
    assert await ask_report(replace(LEADER, name="other"), order, "k") != first
    with pytest.raises(KeyUsed):
        await ask_report(LEADER, Order(city.D1, "weekly"), "k")
    with pytest.raises(KeyUsed):  # the account sees less by now, and not what it asked for
        await ask_report(replace(LEADER, detail="figures"), order, "k")


async def test_an_account_has_so_many_requests_that_wait_and_no_more(owner: Connection) -> None:
    ids = [await ask_report(LEADER, Order(city.D1, "monthly")) for _ in range(MOST_WAITING)]
    with pytest.raises(TooManyReports):
        await ask_report(LEADER, Order(city.D1, "monthly"))
    await ask_report(replace(LEADER, name="other"), Order(city.D1, "monthly"))
    make(owner, ids[0])
    await ask_report(LEADER, Order(city.D1, "monthly"))


# ---- Issued ones ----


def test_the_database_knows_the_roles_that_issue() -> None:
    able = {name for name, role in ROLES.items() if "issue_reports" in role.abilities}
    assert able == {name.strip("' ") for name in ISSUERS.split(",")}


async def test_what_was_issued_is_what_the_preview_was_with_its_hash_in_the_audit_log(owner: Connection) -> None:
    of_id = await made(owner)
    owner.execute("INSERT INTO report_draft (request, form, content, sha256) VALUES (%s, 'pdf', 'pdf', sha256('pdf'))", [of_id])
    no = await issue(LEADER, of_id)
    assert await issue(LEADER, of_id) == no, "once, however often"
    issued = await read_issued(LEADER, of_id)
    assert issued is not None and (issued.no, issued.issuer, issued.audience) == (no, "leader", OF["district"])
    row = owner.execute("SELECT account, action, subject, detail FROM audit_log ORDER BY no DESC LIMIT 1").fetchone()
    assert row is not None and row[:3] == ("leader", "report_issued", city.D1)
    content, digest = await read_content(LEADER, of_id)
    file = await read_file(LEADER, of_id, "pdf")
    assert file is not None and file[0] == b"pdf" and content == CONTENT
    assert (row[3]["sha256"], row[3]["files"], row[3]["report"]) == (digest, {"pdf": file[1]}, str(of_id))
    assert {form for (form,) in owner.execute("SELECT form FROM report_wish WHERE id = %s", [of_id])} == {"docx", "xlsx"}
    owner.execute("DELETE FROM report_request")
    assert (await read_content(viewer_of(city.D1), of_id))[0] == CONTENT, "for all who may see what it shows"
    for less in (viewer_of(city.D1, "figures"), viewer_of(city.S1, "people", city.D1), viewer_of(city.D2)):
        assert await read_issued(less, of_id) is None and await read_file(less, of_id, "pdf") is None
        assert of_id not in {one.id for one in await list_issued(less, Chosen())}
        with pytest.raises(UnknownReport):
            await read_content(less, of_id)
    assert of_id in {one.id for one in await list_issued(viewer_of(city.D1), Chosen(area=city.D1, kind="monthly"))}


async def test_only_whoever_may_issues_a_report(owner: Connection) -> None:
    waiting = await ask_report(LEADER, Order(city.D1, "monthly"))
    with pytest.raises(NotMade):
        await issue(LEADER, waiting)
    for viewer, area in (
        (replace(LEADER, role="dispatcher"), city.D1),
        (replace(LEADER, role="wall"), city.D1),
        (replace(viewer_of(city.S1, "cases", city.D1), role="leader", name="s1"), city.S2),
    ):
        of_id = await made(owner, viewer, area)
        with pytest.raises(NotYours):
            await issue(viewer, of_id)
    of_id = await made(owner)
    with pytest.raises(UnknownReport):
        await issue(replace(LEADER, name="other"), of_id)
    with pytest.raises(UnknownReport):
        await issue(LEADER, uuid.uuid4())


async def test_issued_reports_are_never_changed_or_deleted_by_anybody(owner: Connection) -> None:
    await issue(LEADER, await made(owner))
    statements = (
        *("UPDATE report SET reason = 'x'", "DELETE FROM report", "TRUNCATE report CASCADE", "DELETE FROM report WHERE false"),
        *("UPDATE report_file SET content = 'x'", "DELETE FROM report_file", "TRUNCATE report_file"),
    )
    assert {refused(owner, statement) for statement in statements} == {"GW009"}
    for role in (None, PRINTER):
        with seeing(LEADER, role) as connection:
            assert {refused(connection, statement) for statement in statements} == {"42501"}
            assert refused(connection, "INSERT INTO report_file (report, form, content, sha256) SELECT id, 'pdf', 'x', 'x' FROM report")
            assert refused(connection, "INSERT INTO report DEFAULT VALUES") == "42501"
            assert refused(connection, "UPDATE report_request SET content = 'x'" if role is None else "SELECT 1 FROM incident") == "42501"


async def test_a_correction_names_what_it_corrects_and_corrects_the_newest(owner: Connection) -> None:
    old = await made(owner)
    await issue(LEADER, old)
    new, second = [await ask_report(LEADER, Order(city.D1, "monthly"), corrects=(old, "a case was moved", OF["district"])) for _ in "12"]
    make(owner, new, b"new")
    make(owner, second, b"newer")
    await issue(LEADER, new)
    before, after = await read_issued(LEADER, old), await read_issued(LEADER, new)
    assert before is not None and after is not None
    assert (before.corrected_by, after.corrects, after.reason) == (new, old, "a case was moved")
    assert (await read_content(LEADER, old))[0] == CONTENT
    with pytest.raises(AlreadyCorrected):
        await issue(LEADER, second)


async def test_a_file_that_was_kept_stays_whatever_comes_later(owner: Connection) -> None:
    of_id = await made(owner)
    await issue(LEADER, of_id)
    with seeing(Viewer(name="gridwell"), PRINTER) as connection:
        kept = [connection.execute("SELECT report_keep(%s, 'docx', %s)", [of_id, content]).fetchone() for content in (b"one", b"two")]
        assert kept == [(True,), (False,)]
        connection.commit()
    assert await read_file(LEADER, of_id, "docx") == (b"one", hashlib.sha256(b"one").hexdigest())
    said = owner.execute("SELECT account, detail FROM audit_log WHERE action = 'report_file' ORDER BY no DESC LIMIT 1").fetchone()
    assert said is not None and said[0] == "gridwell" and said[1]["form"] == "docx"
