"""Examples of answers about reports, for the OpenAPI document."""

from data.figures.types import VERSION
from routes.report.answers import ReportAnswer, ReportFileAnswer, ReportList, SeenAnswer

_ID, _OLD = "6f0c1a52-3b1d-4d0e-9b7c-1f2a3b4c5d6e", "0b9d3c77-5d1e-4c8a-8a57-9e1f2d3c4b5a"
_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


def _file(form: str, size: int | None, digest: str | None) -> ReportFileAnswer:
    address = f"/api/reports/{_ID}/files/{form}"
    return {"form": form, "address": address, "written": size is not None, "bytes": size, "sha256": digest, "problem": None}


ISSUED: ReportAnswer = {
    "version": VERSION,
    "id": _ID,
    "state": "issued",
    "address": f"/api/reports/{_ID}",
    "area": "990100",
    "kind": "weekly",
    "period": "2026-W47",
    "beside": [],
    "lang": "zh",
    "detail": "figures",
    "progress": None,
    "problem": None,
    "title": "网格治理周报",
    "area_name": "澜州市",
    "period_name": "2026 年第 47 周",
    "days": "11 月 16 日（周一）至 11 月 22 日（周日）",
    "first": "2026-11-16",
    "last": "2026-11-22",
    "as_of": "2026-11-23T06:00:00+08:00",
    "data_version": 412,
    "asked_at": None,
    "made_at": "2026-11-23T00:12:31+00:00",
    "sha256": _HASH,
    "files": [_file("pdf", 412_803, _HASH), _file("docx", None, None), _file("xlsx", None, None), _file("json", 96_120, _HASH)],
    "approval": False,
    "may_issue": False,
    "no": 12,
    "issued_at": "2026-11-23T00:20:02+00:00",
    "issuer": "zhou",
    "corrects": _OLD,
    "corrected_by": None,
    "reason": "补录了 7 件案件",
    "changes": [{"key": "", "label": "上报案件", "unit": "cases", "old": 2855, "new": 2862}],
}
ASKED: ReportAnswer = {
    **ISSUED,
    "state": "queued",
    "title": None,
    "area_name": None,
    "period_name": None,
    "days": None,
    "first": None,
    "last": None,
    "as_of": None,
    "data_version": None,
    "made_at": None,
    "sha256": None,
    "no": None,
    "issued_at": None,
    "issuer": None,
    "corrects": None,
    "reason": None,
    "changes": None,
    "asked_at": "2026-11-23T00:12:28+00:00",
    "files": [],
}
SEEN: SeenAnswer = {
    "version": VERSION,
    "report": _ID,
    "seen_at": "2026-11-23T01:02:10+00:00",
    "answer": "已派人处理，周五前完成",
    "answered_at": "2026-11-23T01:02:10+00:00",
}
LISTED: ReportList = {"version": VERSION, "reports": [ISSUED], "next": None}
