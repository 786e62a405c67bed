"""From plain values to models: each of pydantic's findings as a fault with a line and a sentence in the words of the file."""

import copy
from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from data.core.nearest import find_nearest_word
from data.importing.profile.known_keys import known_keys
from data.packs.declaration.cadence import FORMS
from data.packs.declaration.faults import Fault
from data.packs.declaration.locator import Path
from data.packs.declaration.model import CODE_KEY
from data.packs.declaration.text import Written

Model = TypeVar("Model", bound=BaseModel)

_TYPES = {
    "string_type": "need_text",
    "int_type": "need_whole",
    "int_from_float": "need_whole",
    "int_parsing": "need_whole",
    "bool_type": "need_yes_no",
    "bool_parsing": "need_yes_no",
    "date_type": "need_date",
    "date_from_datetime_parsing": "need_date",
    "date_from_datetime_inexact": "need_date",
    "list_type": "need_list",
    "dict_type": "need_table",
    "model_type": "need_table",
    "model_attributes_type": "need_table",
    "float_type": "no_number",
    "float_parsing": "no_number",
}
_LIMITS = {"greater_than_equal": ("too_small", "ge"), "less_than_equal": ("too_large", "le")}
_SAID = ("no_number", "both_languages", "language_missing", "text_too_long", "no_expression")
_MOST_TOLD = 200


def validate(model: type[Model], written: Written) -> tuple[Model | None, list[Fault]]:
    """The model, or every fault of its values."""
    try:
        return model.model_validate(written.raw), []
    except ValidationError as error:
        return None, [_explain(model, written, one) for one in error.errors(include_url=False)[:_MOST_TOLD]]


def prune(raw: dict[str, Any], model: type[BaseModel]) -> tuple[dict[str, Any], set[str]]:
    """The values without what cannot be used, so that the rest can be looked at; and the names that are gone with it."""
    kept = copy.deepcopy(raw)
    gone: set[str] = set()
    for _ in range(_MOST_ROUNDS):
        try:
            model.model_validate(kept)
        except ValidationError as error:
            took = [_take_out(kept, one, gone) for one in error.errors(include_url=False)]
            if not any(took):
                break
        else:
            break
    return kept, gone


def _take_out(kept: dict[str, Any], one: Any, gone: set[str]) -> bool:
    """Take out the part of a finding: the key itself if it is unknown, a field of a kind, or the whole part that is named by its key."""
    steps = _real_steps(kept, one["loc"])
    if not steps:
        key = one["loc"][-1] if one["loc"] else None
        if key not in _STAND_INS:
            return False
        kept[str(key)] = _STAND_INS[key]
        gone.add(_NOTHING)
        return True
    if one["type"] != "extra_forbidden":
        steps = steps[: _DEPTH_OF_FIELDS if steps[0] == "kinds" and steps[2:3] == ["fields"] else _DEPTH_OF_PARTS]
    holder: Any = kept
    for step in steps[:-1]:
        holder = holder[step]
    if not isinstance(holder, dict) or steps[-1] not in holder:
        return False
    holder.pop(steps[-1])
    gone.add(str(steps[-1]))
    return True


_MOST_ROUNDS = 8
_DEPTH_OF_PARTS, _DEPTH_OF_FIELDS = 2, 4
_NOTHING = "-"
_STAND_INS: dict[object, Any] = {"code": "pack", "version": 1, "department": _NOTHING, "name": {"zh": _NOTHING, "en": _NOTHING}}
"""What stands for a missing key while the rest is looked at."""


def _real_steps(raw: Any, loc: Sequence[object]) -> list[Any]:
    """The steps of a finding that lead through the file: pydantic adds steps for the parts of a union."""
    steps: list[Any] = []
    for step in loc:
        inside = isinstance(raw, dict) and step in raw
        numbered = isinstance(raw, list) and isinstance(step, int) and step < len(raw)
        if not inside and not numbered:
            break
        steps.append(step)
        raw = raw[step]
    return steps


def _explain(model: type[BaseModel], written: Written, one: Any) -> Fault:
    path: Path = tuple(_real_steps(written.raw, one["loc"]))
    kind, ctx, value = one["type"], one.get("ctx", {}), one["input"]
    key = str(path[-1]) if path else written.file
    if kind == "missing":
        return written.fault(path, "needs_key", where=tell_path(path, written.file), key=str(one["loc"][-1]))
    if kind == "extra_forbidden":
        known = [name for name in known_keys(model, path[:-1]) if name != CODE_KEY]
        where = tell_path(path[:-1], written.file)
        return written.fault(path, "unknown_key", key=key, where=where, nearest=find_nearest_word(key, known))
    if kind == "too_short":
        return written.fault(path, "needs_part", where=tell_path(path, written.file))
    if kind == "too_long":
        return written.fault(path, "many_parts", where=tell_path(path, written.file), found=ctx["actual_length"], most=ctx["max_length"])
    if kind in ("string_too_long", "string_too_short"):
        facts = {"most": ctx["max_length"]} if "max_length" in ctx else {}
        return written.fault(path, "long_text" if facts else "empty_text", key=key, **facts)
    if kind == "literal_error":
        return _explain_choice(written, path, key, value, ctx)
    if kind == "cadence_form":
        return written.fault(path, "cadence_form", value=str(value), words=" · ".join(FORMS))
    if kind in _LIMITS:
        code, limit = _LIMITS[kind]
        return written.fault(path, code, key=key, value=str(value), limit=ctx[limit])
    if kind in _SAID:
        return written.fault(path, kind, key=key, **ctx)
    if kind in _TYPES:
        return written.fault(path, _TYPES[kind], key=key)
    return written.fault(path, "bad_value", key=key, detail=str(one["msg"]).removeprefix("Value error, "))


def _explain_choice(written: Written, path: Path, key: str, value: object, ctx: dict[str, Any]) -> Fault:
    words = [part.strip(" '") for part in str(ctx["expected"]).replace(" or ", ",").split(",")]
    return written.fault(
        path, "not_one_of", key=key, value=str(value), nearest=find_nearest_word(str(value), words), words=", ".join(words)
    )


def tell_path(path: Path, file: str) -> str:
    """``("scores", "standing", "parts", 1)`` as ``scores.standing.parts[2]``."""
    told = ""
    for step in path:
        told += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if told else str(step)
    return told or file
