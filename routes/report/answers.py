"""What is told of a report: one shape for what waits, is being made, failed, can be previewed, or was issued."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from data.core.i18n import tell
from data.core.viewer import Viewer
from data.figures.types import VERSION
from data.reports.errors import StoredProblem
from data.reports.issued import Issued, list_files, read_issued, read_wishes
from data.reports.requests import FORMS, Request, StoredForm, read_request

State = Literal["queued", "making", "done", "failed", "issued"]
JSON_FORM = "json"


class ProgressAnswer(TypedDict):
    """How far a report is."""

    section: Annotated[str, Field(description="section that is being made")]
    at: Annotated[int, Field(description="which one it is, from 0")]
    of: int


class ProblemAnswer(TypedDict):
    """Why a report was not made."""

    code: str
    sentence: str


class ReportFileAnswer(TypedDict):
    """A form of a report. What is not written yet is written when somebody asks for it."""

    form: Annotated[str, Field(description="pdf, docx, xlsx or json")]
    address: str
    written: bool
    bytes: int | None
    sha256: Annotated[str | None, Field(description="of the file, hexadecimal; of issued reports also in the audit log")]
    problem: Annotated[str | None, Field(description="why it could not be written")]


class ChangedFigure(TypedDict):
    """A figure of a correction that differs."""

    key: str
    label: str
    unit: str
    old: float | None
    new: float | None


class ReportAnswer(TypedDict):
    """A report."""

    version: str
    id: Annotated[str, Field(description="of the request, its preview, and the issued report")]
    state: Annotated[State, Field(description="queued, making, done: a preview for a day, failed, or issued: for good")]
    address: str
    area: str
    kind: str
    period: Annotated[str | None, Field(description="as it is asked for; null: the last one that is over")]
    beside: list[str]
    lang: str
    detail: Annotated[str, Field(description="figures, or cases: with single cases")]
    progress: ProgressAnswer | None
    problem: ProblemAnswer | None
    title: str | None
    area_name: str | None
    period_name: str | None
    days: str | None
    first: Annotated[str | None, Field(description="first day of the period")]
    last: str | None
    as_of: Annotated[str | None, Field(description="moment of the data")]
    data_version: int | None
    asked_at: str | None
    made_at: str | None
    sha256: Annotated[str | None, Field(description="of what the report holds, which is its form json; hexadecimal")]
    files: list[ReportFileAnswer]
    approval: Annotated[bool, Field(description="a schedule had it made, and it waits for approval: it is issued when it is let go")]
    may_issue: Annotated[bool, Field(description="whether this account's role issues reports; PostgreSQL decides of which areas")]
    no: Annotated[int | None, Field(description="number of an issued report")]
    issued_at: str | None
    issuer: Annotated[str | None, Field(description="account")]
    corrects: Annotated[str | None, Field(description="id of the issued report that this one corrects")]
    corrected_by: Annotated[str | None, Field(description="id of the report that corrects this one")]
    reason: Annotated[str | None, Field(description="of the correction")]
    changes: Annotated[list[ChangedFigure] | None, Field(description="of a correction: figures that differ from the one that it corrects")]


class SeenAnswer(TypedDict):
    """That this account has confirmed having seen a report."""

    version: str
    report: Annotated[str, Field(description="id of the report")]
    seen_at: str
    answer: Annotated[str, Field(description="the newest one; empty: none")]
    answered_at: str | None


class ReportList(TypedDict):
    """Issued reports, the newest first."""

    version: str
    reports: list[ReportAnswer]
    next: Annotated[str | None, Field(description="address of the next page")]


def address_of(of_id: uuid.UUID) -> str:
    """Where a report is told of."""
    return f"/api/reports/{of_id}"


async def tell_report(who: Viewer, of_id: uuid.UUID) -> ReportAnswer:
    """What is told of a report, whatever its state.

    Raises:
        UnknownReport: there is none that opens for this viewer.
    """
    files, wishes = await list_files(who, of_id), await read_wishes(who, of_id)
    if (issued := await read_issued(who, of_id)) is not None:
        return tell_issued(issued, files, wishes, who)
    return tell_request(await read_request(who, of_id), files, wishes, who)


def tell_request(one: Request, files: Mapping[str, StoredForm], wishes: Mapping[str, Any], who: Viewer) -> ReportAnswer:
    """A request, or the preview that was made of it."""
    told, problem = _common(one, who), one.problem
    told["state"] = one.state
    if one.state == "making" and one.progress is not None:
        told["progress"] = {"section": one.progress["section"], "at": one.progress["at"], "of": one.progress["of"]}
    if problem is not None:
        told["problem"] = {"code": problem["code"], "sentence": tell_problem(problem, who.lang)}
    told["asked_at"] = _moment(one.asked_at)
    if one.state == "done":
        told["made_at"] = _moment(one.done_at)
        told["files"] = _files(one.id, files, wishes, None, one.sha256, who.lang)
        told["approval"] = one.asker != who.name
        told["may_issue"] = who.may("issue_reports") and not told["approval"]
    return told


def tell_issued(one: Issued, files: Mapping[str, StoredForm], wishes: Mapping[str, Any], who: Viewer) -> ReportAnswer:
    """An issued report."""
    return {
        **_common(one, who),
        "state": "issued",
        "made_at": _moment(one.made_at),
        "files": _files(one.id, files, wishes, one.bytes, one.sha256, who.lang),
        "no": one.no,
        "issued_at": _moment(one.issued_at),
        "issuer": one.issuer,
        "corrected_by": str(one.corrected_by) if one.corrected_by else None,
        "may_issue": who.may("issue_reports"),
    }


def _common(one: Request | Issued, who: Viewer) -> ReportAnswer:
    facts = one.facts
    return {
        "version": VERSION,
        "id": str(one.id),
        "state": "queued",
        "address": address_of(one.id),
        "area": one.order.area,
        "kind": one.order.kind,
        "period": facts.get("code") or one.order.period,
        "beside": list(one.order.beside),
        "lang": one.order.lang,
        "detail": one.audience.detail,
        "progress": None,
        "problem": None,
        "title": facts.get("title"),
        "area_name": facts.get("area_name"),
        "period_name": facts.get("period"),
        "days": facts.get("days"),
        "first": facts.get("first"),
        "last": facts.get("last"),
        "as_of": facts.get("as_of"),
        "data_version": facts.get("data_version"),
        "asked_at": None,
        "made_at": None,
        "sha256": one.sha256,
        "files": [],
        "approval": False,
        "may_issue": False,
        "no": None,
        "issued_at": None,
        "issuer": None,
        "corrects": str(one.corrects) if one.corrects else None,
        "corrected_by": None,
        "reason": one.reason,
        "changes": None if one.changes is None else [_changed(changed) for changed in one.changes],
    }


def _changed(one: Mapping[str, Any]) -> ChangedFigure:
    return {"key": one["key"], "label": one["label"], "unit": one["unit"], "old": one["old"], "new": one["new"]}


def _files(
    of_id: uuid.UUID, files: Mapping[str, StoredForm], wishes: Mapping[str, Any], bytes_: int | None, sha256: str | None, lang: str
) -> list[ReportFileAnswer]:
    def tell(form: str) -> ReportFileAnswer:
        known, problem = files.get(form), wishes.get(form)
        return {
            "form": form,
            "address": f"{address_of(of_id)}/files/{form}",
            "written": known is not None,
            "bytes": known.bytes if known else None,
            "sha256": known.sha256 if known else None,
            "problem": None if problem is None or known else tell_problem(problem, lang),
        }

    own: ReportFileAnswer = {**tell(JSON_FORM), "written": True, "bytes": bytes_, "sha256": sha256}
    return [*(tell(form) for form in FORMS), own]


def tell_problem(problem: Mapping[str, Any], lang: str) -> str:
    """The sentence of a problem that the printer met, in the reader's language."""
    return tell(lang, StoredProblem(problem))


def tell_seen(receipt: Mapping[str, Any]) -> SeenAnswer:
    """A receipt of this account's own."""
    return {
        "version": VERSION,
        "report": str(receipt["report"]),
        "seen_at": receipt["seen_at"].isoformat(timespec="seconds"),
        "answer": receipt["answer"],
        "answered_at": _moment(receipt["answered_at"]),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
