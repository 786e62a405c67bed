"""Bodies of requests on reports: their shapes for the OpenAPI document, and what is read from them."""

import uuid
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from data.core.errors import BadInput, UnknownName
from data.core.i18n import languages
from data.core.text import could_be_code, storable
from data.core.viewer import Lang
from data.reports.audience import DETAILS, ReportDetail
from data.reports.errors import UnknownReport
from data.reports.requests import Order
from data.reports.sending.receipts import MOST_ANSWER
from reports.compose import MOST_BESIDE
from reports.kinds import find_kind
from reports.periods import parse_period

LONGEST_REASON, LONGEST_KEY = 500, 200
_FORM, _LONG = "it does not have the right form", "it is too long"


class ReportOrderBody(BaseModel):
    """A report to be made."""

    model_config = ConfigDict(extra="forbid")
    area: str = Field(description="Code of the area or functional zone", examples=["990100"])
    kind: str = Field(description="Kind of report: daily, weekly, monthly, profile, comparison, or a city's own", examples=["weekly"])
    period: str | None = Field(
        default=None,
        description="2026-11-23, 2026-W47, 2026-11, 2026-Q4, 2026, or 2026-03-01..2026-03-17; without it the last one that is over",
        examples=["2026-W43"],
    )
    beside: list[str] = Field(default=[], max_length=MOST_BESIDE, description="Codes of areas to compare with")
    lang: str | None = Field(default=None, description="Language of the report: zh or en; otherwise that of the answer")
    detail: str | None = Field(
        default=None,
        description="figures: without single cases; cases: with them; otherwise with them where the account may see those of the area",
    )


class CorrectionBody(BaseModel):
    """A correction of an issued report: the same area, kind and period, made anew."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(
        min_length=1, max_length=LONGEST_REASON, description="Why: it stands in the new report", examples=["补录了 7 件案件"]
    )


class SeenBody(BaseModel):
    """That somebody has seen a report, with an answer if there is one."""

    model_config = ConfigDict(extra="forbid")
    answer: str | None = Field(
        default=None,
        max_length=MOST_ANSWER,
        description="What whoever must act answers; the newest one stands, and an empty one takes none back",
        examples=["已派人处理，周五前完成"],
    )


def read_answer(body: dict[str, Any]) -> str:
    """What is answered to a report; empty: nothing.

    Raises:
        BadInput: it is no text of at most ``MOST_ANSWER`` characters.
        UnknownName: there is another field.
    """
    for name in body:
        if name != "answer":
            raise UnknownName.among("field", name, ("answer",))
    answer = body.get("answer") or ""
    return _words("answer", answer, MOST_ANSWER)


def _words(name: str, value: object, most: int) -> str:
    """What somebody wrote.

    Raises:
        BadInput: it is no text, cannot be kept, or is longer than so many characters.
    """
    if not isinstance(value, str) or not storable(value):
        raise BadInput(field=name, value="", reason=_FORM)  # half a character cannot be said again, either
    if len(value.strip()) > most:
        raise BadInput(field=name, value=value[:60], reason=_LONG)
    return value.strip()


def read_order(body: dict[str, Any], lang: Lang) -> Order:
    """What a body asks for.

    Args:
        body: a JSON object.
        lang: language of the report where the body names none.

    Raises:
        BadInput: a field has not the right form.
        UnknownName: no kind, language or detail has this name.
        BadPeriod, BadKind: see ``reports.periods.parse_period`` and ``reports.kinds.find_kind``.
    """
    for name in body:
        if name not in ReportOrderBody.model_fields:
            raise UnknownName.among("field", name, ReportOrderBody.model_fields)
    area, kind = _text(body, "area"), _text(body, "kind")
    if area is None or kind is None:
        raise BadInput(field="area" if area is None else "kind", value="", reason="it is needed")
    beside = body.get("beside") or []
    if not isinstance(beside, list) or not all(isinstance(code, str) and could_be_code(code) for code in beside):
        raise BadInput(field="beside", value="", reason=_FORM)
    if len(beside) > MOST_BESIDE or len({area, *beside}) < len(beside) + 1:
        raise BadInput(field="beside", value=", ".join(beside)[:60], reason="up to five other areas, each once")
    period = _text(body, "period")
    if period is not None:
        parse_period(period)
    find_kind(kind)
    wanted = _text(body, "lang") or lang
    if wanted not in languages():
        raise UnknownName.among("lang", wanted, languages())
    return Order(area, kind, period, tuple(beside), "zh" if wanted == "zh" else "en", _detail(_text(body, "detail")))


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or not could_be_code(value):
        raise BadInput(field=name, value="", reason=_FORM)
    return value


def _detail(given: str | None) -> ReportDetail | None:
    for detail in DETAILS:
        if given == detail:
            return detail
    if given is None:
        return None
    raise UnknownName.among("detail", given, DETAILS)


def read_reason(body: dict[str, Any]) -> str:
    """Why a report is corrected.

    Raises:
        BadInput: there is no reason, or it is no text of at most ``LONGEST_REASON`` characters.
        UnknownName: there is another field.
    """
    for name in body:
        if name != "reason":
            raise UnknownName.among("field", name, ("reason",))
    reason = body.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise BadInput(field="reason", value="", reason="it is needed")
    return _words("reason", reason, LONGEST_REASON)


def read_key(key: str | None) -> str | None:
    """An idempotency key.

    Raises:
        BadInput: it is empty, too long, or cannot be stored.
    """
    if key is not None and (not key or not storable(key)):
        raise BadInput(field="Idempotency-Key", value=key[:60], reason=_FORM)
    if key is not None and len(key) > LONGEST_KEY:
        raise BadInput(field="Idempotency-Key", value=key[:60], reason=_LONG)
    return key


def read_id(given: str) -> uuid.UUID:
    """The id of a report.

    Raises:
        UnknownReport: it cannot be one.
    """
    try:
        return uuid.UUID(given)
    except ValueError:
        raise UnknownReport(id=given[:60]) from None
