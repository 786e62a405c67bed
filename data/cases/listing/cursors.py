"""Cursors: where the next page of a list begins, as a short text that callers give back unchanged.

A cursor holds no rights and no secret: it is the value and the id of the last row, which the caller has seen. It is read strictly, and only
for the list that it was made for: behind a row of one list, another list would begin anywhere.
"""

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from data.core.errors import GridwellError
from data.core.text import LARGEST_BIGINT, LARGEST_INTEGER, storable

LONGEST = 6_000
_LONGEST_VALUE = 1_000
_DIGEST = 12
_MOMENTS = ("reported_at", "due_at", "closed_at", "stage_at")
_NUMBERS = ("severity", "stage", "urgency")


class BadCursor(GridwellError):
    status, code = 422, "bad_cursor"
    sentence = "This cursor does not belong to this list. Ask for the first page again, without a cursor."


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page begins.

    Attributes:
        empty: among the cases that have nothing in the column of the order.
        few: how the list is read, see ``data.queries.case_list.page``.
        value: of the last row in that column; ``None`` before the first row, or where ``empty``.
        moment: when the last row was reported; ``None`` before the first row.
        id: of the last row; likewise.
    """

    empty: bool
    few: bool
    value: Any = None
    moment: datetime | None = None
    id: int | None = None


def digest_list(*parts: object) -> str:
    """A short text that is the same for two lists exactly when their cursors can be exchanged."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]


def write_cursor(cursor: Cursor, of_list: str) -> str:
    """The cursor as a text, for the list with this digest."""
    value, moment = (one.isoformat() if isinstance(one, datetime) else one for one in (cursor.value, cursor.moment))
    told = json.dumps([of_list, int(cursor.empty), int(cursor.few), value, moment, cursor.id], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def read_cursor(text: str, of_list: str, column: str) -> Cursor:
    """The cursor in a text.

    Args:
        text: what ``write_cursor`` gave, if nobody changed it.
        of_list: digest of the list that is asked for.
        column: by which this list is ordered.

    Raises:
        BadCursor: it is no cursor, or one of another list.
    """
    try:
        told = json.loads(base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise BadCursor() from None
    if len(text) > LONGEST or not isinstance(told, list) or len(told) != 6 or told[0] != of_list:
        raise BadCursor()
    _, empty, few, value, at, last = told
    whole = isinstance(last, int) and not isinstance(last, bool) and 0 <= last <= LARGEST_BIGINT
    if empty not in (0, 1) or few not in (0, 1) or not (whole or last is None):
        raise BadCursor()
    read, moment = _read_value(value, column), _read_moment(at)
    if (read is None) != (bool(empty) or last is None) or (moment is None) != (last is None):
        raise BadCursor()
    return Cursor(bool(empty), bool(few), read, moment, last)


def _read_value(value: object, column: str) -> object:
    if value is None:
        return None
    if column in _NUMBERS:
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and 0 <= value <= (LARGEST_BIGINT if column == "urgency" else LARGEST_INTEGER)
        ):
            return value
        raise BadCursor()
    if column in _MOMENTS:
        return _read_moment(value)
    if not isinstance(value, str) or len(value) > _LONGEST_VALUE or not storable(value):
        raise BadCursor()
    return value


def _read_moment(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadCursor()
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise BadCursor() from None
    if moment.tzinfo is None:
        raise BadCursor()
    return moment
