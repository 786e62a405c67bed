"""The demo city at a small scale: what it promises is counted in the database."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from demo_tools import fingerprint, one

from cli import demo as demo_command
from data import rollup, schema
from data.demo.common.catalogue import CATEGORIES, FACILITIES, USE_NAMES
from data.demo.common.frame import AS_OF, PINNED_DAY
from data.demo.common.planted import load_planted
from data.demo.common.scale import SCALES
from data.demo.load import load_demo

pytestmark = pytest.mark.slow

SCALE = SCALES["test"]
CLOSED = "('closed', 'evaluated')"


@pytest.fixture
def demo(demo_database: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(demo_database) as connection:
        yield connection


def test_there_are_exactly_as_many_as_asked(demo: psycopg.Connection[Any]) -> None:
    for level, count in {"city": 1, "district": 6, "street": SCALE.streets, "community": SCALE.communities, "grid": SCALE.cells}.items():
        assert one(demo, "SELECT count(*) FROM area WHERE level = %s", level) == count
    assert one(demo, "SELECT count(*) FROM area WHERE level = 'zone'") == 3
    assert one(demo, "SELECT count(*) FROM building") == SCALE.buildings
    assert one(demo, "SELECT count(*) FROM person") == SCALE.people
    assert one(demo, "SELECT count(*) FROM incident") == SCALE.incidents


def test_the_full_city_has_the_size_that_was_asked_for() -> None:
    full = SCALES["demo"]
    assert (full.streets, full.communities, full.cells) == (40, 300, 3000)
    assert (full.buildings, full.people, full.incidents) == (60_000, 800_000, 200_000)


def test_codes_nest_by_prefix(demo: psycopg.Connection[Any]) -> None:
    lengths = dict(demo.execute("SELECT level, min(length(code)) FROM area WHERE level <> 'zone' GROUP BY 1").fetchall())
    assert lengths == {"city": 6, "district": 6, "street": 9, "community": 12, "grid": 15}
    assert (
        one(
            demo,
            """SELECT count(*) FROM area c JOIN area p ON p.code = c.parent
               WHERE c.level IN ('street', 'community', 'grid') AND NOT starts_with(c.code, p.code)""",
        )
        == 0
    )


def test_children_tile_their_parents(demo: psycopg.Connection[Any]) -> None:
    gaps = demo.execute(
        """SELECT p.code, ST_Area(ST_SymDifference(p.geom, c.geom)::geography)
           FROM area p JOIN (SELECT parent, ST_Union(geom) AS geom FROM area WHERE level <> 'zone' GROUP BY 1) c ON c.parent = p.code"""
    ).fetchall()
    assert len(gaps) == 1 + 6 + SCALE.streets + SCALE.communities
    assert max(area for _, area in gaps) < 0.01  # m²


def test_cells_do_not_overlap(demo: psycopg.Connection[Any]) -> None:
    doubled = one(
        demo,
        """SELECT coalesce(sum(ST_Area(ST_Intersection(a.geom, b.geom)::geography)), 0) FROM area a JOIN area b
           ON a.level = 'grid' AND b.level = 'grid' AND a.code < b.code AND a.geom && b.geom AND ST_Overlaps(a.geom, b.geom)""",
    )
    assert doubled < 0.01


def test_cells_are_numbered_as_one_reads_a_map(demo: psycopg.Connection[Any]) -> None:
    assert (
        one(
            demo,
            "SELECT count(*) FROM (SELECT parent FROM area WHERE level = 'grid' GROUP BY 1 HAVING max(right(code, 3))::int <> count(*)) q",
        )
        == 0
    )
    first_north = one(
        demo,
        """SELECT avg((ST_Y(f.label_point) > ST_Y(l.label_point))::int) FROM area f JOIN area l ON l.parent = f.parent AND l.level = 'grid'
           WHERE f.level = 'grid' AND right(f.code, 3) = '001'
             AND right(l.code, 3)::int = (SELECT count(*) FROM area s WHERE s.parent = f.parent)""",
    )
    assert first_north > 0.9


def test_geometry_is_valid_and_measured_right(demo: psycopg.Connection[Any]) -> None:
    for table in ("area", "building"):
        assert one(demo, f"SELECT count(*) FROM {table} WHERE NOT ST_IsValid(geom) OR NOT ST_IsValid(geom_3857)") == 0
    assert one(demo, "SELECT max(abs(area_m2 / ST_Area(geom::geography) - 1)) FROM area") < 1e-4
    assert one(demo, "SELECT max(abs(footprint_m2 / ST_Area(geom::geography) - 1)) FROM building") < 1e-3
    for table in ("area", "building", "incident", "facility"):
        assert one(demo, f"SELECT max(ST_Distance(ST_Centroid(ST_Transform(geom, 3857)), ST_Centroid(geom_3857))) FROM {table}") < 0.01


def test_everything_stands_in_its_own_cell(demo: psycopg.Connection[Any]) -> None:
    for table in ("building", "incident", "facility"):
        assert (
            one(demo, f"SELECT count(*) FROM {table} o JOIN area a ON a.code = o.grid WHERE NOT ST_ContainsProperly(a.geom, o.geom)") == 0
        )
        assert (
            one(demo, f"SELECT count(*) FROM {table} o JOIN area a ON a.code = o.grid WHERE (o.path, o.district) <> (a.path, a.district)")
            == 0
        )
    assert one(demo, "SELECT count(*) FROM area a WHERE NOT ST_Contains(a.geom, a.label_point)") == 0


def test_footprints_do_not_overlap(demo: psycopg.Connection[Any]) -> None:
    shared = one(
        demo,
        """SELECT coalesce(sum(ST_Area(ST_Intersection(a.geom_3857, b.geom_3857))), 0) FROM building a JOIN building b
           ON a.grid = b.grid AND a.id < b.id AND a.geom_3857 && b.geom_3857 AND ST_Overlaps(a.geom_3857, b.geom_3857)""",
    )
    assert shared < 0.001 * one(demo, "SELECT sum(footprint_m2) FROM building")


def test_names_are_unique_among_siblings_and_in_both_languages(demo: psycopg.Connection[Any]) -> None:
    for name in ("name", "name_en"):
        assert one(demo, f"SELECT count(*) FROM (SELECT FROM area GROUP BY parent, {name} HAVING count(*) > 1) q") == 0
    assert one(demo, "SELECT count(*) FROM area WHERE name !~ '[一-龥]' OR name_en ~ '[一-龥]'") == 0


def test_every_area_has_a_head_with_an_invented_number(demo: psycopg.Connection[Any]) -> None:
    assert one(demo, "SELECT count(*) FROM area WHERE head_name IS NULL OR head_title IS NULL OR head_phone !~ '^1990100[0-9]{4}$'") == 0
    assert one(demo, "SELECT count(*) - count(DISTINCT head_phone) FROM area") == 0
    assert one(demo, "SELECT count(*) FROM area WHERE attributes->>'head_name_en' !~ '^[A-Z]'") == 0


def test_all_stages_channels_categories_and_kinds_occur(demo: psycopg.Connection[Any]) -> None:
    def values(statement: str) -> set[str]:
        return {row[0] for row in demo.execute(statement)}

    assert values("SELECT DISTINCT stage FROM incident") == set(schema.STAGES)
    assert values("SELECT DISTINCT channel FROM incident") == set(schema.CHANNELS)
    assert values("SELECT DISTINCT category FROM incident") == {c.code for c in CATEGORIES}
    assert values("SELECT DISTINCT kind FROM facility") == {f.code for f in FACILITIES}
    assert values("SELECT DISTINCT use FROM building") == set(USE_NAMES)
    assert values("SELECT DISTINCT residence FROM person") == {"registered", "floating", "overseas"}
    assert values("SELECT DISTINCT kind FROM base_feature") == {"land", "water", "green", "field", "road", "track", "tree"}


def test_cases_keep_the_rules_of_the_schema(demo: psycopg.Connection[Any]) -> None:
    assert one(demo, f"SELECT count(*) FROM incident WHERE (closed_at IS NOT NULL) <> (stage IN {CLOSED})") == 0
    assert one(demo, "SELECT count(*) FROM incident WHERE closed_at < reported_at OR due_at <= reported_at OR closed_at > %s", AS_OF) == 0
    assert one(demo, "SELECT count(*) FROM incident WHERE paused AND NOT is_open") == 0
    assert one(demo, "SELECT count(*) FROM incident WHERE number !~ '^LZ[0-9]{8}-[0-9]{5}$'") == 0
    assert one(demo, "SELECT count(*) - count(DISTINCT number) FROM incident") == 0
    assert one(demo, "SELECT count(*) FROM incident WHERE title = '' OR attributes->>'title_en' IS NULL") == 0
    first, last = demo.execute("SELECT min(reported_at), max(reported_at) FROM incident").fetchone() or (None, None)
    assert first.astimezone(AS_OF.tzinfo).date() - SCALE.first_day < timedelta(days=3)
    assert timedelta(0) < AS_OF - last < timedelta(hours=12)


def test_open_cases_are_of_every_colour(demo: psycopg.Connection[Any]) -> None:
    row = demo.execute(
        """SELECT count(*), count(*) FILTER (WHERE paused), count(*) FILTER (WHERE NOT paused AND due_at < now_),
                  count(*) FILTER (WHERE NOT paused AND due_at >= now_ AND now_ - reported_at > 0.75 * (due_at - reported_at))
           FROM incident, (SELECT as_of AS now_ FROM city) c WHERE is_open"""
    ).fetchone()
    assert row is not None
    total, paused, overdue, amber = row
    assert paused > 0
    assert 0.05 < overdue / total < 0.25
    assert 0.04 < amber / total < 0.30


def test_about_92_percent_are_closed_on_time_and_streets_differ(demo: psycopg.Connection[Any]) -> None:
    rates = [
        float(rate)
        for (rate,) in demo.execute(
            f"""SELECT avg((closed_at <= due_at)::int) FROM incident
                WHERE stage IN {CLOSED} GROUP BY subpath(path, 0, 3) HAVING count(*) > 200"""
        )
    ]
    assert 0.90 < sum(rates) / len(rates) < 0.95
    assert max(rates) - min(rates) > 0.04


def test_history_tells_each_case_from_its_report_to_its_stage(demo: psycopg.Connection[Any]) -> None:
    assert one(demo, "SELECT count(*) FROM incident_event") > 4 * SCALE.incidents
    assert (
        one(
            demo,
            """SELECT count(*) FROM incident i LEFT JOIN LATERAL (
                   SELECT count(*) AS n, min(at) AS first, max(at) AS last, (array_agg(stage ORDER BY seq DESC))[1] AS stage,
                          array_agg(at ORDER BY seq) = array_agg(at ORDER BY at, seq) AS ordered
                   FROM incident_event e WHERE (e.district, e.incident_id) = (i.district, i.id)) h ON true
               WHERE h.n NOT BETWEEN 2 AND 7 OR h.first <> i.reported_at OR h.stage <> i.stage OR NOT h.ordered OR h.last > %s""",
            AS_OF,
        )
        == 0
    )


def test_cases_are_with_the_unit_of_their_district_from_the_dispatch_on(demo: psycopg.Connection[Any]) -> None:
    """Each district has eight units with head and telephone, in five departments and more; what was not dispatched has none."""
    assert one(demo, "SELECT count(*) FROM unit WHERE head <> '' AND head_en <> '' AND phone <> '' AND valid_from IS NOT NULL") == 6 * 8
    assert one(demo, "SELECT count(DISTINCT department) FROM unit") == one(demo, "SELECT count(DISTINCT department_en) FROM unit") == 6
    assert one(demo, "SELECT count(*) FROM routing_rule r WHERE NOT EXISTS (SELECT FROM unit u WHERE u.code = r.unit)") == 0
    assert one(demo, "SELECT count(*) FROM routing_rule") == 6 * 6
    dispatched = "stage IN ('dispatched', 'in_progress', 'feedback', 'closed', 'evaluated')"
    assert one(demo, f"SELECT count(*) FROM incident WHERE (unit IS NOT NULL) <> ({dispatched})") == 0
    elsewhere = """SELECT count(*) FROM incident i LEFT JOIN unit u ON u.city = i.city AND u.code = i.unit
        WHERE i.unit IS NOT NULL AND (u.name IS DISTINCT FROM i.handler OR NOT starts_with(u.code, i.district))"""
    assert one(demo, elsewhere) == 0
    assert one(demo, f"SELECT count(*) FROM incident_event WHERE (unit IS NOT NULL) <> ({dispatched})") == 0
    assert one(demo, "SELECT count(DISTINCT unit) FROM incident") > 40


def test_what_is_invented_in_a_history_is_there_in_both_languages(demo: psycopg.Connection[Any]) -> None:
    chinese = "remark !~ '[一-龥]' OR actor !~ '[一-龥]'"
    english = "coalesce(details ->> 'remark_en', '') !~ '^[ -~]+$' OR coalesce(details ->> 'actor_en', '') !~ '^[ -~]+$'"
    assert one(demo, f"SELECT count(*) FROM incident_event WHERE {chinese} OR {english}") == 0
    assert one(demo, "SELECT count(DISTINCT remark) FROM incident_event") == one(
        demo, "SELECT count(DISTINCT details ->> 'remark_en') FROM incident_event"
    )
    assert one(demo, "SELECT count(*) FROM remark_template WHERE text_en IS NULL OR text_en ~ '[一-龥]'") == 0


def test_somebody_is_on_duty_in_most_grids(demo: psycopg.Connection[Any]) -> None:
    """It is a Monday morning; at night streets have teams, which look after every grid."""
    demo.execute("SELECT set_config('gridwell.figures', '*', true)")
    found = demo.execute("SELECT people, grids, of_grids FROM duty_now('990100', %s)", [AS_OF]).fetchone()
    assert found is not None and found[0] == found[1] < found[2] == SCALE.cells and found[1] > 0.8 * SCALE.cells
    night = demo.execute("SELECT people, grids FROM duty_now('990100', %s)", [AS_OF + timedelta(hours=12)]).fetchone()
    assert night is not None and night[1] == SCALE.cells and 2 * SCALE.streets <= night[0] <= 4 * SCALE.streets


def test_grid_workers_rest_at_the_weekend_and_nobody_reports_at_four(demo: psycopg.Connection[Any]) -> None:
    local = "reported_at AT TIME ZONE 'Asia/Shanghai'"
    days = dict(
        demo.execute(
            f"SELECT extract(isodow FROM {local})::int, count(*) FROM incident WHERE channel = 'grid_worker' GROUP BY 1"
        ).fetchall()
    )
    assert min(days[d] for d in range(1, 6)) > 1.25 * max(days[6], days[7])
    hours = dict(
        demo.execute(f"SELECT extract(hour FROM {local})::int, count(*) FROM incident WHERE channel <> 'sensor' GROUP BY 1").fetchall()
    )
    assert hours[9] > 8 * hours.get(4, 0)


def test_seasons_and_holidays_show(demo: psycopg.Connection[Any]) -> None:
    def daily(first: str, last: str, category: str = "%") -> float:
        return float(
            one(
                demo,
                """SELECT count(*)::float / (%s::date - %s::date + 1) FROM incident
                   WHERE (reported_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN %s AND %s AND category LIKE %s""",
                last, first, first, last, category,
            )
        )  # fmt: skip

    assert daily("2026-06-01", "2026-08-31", "greening") > 1.4 * daily("2025-12-01", "2026-02-10", "greening")
    assert daily("2026-02-15", "2026-02-23") < 0.85 * daily("2026-03-01", "2026-03-31")


@pytest.mark.parametrize("fact", load_planted(), ids=lambda fact: f"{fact.kind}-{fact.category}")
def test_planted_facts_can_be_counted(demo: psycopg.Connection[Any], fact: Any) -> None:
    """Cases a day inside the span against the rest of the two years, in the same area and category."""
    first = fact.last - timedelta(days=45) if fact.kind == "trend" else fact.first
    inside, outside = demo.execute(
        """SELECT count(*) FILTER (WHERE day BETWEEN %(first)s AND %(last)s)::float / (%(last)s::date - %(first)s::date + 1),
                  count(*) FILTER (WHERE day NOT BETWEEN %(start)s AND %(last)s)::float / (730 - (%(last)s::date - %(start)s::date + 1))
           FROM (SELECT (reported_at AT TIME ZONE 'Asia/Shanghai')::date AS day FROM incident
                 WHERE grid LIKE %(area)s || '%%' AND category = %(category)s) q""",
        {"first": first, "start": fact.first, "last": fact.last, "area": fact.area, "category": fact.category},
    ).fetchone() or (0, 0)
    assert inside > 0.45 * fact.factor * outside


def test_the_register_agrees_with_the_figures(demo: psycopg.Connection[Any]) -> None:
    wrong = one(
        demo,
        """SELECT count(*) FROM area_figure f JOIN area a ON a.code = f.area AND a.level = 'grid' LEFT JOIN (
               SELECT grid, count(*) AS n, count(*) FILTER (WHERE sex = 'M') AS men, count(DISTINCT household) AS households
               FROM person GROUP BY 1) p ON p.grid = a.code
           WHERE (f.population, f.male, f.female, f.households)
             <> (coalesce(p.n, 0), coalesce(p.men, 0), coalesce(p.n - p.men, 0), coalesce(p.households, 0))
              OR f.population <> (SELECT sum(v::int) FROM jsonb_each_text(f.ages) AS t(k, v))""",
    )
    assert wrong == 0
    assert one(demo, "SELECT count(*) FROM building b WHERE residents <> (SELECT count(*) FROM person p WHERE p.building_id = b.id)") == 0
    assert one(demo, "SELECT population FROM area_figure WHERE area = '990100'") == SCALE.people


def test_households_live_together_and_look_like_families(demo: psycopg.Connection[Any]) -> None:
    assert one(demo, "SELECT count(*) FROM (SELECT FROM person GROUP BY household HAVING count(DISTINCT building_id) > 1) q") == 0
    assert 2.2 < SCALE.people / one(demo, "SELECT count(DISTINCT household) FROM person") < 3.1


def test_a_few_from_elsewhere_have_a_last_day_and_none_within_a_year(demo: psycopg.Connection[Any]) -> None:
    few, first, others = demo.execute(
        "SELECT count(retain_until)::float8 / count(*), min(retain_until) - (SELECT as_of::date FROM city),"
        " count(retain_until) FILTER (WHERE residence <> 'floating') FROM person"
    ).fetchone() or (0, 0, 0)
    assert 0.0005 < few < 0.01 and first > 366 and others == 0


def test_the_age_pyramid_is_that_of_a_chinese_city(demo: psycopg.Connection[Any]) -> None:
    shares = demo.execute(
        """SELECT avg((age < 15)::int)::float, avg((age BETWEEN 15 AND 59)::int)::float, avg((age >= 65)::int)::float
           FROM (SELECT extract(year FROM age(DATE '2026-11-23', birth_date)) AS age FROM person) q"""
    ).fetchone()
    assert shares is not None
    children, working, old = shares
    assert 0.12 < children < 0.20
    assert 0.60 < working < 0.70
    assert 0.10 < old < 0.18


def test_the_base_map_reaches_beyond_the_horizon(demo: psycopg.Connection[Any]) -> None:
    radius = "ST_Distance(ST_Boundary(geom_3857), ST_Centroid(geom_3857)) * cos(radians(30.88))"
    reach = one(demo, f"SELECT {radius} FROM base_feature WHERE kind = 'land'")
    assert reach > 11_000


def test_the_same_seed_gives_the_same_rows_and_replaces_the_old_city(demo: psycopg.Connection[Any], database: str) -> None:
    before = fingerprint(demo)
    with psycopg.connect(database) as connection:
        counts = load_demo(connection, "test", until=PINNED_DAY)
        assert set(counts) == set(demo_command._TABLE_TITLES), "the command has a name for every table"
        assert fingerprint(connection) == before
        load_demo(connection, "test", until=PINNED_DAY)
        assert fingerprint(connection) == before
        assert one(connection, "SELECT count(*) FROM city") == 1


def test_a_filling_that_fails_leaves_nothing_behind(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise psycopg.errors.DiskFull("no space left")

    monkeypatch.setattr(rollup, "rebuild", broken)
    with psycopg.connect(database) as connection:
        indexes = one(connection, "SELECT array_agg(indexname ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'")
        with pytest.raises(psycopg.errors.DiskFull):
            load_demo(connection, "test", until=PINNED_DAY)
        assert one(connection, "SELECT (SELECT count(*) FROM city) + (SELECT count(*) FROM person)") == 0
        assert one(connection, "SELECT array_agg(indexname ORDER BY indexname) FROM pg_indexes WHERE schemaname = 'public'") == indexes
