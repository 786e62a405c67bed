"""Longitude and latitude in one column, such as ``10.005,50.01``, ``(50.01, 10.005)`` or ``{"lat": 50.01, "lon": 10.005}``."""

import re

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from data.importing.common.columns import has_value, map_values, to_list, to_mask, to_numbers, value_at
from data.importing.common.sentences import FileProblem
from data.importing.rows.batch import Batch
from data.importing.rows.reading import to_text

_NUMBER = {".": r"[-+]?[0-9]{1,9}(?:\.[0-9]*)?", ",": r"[-+]?[0-9]{1,9}(?:,[0-9]*)?"}
_BETWEEN = {".": r"\s*[,;，/ \t]\s*", ",": r"\s*[;/ \t]\s*"}
_NAMES = (("lon", "lng", "long", "longitude", "x"), ("lat", "latitude", "y"))
_A_PAIR = re.compile(rf"[(\[]?\s*{_NUMBER['.']}{_BETWEEN['.']}{_NUMBER['.']}\s*[)\]]?", re.ASCII)
_LOOKED_AT = 20


def read_points(batch: Batch, column: str, lat_first: bool) -> npt.NDArray[np.object_]:
    """Points of a column; what is no pair of numbers is rejected, and missing ones stay ``None``."""
    given = batch.column(column)
    texts = map_values(given, to_text, pa.string())[0]
    sign = batch.source.decimal or "."
    pattern = rf"^[(\[]?\s*(?P<a>{_NUMBER[sign]}){_BETWEEN[sign]}(?P<b>{_NUMBER[sign]})\s*[)\]]?$"
    found = pc.extract_regex(texts, pattern)
    a, b = (to_numbers(pc.replace_substring(pc.struct_field(found, [name]), ",", ".").cast(pa.float64())) for name in ("a", "b"))
    xy = np.column_stack([b, a] if lat_first else [a, b])
    known = to_mask(found.is_valid())
    for i in np.flatnonzero(has_value(texts) & ~known).tolist():
        named = _read_named(texts[i].as_py())
        if named is None:
            batch.reject(i, "bad_coordinates", column, value_at(given, i))
        else:
            xy[i], known[i] = named, True
    made = np.full(len(batch), None, dtype=object)
    made[known] = shapely.points(xy[known])
    return made


def _read_named(text: str) -> tuple[float, float] | None:
    """Longitude and latitude of an object that names them; ``None`` for anything else."""
    try:
        told = {str(k).casefold(): v for k, v in dict(orjson.loads(text)).items()}
        lon, lat = (next(told[name] for name in names if name in told) for names in _NAMES)
        return float(lon), float(lat)
    except (ValueError, TypeError, StopIteration):
        return None


def refuse_pairs(batch: Batch, columns: list[str]) -> None:
    """Say so where one of the columns holds both coordinates, of which only a person knows which comes first.

    Raises:
        FileProblem: it does.
    """
    for name in columns:
        if name.startswith("file."):
            continue
        values = batch.sheet.columns[name]
        first = [v for v in to_list(values[:_LOOKED_AT]) if isinstance(v, str) and v.strip()]
        if first and all(_A_PAIR.fullmatch(v.strip()) and v.count(".") == 2 for v in first):
            raise FileProblem("pair_column", file=batch.sheet.file, column=name, value=first[0])
