"""Reports as JSON: nothing is lost, the same report gives the same bytes, and what is broken is refused with the place."""

import dataclasses
import json
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.core.viewer import everything
from data.demo.common.names import CITY_CODE
from reports import content
from reports.compose import compose
from reports.content import Figure, Number, Report, Section
from reports.kinds import list_kinds
from reports.stored import KINDS, BrokenReport, LaterReport, from_json, to_json
from reports.writers.docx import write_docx
from reports.writers.pdf import as_json
from reports.writers.xlsx import write_xlsx
from tests.reports.made import make_report

OLD = Path(__file__).parent / "stored_1.json"
"""A report that the first version wrote. It is never written again: what was kept must stay readable."""

st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(max_size=12) | st.sampled_from(["", "\ud800", "a\x00\ufffe", "𠮷野𱁬", "=1+1", '"\\/']))
REPORTS = st.from_type(Report)


def test_every_block_and_cell_has_a_kind_of_its_own() -> None:
    classes = [one for union in (content.Block, content.Cell) for one in get_args(union) if one is not str]
    assert set(KINDS) == set(classes)
    assert len(set(KINDS.values())) == len(classes)
    for one in classes:
        assert "kind" not in {field.name for field in dataclasses.fields(one)}, f"{one.__name__} says its kind under this name"


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(REPORTS)
def test_nothing_is_lost(report: Report) -> None:
    stored = to_json(report)
    again = from_json(stored)
    assert repr(again) == repr(report), "repr tells 1 from 1.0, too"
    assert to_json(again) == stored


@pytest.mark.parametrize("kind", [*KINDS], ids=[*KINDS.values()])
@settings(max_examples=6, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_nothing_is_lost_of_any_block(kind: type, data: st.DataObject) -> None:
    made: Any = data.draw(st.from_type(kind))
    block = made if kind in get_args(content.Block) else content.Table((content.Column(""),), ((made,),))
    report = dataclasses.replace(make_report(), sections=(Section("", (block,)),))
    assert repr(from_json(to_json(report))) == repr(report)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("hostile", [False, True])
def test_what_is_written_from_a_kept_report_is_the_same(lang: Any, hostile: bool) -> None:
    report = make_report(lang, hostile=hostile)
    again = from_json(to_json(report))
    assert again == report
    assert write_xlsx(again) == write_xlsx(report)
    assert write_docx(again) == write_docx(report)
    assert as_json(again) == as_json(report)


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(list_kinds()))
async def test_reports_of_every_kind_are_kept_whole(demo_database: str, kind: str) -> None:
    report = await compose(CITY_CODE, kind, None, everything("zh", "cases"))
    stored = to_json(report)
    assert from_json(stored) == report and to_json(from_json(stored)) == stored
    assert json.loads(stored)["report"]["area"] == CITY_CODE, "programs can read it"


def test_numbers_of_numpy_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    figures = (Figure(1, "", numpy.float64(0.1), "share", numpy.int64(3), numpy.float32(4)),)
    assert from_json(to_json(dataclasses.replace(make_report(), figures=figures))).figures == (Figure(1, "", 0.1, "share", 3, 4.0),)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_not_kept(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(dataclasses.replace(make_report(), figures=(Figure(1, "", number, "share"),)))


def test_a_report_that_the_first_version_kept_can_be_read() -> None:
    report = from_json(OLD.read_bytes())
    assert report.kind == "weekly" and report.figures and len({type(block) for one in report.sections for block in one.blocks}) > 7


def change(told: dict[str, Any], *path: str | int, to: Any = None, drop: bool = False) -> bytes:
    """The stored report with one thing in it changed."""
    place: Any = told
    for step in path[:-1]:
        place = place[step]
    if drop:
        del place[path[-1]]
    else:
        place[path[-1]] = to
    return json.dumps(told).encode()


@pytest.mark.parametrize(
    ("path", "to", "drop", "where"),
    [
        (("report", "lang"), "fr", False, "report.lang must be one of 'zh', 'en', not \"fr\""),
        (("report", "data_version"), 1.5, False, "report.data_version must be a whole number"),
        (("report", "data_version"), True, False, "report.data_version must be a whole number"),
        (("report", "title"), None, False, "report.title must be a text, not null"),
        (("report", "title"), None, True, "report has no field 'title'"),
        (("report", "colour"), "red", False, "report has a field 'colour', which nothing reads"),
        (("report", "sections"), {}, False, "report.sections must be a list"),
        (("report", "sections", 0, "blocks", 0, "kind"), "pie", False, "report.sections[0].blocks[0].kind must be one of aside"),
        (("report", "sections", 0, "blocks", 0), "text", False, "report.sections[0].blocks[0] must be an object"),
        (("report", "sections", 0, "new_page"), 1, False, "report.sections[0].new_page must be true or false"),
        (("report", "figures", 1, "value"), "0.9", False, "report.figures[1].value must be a number"),
        (("report",), None, True, "report must be an object"),
        (("format",), "other", False, "it does not begin as a report"),
        (("version",), "1", False, "it does not begin as a report"),
        (("version",), 0, False, "there never was a format 0"),
    ],
)
def test_what_is_broken_is_refused_with_the_place(path: tuple[str | int, ...], to: Any, drop: bool, where: str) -> None:
    stored = change(json.loads(to_json(make_report())), *path, to=to, drop=drop)
    with pytest.raises(BrokenReport) as refused:
        from_json(stored)
    assert where in str(refused.value)


@pytest.mark.parametrize("stored", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"NaN", b"[" * 100_000, b'{"format": NaN}'])
def test_what_is_no_report_is_refused(stored: bytes) -> None:
    with pytest.raises(BrokenReport):
        from_json(stored)


def test_a_later_version_says_so() -> None:
    with pytest.raises(LaterReport, match="format 2, which a later Gridwell wrote; this one reads up to 1"):
        from_json(change(json.loads(to_json(make_report())), "version", to=2))


def test_what_is_missing_has_its_default() -> None:
    """How a file of an earlier day is read: it has none of the fields that came later."""
    told = json.loads(to_json(dataclasses.replace(make_report(), beside=("A",), made_at="2026-11-23T07:00:00+08:00")))
    del told["report"]["beside"], told["report"]["made_at"]
    again = from_json(json.dumps(told).encode())
    assert (again.beside, again.made_at) == ((), None)


def test_the_order_of_fields_in_a_file_means_nothing() -> None:
    told = json.loads(to_json(make_report()))
    shuffled = json.dumps({name: told[name] for name in reversed(told)}, ensure_ascii=True, indent=1).encode()
    assert to_json(from_json(shuffled)) == to_json(make_report())


def test_a_number_in_a_table_stays_what_it_was() -> None:
    table = content.Table((content.Column(""),), (("1",), (Number("1", 1),), (Number("1", 1.0),), (Number("–", None),)))
    report = dataclasses.replace(make_report(), sections=(Section("", (table,)),))
    assert repr(from_json(to_json(report)).sections) == repr(report.sections)
