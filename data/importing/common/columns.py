"""Columns as Arrow arrays: each operation works on a whole column at once.

Where Python itself has to read values, it reads each different value only once (``map_values``), because files repeat values.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Values: TypeAlias = Any
"""An Arrow array of texts, whole numbers, numbers or truth values; or a list where a column mixes them or holds dates."""
Mask: TypeAlias = npt.NDArray[np.bool_]

BAD = object()
"""A reader returns this for a value that it cannot read."""
_KINDS = (pa.string(), pa.int64(), pa.float64(), pa.bool_())
_CONTROL = np.ones(256, dtype=bool)
_CONTROL[9:11] = _CONTROL[13] = _CONTROL[32:] = False


def make_column(values: Sequence[object]) -> Values:
    """Plain values as an Arrow array, if they are all of one kind; as they are otherwise."""
    kinds = {type(v) for v in values} - {type(None)}
    if len(kinds) > 1 or not kinds <= {str, int, float, bool}:
        return list(values)
    try:
        made = pa.array(values, pa.string() if not kinds else None, from_pandas=True)
    except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):  # whole numbers beyond 64 bits, half a character
        return list(values)
    return made if made.type in _KINDS else list(values)


def repeat_value(value: object, count: int) -> pa.Array:
    """The same value in every row."""
    return pa.repeat(pa.scalar(value), count)


def empty_column(count: int, kind: pa.DataType) -> pa.Array:
    """Nothing in every row."""
    return pa.nulls(count, kind)


def take_rows(values: Values, rows: npt.NDArray[np.int64]) -> Values:
    """Only these rows, in this order."""
    return [values[i] for i in rows] if isinstance(values, list) else values.take(pa.array(rows))


def to_list(values: Values) -> list[Any]:
    """Python's own values."""
    return values if isinstance(values, list) else list(values.to_pylist())


def value_at(values: Values, row: int) -> Any:
    """One value as Python's own."""
    return values[row] if isinstance(values, list) else values[row].as_py()


def has_value(values: Values) -> Mask:
    """Rows that have a value."""
    if isinstance(values, list):
        return np.fromiter((v is not None for v in values), dtype=bool, count=len(values))
    made: Mask = values.is_valid().to_numpy(zero_copy_only=False)
    return made


def to_mask(flags: pa.Array) -> Mask:
    """Truth values as a numpy array; a missing value counts as false."""
    made: Mask = flags.fill_null(False).to_numpy(zero_copy_only=False)
    return made


def map_values(values: Values, read: Callable[[Any], object], kind: pa.DataType) -> tuple[pa.Array, Mask]:
    """The results of ``read`` for every value, as a column of one kind, and the rows for which it gave ``BAD``.

    Missing values stay missing.
    """
    if isinstance(values, list):
        return _each_of(values, read, kind)
    seen = values.dictionary_encode()
    made, bad = _each_of(seen.dictionary.to_pylist(), read, kind)
    rows = seen.indices
    wrong = to_mask(pa.array(bad).take(rows)) if bad.any() else np.zeros(len(values), dtype=bool)
    return made.take(rows), wrong


def _each_of(values: list[Any], read: Callable[[Any], object], kind: pa.DataType) -> tuple[pa.Array, Mask]:
    found = [None if v is None else read(v) for v in values]
    bad = np.fromiter((f is BAD for f in found), dtype=bool, count=len(found))
    return pa.array([None if f is BAD else f for f in found], kind), bad


def has_control(texts: pa.Array) -> bool:
    """Whether a control character other than tab and line breaks is among the bytes of a column of texts."""
    data = texts.buffers()[2]
    return data is not None and bool(_CONTROL[np.frombuffer(data, dtype=np.uint8)].any())


def find_longer(texts: pa.Array, most: int) -> Mask:
    """Which texts have more than this number of characters; a missing value has not."""
    sizes = pc.binary_length(texts)
    if (pc.max(sizes).as_py() or 0) <= most:
        return np.zeros(len(texts), dtype=bool)
    return to_mask(pc.greater(pc.utf8_length(texts), most))


def to_numbers(values: pa.Array) -> npt.NDArray[np.float64]:
    """A column of numbers as a numpy array, missing values as NaN."""
    made: npt.NDArray[np.float64] = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    return made
