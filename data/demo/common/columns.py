"""Columns of the demo city's tables."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute
import shapely

from data.demo.common.frame import Floats, Ints, Shapes

Columns = dict[str, pa.Array]


def pick_texts(values: Sequence[str | None], index: Ints) -> pa.Array:
    """``values[index]`` as a column of text, without making a Python string for every row."""
    return pa.array(values, pa.string()).take(pa.array(index))


def repeat_value(value: str | int, rows: int) -> pa.Array:
    """The same value in every row."""
    return pa.repeat(pa.scalar(value), rows)


def to_timestamps(times_utc: np.ndarray) -> pa.Array:
    """UTC times as a column of timestamps with zone."""
    return pa.array(times_utc.astype("datetime64[s]")).cast(pa.timestamp("s", tz="UTC"))


def encode_shapes(shapes: Shapes, srid: int) -> pa.Array:
    """Shapes as EWKB in hexadecimal, which PostGIS reads."""
    if len(shapes) and (shapely.get_type_id(shapes) == 0).all():
        return encode_points(shapely.get_coordinates(shapes), srid)
    return pa.array(shapely.to_wkb(shapely.set_srid(shapes, srid), hex=True, include_srid=True), pa.string())


def encode_points(coordinates: Floats, srid: int) -> pa.Array:
    """(n, 2) coordinates as points in EWKB, in hexadecimal: little endian, type 1 with the flag for an SRID."""
    packed = np.empty(len(coordinates), dtype=[("order", "u1"), ("type", "<u4"), ("srid", "<u4"), ("x", "<f8"), ("y", "<f8")])
    packed["order"], packed["type"], packed["srid"] = 1, 0x20000001, srid
    packed["x"], packed["y"] = coordinates.T
    ends = np.arange(len(packed) + 1, dtype=np.int32) * 2 * packed.itemsize
    return pa.StringArray.from_buffers(len(packed), pa.py_buffer(ends), pa.py_buffer(packed.tobytes().hex().encode()))


def to_multipolygons(shapes: Shapes) -> Shapes:
    """Polygons and multipolygons as multipolygons."""
    parts, owner = shapely.get_parts(shapes, return_index=True)
    return np.asarray(shapely.multipolygons(parts, indices=owner), dtype=object)


def join_texts(*columns: pa.Array | str) -> pa.Array:
    """Texts of several columns put together, row by row."""
    return pyarrow.compute.binary_join_element_wise(*columns, "")


def number_texts(prefix: str, numbers: Ints, width: int = 6) -> pa.Array:
    """``prefix`` and a number with leading zeros, as a column."""
    digits = pyarrow.compute.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return join_texts(prefix, digits)
