"""One reader for every number: how a text is a number, and which sign of a column stands before decimals.

``12.345`` is twelve in one country and twelve thousand in another. A profile says which (``decimal``), or all values of the column agree;
where both readings fit, nothing is guessed. A sign that could stand before decimals is never dropped.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.importing.common.columns import Mask, Values, has_value, to_mask
from data.importing.common.sentences import FileProblem

Sign = Literal[".", ","]
"""What stands before decimals."""

_BLANKS = " '’\u00a0\u2009\u202f"
"""Besides the other sign, what stands between groups of digits."""
_OTHER: dict[str, Sign] = {".": ",", ",": "."}
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,3})?"
_MARKS = str.maketrans({"−": "-", "٫": ".", "٬": "'"})
_LONGEST = 60
"""Characters of a number; a longer text is none."""


def _form(sign: Sign) -> str:
    """A regular expression (for Python and for Arrow) of a number whose decimals come after ``sign``."""
    groups = [rf"[0-9]{{1,3}}(?:{gap}[0-9]{{3}})+" for gap in (re.escape(_OTHER[sign]), *map(re.escape, _BLANKS))]
    lakhs = rf"[0-9]{{1,2}}(?:{re.escape(_OTHER[sign])}[0-9]{{2}})+{re.escape(_OTHER[sign])}[0-9]{{3}}"
    decimals = rf"{re.escape(sign)}[0-9]"
    return rf"^[+-]?(?:(?:[0-9]+(?:{decimals}*)?|{decimals}+){_EXPONENT}|(?:{'|'.join([*groups, lakhs])})(?:{decimals}*)?)$"


_FORMS: dict[str, str] = {".": _form("."), ",": _form(",")}
_PATTERNS = {sign: re.compile(form) for sign, form in _FORMS.items()}
_PLAIN: dict[str, str] = {".": r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$", ",": r"^-?[0-9]{1,15}(,[0-9]{1,15})?$"}
_SIGNS = r"[.,]"
_ZERO_FIRST = r"^[+-]?0[.,]"
"""Nobody begins a number of thousands with a nought."""
_FRACTION: dict[str, str] = {".": r"\.[0-9]*[1-9][0-9]*$", ",": r",[0-9]*[1-9][0-9]*$"}


def parse_number(value: object, sign: str) -> float | None:
    """A number whose decimals come after ``sign``; ``None`` when it is none, or groups of digits are not of three."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float | Decimal):
        found = float(value)
        return found if np.isfinite(found) else None
    text = str(value).strip()
    if len(text) > _LONGEST:
        return None
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_MARKS)
    if not _PATTERNS[sign].match(text):
        return None
    for gap in (*_BLANKS, _OTHER[sign]):
        text = text.replace(gap, "")
    found = float(text.replace(",", "."))
    return found if np.isfinite(found) else None


def parse_numbers(values: Values, sign: str) -> tuple[pa.Array, Mask]:
    """Numbers of a column as double precision, and the rows whose value has to be looked at by itself."""
    known = has_value(values)
    if pa.types.is_integer(values.type) or pa.types.is_floating(values.type):
        found = values.cast(pa.float64(), safe=False)
        good = to_mask(pc.is_finite(found))
    elif pa.types.is_string(values.type):
        good = to_mask(pc.match_substring_regex(values, _PLAIN[sign]))
        texts = pc.if_else(pa.array(good), values, pa.scalar(None, pa.string())) if not good.all() else values
        found = (pc.replace_substring(texts, ",", ".") if sign == "," else texts).cast(pa.float64())
    else:
        return pa.nulls(len(values), pa.float64()), known
    return pc.if_else(pa.array(good), found, pa.scalar(None, pa.float64())), known & ~good


@dataclass(frozen=True)
class _Votes:
    """What the values of a column that hold a sign say: which of the two readings they allow."""

    only_point: str | None = None
    only_comma: str | None = None
    either: str | None = None


def decide_sign(values: Values, file: str, column: str, whole: bool) -> Sign:
    """The sign before decimals that all values of a column allow.

    Args:
        values: of the column.
        file: as told to people.
        column: its name.
        whole: whether only whole numbers make sense here, so that of two readings the one without decimals is meant.

    Raises:
        FileProblem: both signs are possible, or some values want the one and some the other.
    """
    texts = _texts(values)
    if texts is None or not len(texts):
        return "."
    votes = _count(texts)
    if votes.only_point and votes.only_comma:
        raise FileProblem("mixed_decimals", file=file, column=column, value=votes.only_point, other=votes.only_comma)
    if votes.only_comma:
        return ","
    if votes.only_point or votes.either is None:
        return "."
    fitting: list[Sign] = [sign for sign in _OTHER.values() if not _any(texts, _FRACTION[sign])] if whole else []
    if len(fitting) == 1:
        return fitting[0]
    readings = {f"as_{name}": f"{parse_number(votes.either, sign):,.10g}" for name, sign in (("point", "."), ("comma", ","))}
    raise FileProblem("ambiguous_number", file=file, column=column, value=votes.either, **readings)


def _texts(values: Values) -> pa.Array | None:
    """The values that are texts with one of the signs in them."""
    if isinstance(values, list):
        values = pa.array([v for v in values if isinstance(v, str)], pa.string())
    if not pa.types.is_string(values.type):
        return None
    found = values.filter(pa.array(to_mask(pc.match_substring_regex(values, _SIGNS))))
    return pc.utf8_trim_whitespace(found)


def _count(texts: pa.Array) -> _Votes:
    point, comma = (to_mask(pc.match_substring_regex(texts, _FORMS[sign])) for sign in _OTHER)
    # In “0.125” the sign can only stand before decimals.
    leading = to_mask(pc.match_substring_regex(texts, _ZERO_FIRST))
    if leading.any():
        dotted = to_mask(pc.match_substring(texts, "."))
        point, comma = point & ~(leading & ~dotted), comma & ~(leading & dotted)

    def first(rows: Mask) -> str | None:
        at = np.flatnonzero(rows)
        return str(texts[int(at[0])]) if len(at) else None

    return _Votes(first(point & ~comma), first(comma & ~point), first(point & comma))


def _any(texts: pa.Array, pattern: str) -> bool:
    return bool(to_mask(pc.match_substring_regex(texts, pattern)).any())
