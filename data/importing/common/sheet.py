"""A file after reading: columns of values, the geometry, and the line of every row."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import shapely

from data.importing.common.clean_text import clean_text
from data.importing.common.columns import Values, make_column, repeat_value, take_rows
from data.importing.common.sentences import Sentence

Lines = npt.NDArray[np.int64]
_KINDS = np.array(
    [None, "Point", "LineString", "LinearRing", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection"],
    dtype=object,
)


@dataclass
class Sheet:
    """One layer or table of one file.

    Attributes:
        file: path as told to people, relative to the folder of the import.
        columns: values by column, as the file has them (text from CSV, typed from others); all of one length.
        geometry: shapely objects (``None`` where missing), or ``None`` for a table without geometry.
        geometry_column: column whose texts these are, if any.
        crs: coordinate system as the file states it (anything pyproj understands), or ``None``.
        lines: line of the file, or ordinal of the feature, from 1.
        broken: rows whose geometry is there but cannot be read.
        closed: rows whose ring had to be closed.
        hollow: columns in which formulas have no stored value, each with the first such cell.
        merged: columns in which merged cells gave further rows their value, each with the first such cell.
        cut: the sign by which the file says that it does not hold everything, and how many rows there are in all (0: not told).
        remarks: what the report should say of the file.
    """

    file: str
    columns: dict[str, Values]
    geometry: npt.NDArray[np.object_] | None = None
    crs: object = None
    lines: Lines = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    broken: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    geometry_column: str | None = None
    hollow: dict[str, str] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    cut: tuple[str, int] | None = None
    remarks: list[Sentence] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    def take(self, rows: Lines) -> "Sheet":
        """Only these rows, in this order."""
        place = {int(row): i for i, row in enumerate(rows)} if self.broken or self.closed else {}
        return Sheet(
            file=self.file,
            columns={name: take_rows(values, rows) for name, values in self.columns.items()},
            geometry=None if self.geometry is None else self.geometry[rows],
            crs=self.crs,
            lines=self.lines[rows],
            broken={place[i] for i in self.broken if i in place},
            closed={place[i] for i in self.closed if i in place},
            geometry_column=self.geometry_column,
            hollow=self.hollow,
            merged=self.merged,
            cut=self.cut,
            remarks=self.remarks,
        )

    def clean_names(self) -> None:
        """Headings without invisible characters, so that a profile that names what people see finds them."""
        names = list(self.columns)
        clean = make_unique_names(names)
        if clean != names:
            self.columns = dict(zip(clean, self.columns.values(), strict=True))
            known = dict(zip(names, clean, strict=True))
            self.hollow, self.merged = ({known[name]: cell for name, cell in of.items()} for of in (self.hollow, self.merged))

    def add_file_columns(self, file: str, folder: str) -> None:
        """Add what we know of the file: ``file.name``, ``file.stem``, ``file.folder``, ``file.line``, and ``file.geometry`` (its kind).

        Columns that a file itself calls so are replaced: it cannot pass for another.
        """
        stem = file.split(".")[0]
        for name, value in (("file.name", file), ("file.stem", stem), ("file.folder", folder)):
            self.columns[name] = repeat_value(value, len(self))
        self.columns["file.line"] = pa.array(self.lines)
        if self.geometry is not None:
            kinds = _KINDS[shapely.get_type_id(self.geometry) + 1]
            self.columns["file.geometry"] = pa.array(kinds, pa.string())


def make_sheet(file: str, names: Sequence[str], rows: Sequence[Sequence[object]], lines: Sequence[int]) -> Sheet:
    """A sheet from rows; names are made unique by a number."""
    columns: dict[str, Values] = {}
    for i, name in enumerate(make_unique_names(names)):
        columns[name] = make_column([row[i] for row in rows])
    return Sheet(file=file, columns=columns, lines=np.array(lines, dtype=np.int64))


def make_unique_names(names: Sequence[str]) -> list[str]:
    """Column names as text; the second ``name`` becomes ``name_2``, an empty one its number."""
    seen: dict[str, int] = {}
    made: list[str] = []
    for i, raw in enumerate(names, start=1):
        name = clean_text(str(raw)).strip() if raw not in (None, "") else ""
        name = name or str(i)
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return made
