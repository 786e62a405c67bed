"""The import: which formats it reads, what it writes, and that it is applied whole or not at all."""

import csv
import gzip
import json
from pathlib import Path

import openpyxl
import psycopg
import pytest
from import_city import CASES, COMMUNITIES, DISTRICTS, PROFILE, bring, collection, feature, sentences, write_city

pytestmark = pytest.mark.usefixtures("database")


def rows(database: str, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database) as connection:
        return connection.execute(statement).fetchall()


def one(database: str, statement: str) -> object:
    return rows(database, statement)[0][0]


def test_a_small_city_lands_with_cells_cases_and_figures(database: str, tmp_path: Path) -> None:
    outcome = bring(write_city(tmp_path))
    assert outcome.outcome == "loaded", sentences(outcome)
    assert rows(database, "SELECT level, origin, count(*)::int FROM area GROUP BY 1, 2 ORDER BY 1") == [
        ("city", "derived", 1),
        ("community", "published", 4),
        ("district", "published", 2),
        ("grid", "made", 16),
    ]
    placed = rows(database, "SELECT source_key, district, left(grid, 5), grid_method FROM incident ORDER BY 1")
    assert placed == [
        ("1", "T1", "T1001", "within"),
        ("2", "T1", "T1002", "within"),
        ("3", "T2", "T2001", "within"),
        ("4", "T2", "T2002", "within"),
    ]
    assert rows(database, "SELECT code, name FROM category ORDER BY 1") == [("Lamp", "Lamp"), ("Rubbish", "Rubbish"), ("other", "其他")][:2]
    events = rows(
        database, "SELECT i.source_key, e.seq, e.stage FROM incident_event e JOIN incident i ON i.id = e.incident_id ORDER BY 1, 2"
    )
    assert events == [
        ("1", 1, "reported"),
        ("1", 2, "closed"),
        ("2", 1, "reported"),
        ("3", 1, "reported"),
        ("3", 2, "closed"),
        ("4", 1, "reported"),
    ]
    due = rows(
        database,
        "SELECT a.code, sum(due)::int, sum(due_closed)::int, sum(due_on_time)::int FROM incident_daily d JOIN area a ON a.no = d.area_no"
        " JOIN incident_kind k ON k.no = d.kind WHERE a.code IN ('T', 'T1') AND k.category <> k.channel GROUP BY 1 ORDER BY 1",
    )
    assert due == [("T", 4, 2, 1), ("T1", 2, 1, 1)]
    assert one(database, "SELECT reported_at = '2026-10-01 08:00+08' FROM incident WHERE source_key = '1'") is True


def test_cells_are_numbered_inside_their_community_and_tile_it(database: str, tmp_path: Path) -> None:
    bring(write_city(tmp_path))
    assert [r[0] for r in rows(database, "SELECT code FROM area WHERE parent = 'T1001' ORDER BY 1")] == [
        "T1001001",
        "T1001002",
        "T1001003",
        "T1001004",
    ]
    gap = one(
        database,
        """SELECT max(ST_Area(ST_SymDifference(p.geom, u.geom)::geography)) FROM area p
        JOIN (SELECT parent, ST_Union(geom) AS geom FROM area WHERE level = 'grid' GROUP BY 1) u ON u.parent = p.code""",
    )
    assert gap is not None and float(str(gap)) < 0.01


def test_a_second_import_changes_nothing(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path)
    bring(path)
    before = rows(database, "SELECT data_version, changed_at FROM city"), rows(database, "SELECT id, xmin::text FROM incident ORDER BY 1")
    assert bring(path).outcome == "unchanged"
    assert (
        rows(database, "SELECT data_version, changed_at FROM city"),
        rows(database, "SELECT id, xmin::text FROM incident ORDER BY 1"),
    ) == before


def test_changed_rows_are_updated_in_place(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path)
    bring(path)
    ident = one(database, "SELECT id FROM incident WHERE source_key = '2'")
    write_city(
        tmp_path,
        cases=CASES.replace(
            "2,Rubbish,open,2026-10-02 08:00,2026-10-04 08:00,", "2,Rubbish,closed,2026-10-02 08:00,2026-10-04 08:00,2026-10-03 08:00"
        ),
    )
    outcome = bring(path)
    assert outcome.outcome == "loaded"
    assert outcome.report["changes"]["incident"] == {"inserted": 0, "updated": 1, "deleted": 0}
    assert rows(database, "SELECT id, stage FROM incident WHERE source_key = '2'") == [(ident, "closed")]
    whole = "area_no = (SELECT no FROM area WHERE code = 'T') AND k.category IS NULL AND k.channel IS NULL"
    assert one(database, f"SELECT sum(due_closed)::int FROM incident_daily d JOIN incident_kind k ON k.no = d.kind WHERE {whole}") == 3


@pytest.mark.parametrize(("complete", "left"), [("", 4), ("complete = true\n", 3)])
def test_rows_that_vanished_go_only_where_the_files_are_complete(database: str, tmp_path: Path, complete: str, left: int) -> None:
    profile = PROFILE.replace('file = "cases.csv"\n', f'file = "cases.csv"\n{complete}')
    bring(write_city(tmp_path, profile))
    bring(write_city(tmp_path, profile, cases="".join(CASES.splitlines(keepends=True)[:-1])))
    assert one(database, "SELECT count(*)::int FROM incident") == left


def test_a_dry_run_reads_everything_and_loads_nothing(database: str, tmp_path: Path) -> None:
    outcome = bring(write_city(tmp_path), dry_run=True)
    assert outcome.outcome == "dry_run"
    assert outcome.report["read"] == outcome.report["loaded"] == 10
    assert one(database, "SELECT count(*)::int FROM area") == 0
    assert one(database, "SELECT outcome FROM import_run") == "dry_run"


def test_rejects_are_kept_in_the_table_and_as_csv(database: str, tmp_path: Path) -> None:
    outcome = bring(write_city(tmp_path, cases=CASES.replace("10.005,50.005", "0,0")), max_rejected="25%")
    assert outcome.outcome == "loaded"
    assert [(f["read"], f["loaded"], f["rejected"]) for f in outcome.report["files"] if f["file"] == "cases.csv"] == [(4, 3, 1)]
    assert rows(database, "SELECT file, line, reason FROM reject") == [("cases.csv", 3, "zero_coordinates")]
    assert outcome.rejects_file is not None
    assert outcome.rejects_file.parent.stat().st_mode & 0o077 == 0, "rows of people may be among them"
    with outcome.rejects_file.open(encoding="utf-8-sig", newline="") as handle:
        kept = list(csv.DictReader(handle))
    assert [(r["file"], r["line"], r["reason"]) for r in kept] == [("cases.csv", "3", "zero_coordinates")]
    assert one(database, "SELECT count(*)::int FROM incident") == 3


def test_a_cell_of_the_rejects_is_no_formula(tmp_path: Path, database: str) -> None:
    outcome = bring(write_city(tmp_path, cases=CASES.replace("10.005,50.005", '"=HYPERLINK(""http://evil"")",50')), max_rejected="25%")
    assert outcome.rejects_file is not None
    with outcome.rejects_file.open(encoding="utf-8-sig", newline="") as handle:
        assert [row["value"] for row in csv.DictReader(handle)] == ['\'=HYPERLINK("http://evil"), 50']


@pytest.mark.parametrize(
    ("rule", "loaded"),
    [
        ('duplicates = "first"', 3),
        ("max_rejected = 1", 3),
        ('max_rejected = "25%"', 3),
        ('allow = ["duplicate_key"]', 3),
        ("max_rejected = 0", None),
    ],
)
def test_a_profile_may_allow_rows_to_be_left_out(database: str, tmp_path: Path, rule: str, loaded: int | None) -> None:
    profile = PROFILE.replace('file = "cases.csv"\n', f'file = "cases.csv"\n{rule}\n')
    outcome = bring(write_city(tmp_path, profile, cases=CASES.replace("\n2,", "\n1,")))
    assert outcome.outcome == ("failed" if loaded is None else "loaded")
    assert one(database, "SELECT count(*)::int FROM incident") == (loaded or 0)


def test_policies_repair_what_they_are_declared_for(database: str, tmp_path: Path) -> None:
    rules = 'null_dates = [1970-01-01]\nclosed_before_reported = "use_reported"\nclosed_without_date = "use_due"\nswap = false\n'
    cases = CASES.replace(",2026-10-02 08:00,10.005", ",2026-09-02 08:00,10.005").replace(",2026-10-06 08:00,10.015", ",,10.015")
    cases = cases.replace("2026-11-05 08:00,,10.015", "1970-01-01,1970-01-01,10.015")
    outcome = bring(write_city(tmp_path, PROFILE.replace('file = "cases.csv"\n', f'file = "cases.csv"\n{rules}'), cases=cases))
    assert outcome.outcome == "loaded", sentences(outcome)
    assert {k: n for (_, k), n in outcome.ledger.repairs.items() if k in ("closing_moved", "closing_filled", "null_date")} == {
        "closing_moved": 1,
        "closing_filled": 1,
        "null_date": 2,
    }
    assert rows(database, "SELECT source_key, closed_at = reported_at, closed_at = due_at, due_at IS NULL FROM incident ORDER BY 1") == [
        ("1", True, False, False),
        ("2", None, None, False),
        ("3", False, True, False),
        ("4", None, None, True),
    ]


def test_containment_and_missing_levels(database: str, tmp_path: Path) -> None:
    profile = PROFILE.replace(', parent = "district"', "").replace('level = "community"', 'level = "street"')
    outcome = bring(write_city(tmp_path, profile))
    assert outcome.outcome == "loaded", sentences(outcome)
    assert rows(database, "SELECT code, parent FROM area WHERE level = 'street' ORDER BY 1") == [
        ("T1001", "T1"),
        ("T1002", "T1"),
        ("T2001", "T2"),
        ("T2002", "T2"),
    ]


def test_a_city_of_points_and_districts_only(database: str, tmp_path: Path) -> None:
    profile = PROFILE.replace(PROFILE[PROFILE.index('[[areas]]\nlevel = "community"') : PROFILE.index("[[incidents]]")], "")
    assert bring(write_city(tmp_path, profile)).outcome == "loaded"
    assert one(database, "SELECT min(parent) || max(parent) FROM area WHERE level = 'grid'") == "T1T2"


def test_code_that_disagrees_with_space_is_told(database: str, tmp_path: Path) -> None:
    path = write_city(tmp_path)
    # A third of it, the southern one, lies in the district that its code names.
    across = {"type": "Polygon", "coordinates": [[[10.0075, 50.0], [10.0175, 50.0], [10.0175, 50.01], [10.01, 50.01], [10.0075, 50.0]]]}
    communities = [*COMMUNITIES[:1], *COMMUNITIES[2:3], feature(across, code="T1002", name="南", district="T1")]
    (tmp_path / "communities.geojson").write_text(collection(communities), encoding="utf-8")
    refused = bring(path)
    assert refused.outcome == "failed"
    assert [r.sentence.tell("en") for r in refused.unforgiven] == [
        "communities.geojson, line 3: of area “南” 14.3 % lies in 西区 and 85.7 % outside it, but an area stands under another only with "
        "more than 50.0 % of its surface (`inside`)."
    ]
    path.write_text(path.read_text("utf-8").replace('level = "community"', 'level = "community"\ninside = 0.1\nnests = 1'), "utf-8")
    path.write_text(path.read_text("utf-8").replace('file = "cases.csv"', 'file = "cases.csv"\nallow = ["outside"]'), "utf-8")
    outcome = bring(path)
    assert outcome.outcome == "loaded"
    told = {r.reason: r.tell("en") for _, r in outcome.ledger.remarks}
    assert told["parent_disagrees"] == "南 stands under 西区 by its code, but only 14.3 % of its surface lies there (东区: 85.7 %)."


def test_formats_of_tables(database: str, tmp_path: Path) -> None:
    lines = [line.split(",") for line in CASES.splitlines()]
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append([float(v) if i > 5 and v[:1].isdigit() else v for i, v in enumerate(line)])
    book.save(tmp_path / "cases.xlsx")
    (tmp_path / "cases.tsv.gz").write_bytes(gzip.compress(CASES.replace(",", "\t").encode("utf-8-sig")))
    (tmp_path / "cases_gbk.csv").write_bytes(CASES.replace("Rubbish", "垃圾").replace(",", ";").encode("gb18030"))
    wkt = "\n".join([",".join([*lines[0][:6], "wkt"]), *[",".join([*v[:6], f"POINT({v[6]} {v[7]})"]) for v in lines[1:]]])
    (tmp_path / "cases_wkt.csv").write_text(wkt)
    for number, (file, more) in enumerate(
        {"cases.xlsx": "", "cases.tsv.gz": "", "cases_gbk.csv": 'encoding = "gb18030"\n', "cases_wkt.csv": ""}.items()
    ):
        profile = (
            PROFILE.replace('"T"', f'"T{number}x"')
            .replace('code = "code"', f'code = "{{code}}-{number}"')
            .replace('parent = "district"', f'parent = "{{district}}-{number}"')
        )
        path = write_city(tmp_path, profile.replace('file = "cases.csv"\n', f'file = "{file}"\n{more}'))
        outcome = bring(path)
        assert outcome.outcome == "loaded", (file, sentences(outcome))
        assert one(database, f"SELECT count(*)::int FROM incident WHERE city = 'T{number}x'") == 4


def test_population_by_code_and_by_polygon(database: str, tmp_path: Path) -> None:
    profile = (
        PROFILE + '\n[[population]]\nfile = "people.csv"\nas_of = 2025-12-31\ncolumns = { area = "code", total = "n", households = "h" }\n'
    )
    path = write_city(tmp_path, profile)
    (tmp_path / "people.csv").write_text('code,n,h\nT1001,"1,001",400\nT1002,999,300\nT2,500,100\n')
    assert bring(path).outcome == "loaded"
    found = rows(database, "SELECT area, population, households FROM area_figure WHERE length(area) <= 5 ORDER BY 1")
    assert found == [
        ("T", 2500, 800),
        ("T1", 2000, 700),
        ("T1001", 1001, 400),
        ("T1002", 999, 300),
        ("T2", 500, 100),
        # Eight cells of 62.5 people each: the southern four are a little larger and get the halves.
        ("T2001", 248, 48),
        ("T2002", 252, 52),
    ]
    assert bring(path).outcome == "unchanged"


def test_codes_of_another_city_are_refused(database: str, tmp_path: Path) -> None:
    bring(write_city(tmp_path))
    outcome = bring(write_city(tmp_path, PROFILE.replace('code = "T"', 'code = "U"')))
    assert "The area code “T1” already belongs to the city “T”." in sentences(outcome)
    assert one(database, "SELECT count(*)::int FROM city") == 1


def test_heads_and_names_are_filled_in_from_a_second_file(database: str, tmp_path: Path) -> None:
    more = '\n[[areas]]\nlevel = "community"\nfill = true\nfile = "heads.csv"\ncolumns = { code = "c", head_name = "who", head_phone = "tel", name_en = "en" }\n'  # noqa: E501
    path = write_city(tmp_path, PROFILE + more)
    (tmp_path / "heads.csv").write_text("c,who,tel,en\nT1001,王芳,13800000000,Northwest\n", encoding="utf-8")
    assert bring(path).outcome == "loaded"
    assert rows(database, "SELECT name, name_en, head_name, head_phone FROM area WHERE code = 'T1001'") == [
        ("西北", "Northwest", "王芳", "13800000000")
    ]


def test_smaller_cells_move_rows_that_are_not_brought_again(database: str, tmp_path: Path) -> None:
    bring(write_city(tmp_path))
    shorter = PROFILE.replace("200_000", "100_000")
    outcome = bring(write_city(tmp_path, shorter, cases="".join(CASES.splitlines(keepends=True)[:3])))
    assert outcome.outcome == "loaded"
    inside = one(database, "SELECT bool_and(ST_Intersects(a.geom, i.geom)) FROM incident i JOIN area a ON a.code = i.grid")
    assert inside is True
    assert one(database, "SELECT count(*)::int FROM incident") == 4


def test_bare_arrays_and_geometries_are_read(database: str, tmp_path: Path) -> None:
    path = write_city(
        tmp_path,
        PROFILE.replace('"districts.geojson"', '["d/T1.json", "d/T2.json"]').replace(
            'code = "code", name = "name" }', 'code = "{file.stem}", name = "{file.stem}区" }'
        ),
    )
    (tmp_path / "d").mkdir()
    for district in DISTRICTS:
        (tmp_path / "d" / f"{district['properties']['code']}.json").write_text(json.dumps(district["geometry"]))
    (tmp_path / "communities.geojson").write_text(json.dumps(COMMUNITIES))
    outcome = bring(path)
    assert outcome.outcome == "loaded", sentences(outcome)
    assert rows(database, "SELECT code, name FROM area WHERE level = 'district' ORDER BY 1") == [("T1", "T1区"), ("T2", "T2区")]


def test_rows_without_a_key_are_not_doubled_when_their_file_is_renamed(database: str, tmp_path: Path) -> None:
    keyless = PROFILE.replace('key = "id"\n', "")
    bring(write_city(tmp_path, keyless))
    path = write_city(tmp_path, keyless.replace('file = "cases.csv"', 'key = "incidents-cases"\nfile = "renamed.csv"'))
    (tmp_path / "cases.csv").rename(tmp_path / "renamed.csv")
    assert bring(path).outcome == "loaded"
    assert one(database, "SELECT count(*)::int FROM incident") == 4
