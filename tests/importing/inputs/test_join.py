"""A table that is joined to shapes: parcels whose storeys stand in a file of their own, several rows to one parcel."""

from pathlib import Path
from typing import Any

import pytest
from import_city import collection, feature, square
from import_rows import SHANGHAI

from data.importing.common.sentences import FileProblem
from data.importing.profile.model import BuildingSource
from data.importing.profile.spec import Spec
from data.importing.rows.batch import Batch
from data.importing.rows.intake import Intake
from data.importing.rows.rejects import Ledger

STOREYS = "parcel,storeys,area,use\nP1,3,100.5,home\nP1,7,20,shop\n P2 ,2,30,\nP2,,,school\nP9,1,1,x\n,5,5,y\n"


def joined(folder: Path, table: str = STOREYS, **join: Any) -> tuple[Batch, Ledger]:
    shapes = [feature(square(10 + i / 1000, 50, 10 + i / 1000 + 0.0005, 50.001), parcel=f"P{i}", use="own") for i in (1, 2, 3)]
    (folder / "parcels.geojson").write_text(collection(shapes), encoding="utf-8")
    (folder / "storeys.csv").write_text(table, encoding="utf-8")
    source = BuildingSource(file=["parcels.geojson"], key="b", join={"file": "storeys.csv", "on": "parcel", **join})
    ledger = Ledger()
    (batch,) = Intake(folder.resolve(), ledger, SHANGHAI).read_batches(source, "buildings", "footprint")
    return batch, ledger


def told(ledger: Ledger) -> list[str]:
    return [sentence.tell("en") for _, sentence in ledger.remarks]


def test_several_rows_become_one(tmp_path: Path) -> None:
    batch, ledger = joined(tmp_path, max=["storeys"], sum=["area"], first=["use"])
    batch.read_number("floors", Spec(column="storeys"), whole=True)
    batch.read_number("m2", Spec(column="join.area"))
    batch.read_text("use", Spec(column="join.use"))
    batch.read_text("own", Spec(column="use"))
    assert batch.list_values("floors") == [7, 2, None]
    assert batch.list_values("m2") == [120.5, 30, None]
    assert batch.list_values("use") == ["home", "school", None]
    assert batch.list_values("own") == ["own"] * 3, "a column of the file itself is not replaced"
    assert told(ledger) == [
        "b: rows without a row in storeys.csv: 1 of 3; keys there that belong to no row: 1.",
        "storeys.csv: rows whose key occurred before: 2; of its columns only those in sum, max and first were joined.",
    ]
    with pytest.raises(FileProblem):
        joined(tmp_path, max=["storeys"])[0].read_number("m2", Spec(column="area"))


def test_columns_of_a_table_with_one_row_for_each(tmp_path: Path) -> None:
    batch, ledger = joined(tmp_path, "id;storeys\nP1;1,5\nP2;2,5\nP3;3\n", on=["parcel", "id"])
    batch.read_number("n", Spec(column="storeys"))
    assert (batch.list_values("n"), told(ledger)) == ([1.5, 2.5, 3], [])


@pytest.mark.parametrize(
    ("table", "join", "reason"),
    [
        ("parcel,storeys\nP1,3\nP2,three\n", {"sum": ["storeys"]}, "bad_number"),
        ("parcel,storeys\nP1,1.234\n", {"sum": ["storeys"]}, "ambiguous_number"),
        ("parcels,storeys\nP1,3\n", {}, "missing_column"),
        ("parcel,storeys\nP1,3\n", {"max": ["floors"]}, "missing_column"),
        ("parcel,storeys\nP1,3\nP2", {}, "cut_row"),
    ],
)
def test_a_table_that_cannot_be_joined(tmp_path: Path, table: str, join: dict[str, Any], reason: str) -> None:
    with pytest.raises(FileProblem) as problem:
        joined(tmp_path, table, **join)
    assert problem.value.told.reason == reason


def test_a_table_that_is_not_there_is_missed(tmp_path: Path) -> None:
    source = BuildingSource(file=["x.csv"], key="b", join={"file": "no.csv", "on": "id"})
    (tmp_path / "x.csv").write_text("id\n1\n", encoding="utf-8")
    assert [one.facts["file"] for one in Intake(tmp_path, Ledger(), SHANGHAI).find_missing(source)] == ["no.csv"]
