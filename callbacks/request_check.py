"""Checks requests to Dash's own endpoint: each must name one of our callbacks, with its inputs and the right types of values.

Dash checks none of this, and fails somewhere inside on a request that its own script would not send.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from callbacks.rights import right_of
from data.core.errors import BadInput
from pages import ids

_KINDS: dict[str, type] = {"search": str, "data": dict, "clickData": dict, f"{ids.SOUGHT}.data": str}
"""Type of value of each property that a callback reads, or of one component's property; a value may be missing or null."""
_REASON = "it does not have the right form"


def check_request(body: object, known: Mapping[str, Mapping[str, Any]]) -> None:
    """Refuse what the page's own script would not send.

    Args:
        body: the request's JSON, ``None`` if it held none.
        known: Dash's callbacks by output.

    Raises:
        BadInput: names the first wrong part.
    """
    if not isinstance(body, dict):
        raise BadInput(field="body", value=_short(body), reason=_REASON)
    output = body.get("output")
    if not isinstance(output, str) or output not in known or right_of(output) in (None, "browser"):
        raise BadInput(field="output", value=_short(output), reason=_REASON)
    if _joined(body.get("outputs")) != output:
        raise BadInput(field="outputs", value=_short(body.get("outputs")), reason=_REASON)
    for part, asked in (("inputs", known[output]["inputs"]), ("state", known[output]["state"])):
        given = body.get(part, [])
        if not _fits(given, asked):
            raise BadInput(field=part, value=_short(given), reason=_REASON)
    if not _can_be_sent_back(body):
        raise BadInput(field="body", value="", reason=_REASON)
    changed = body.get("changedPropIds", [])
    if not isinstance(changed, list) or not all(isinstance(one, str) for one in changed):
        raise BadInput(field="changedPropIds", value=_short(changed), reason=_REASON)


def _fits(given: object, asked: list[Mapping[str, str]]) -> bool:
    if not isinstance(given, list) or [_name(one) for one in given] != [_name(one) for one in asked]:
        return False
    return all(one.get("value") is None or isinstance(one["value"], _kind(one)) for one in given)


def _kind(part: Mapping[str, str]) -> type:
    return _KINDS.get(f"{part['id']}.{part['property']}") or _KINDS[part["property"]]


def _can_be_sent_back(body: object) -> bool:
    """Whether the values could be sent back in an answer. JSON can spell half a surrogate pair, which no UTF-8 can hold."""
    try:
        orjson.dumps(body)
    except orjson.JSONEncodeError:
        return False
    return True


def _joined(outputs: object) -> str | None:
    """Dash's name for one output or for several."""
    if isinstance(outputs, list):
        return f"..{'...'.join(str(_name(one)) for one in outputs)}.."
    return _name(outputs)


def _name(part: object) -> str | None:
    return f"{part.get('id')}.{part.get('property')}" if isinstance(part, dict) else None


def _short(value: object) -> str:
    """The start of a sent text, enough to recognise it; the whole text may be as long as a body."""
    return repr(value)[:60] if isinstance(value, str | int | float | None) else type(value).__name__
