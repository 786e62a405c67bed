"""Examples of requests and answers on cases, for the OpenAPI document."""

from data.cases.duplicates.finding import SimilarCases
from data.cases.listing.types import CaseRow
from data.cases.types import BulkAnswer, CaseAnswer, CaseDeadline, CaseEvent, CaseForetold, CaseListed, StepAnswer, StepOffered
from data.figures.types import VERSION
from routes.api.examples import CASE_LIST, DEMO_CITY

_NUMBER = "GW20261031-00001"
_AT, _LATER = "2026-10-31T09:12:05Z", "2026-10-31T09:30:41Z"

_CASE: CaseListed = {
    "number": _NUMBER,
    "city": DEMO_CITY,
    "category": "appearance",
    "category_name": "市容环境",
    "category_name_en": "City appearance",
    "channel": "hotline",
    "stage": "filed",
    "state": "on_time",
    "severity": 3,
    "condition": None,
    "title": "路口积水",
    "title_en": None,
    "description": None,
    "address": None,
    "grid": "990102001001001",
    "lon": 118.41,
    "lat": 30.92,
    "reported_at": _AT,
    "due_at": None,
    "due_provisional": False,
    "stage_at": _LATER,
    "stage_due_at": None,
    "filed_at": _LATER,
    "dispatched_at": None,
    "closed_at": None,
    "paused": False,
    "paused_until": None,
    "unit": None,
    "assignee": None,
    "assignee_shown": None,
    "handler": None,
    "duplicate_of": None,
    "reworked": 0,
    "reopened": 0,
    "answered": None,
    "solved": None,
    "satisfied": None,
    "version": 2,
}
_EVENT: CaseEvent = {
    "seq": 2,
    "at": _LATER,
    "step": "file",
    "step_name": "File the case",
    "stage": "filed",
    "account": "li",
    "actor": "李明",
    "unit": None,
    "remark": None,
    "details": {},
    "place": None,
    "attachments": [],
    "late": False,
}
_OFFERED: StepOffered = {
    "step": "dispatch",
    "name": "Dispatch",
    "needs": [],
    "needs_one_of": ["unit", "assignee"],
    "takes": ["attachments", "place", "remark"],
}
_DEADLINE: CaseDeadline = {
    "due_at": "2026-11-02T17:30:00+08:00",
    "stage_due_at": "2026-10-31T19:30:41+08:00",
    "amber_at": "2026-11-02T15:30:00+08:00",
    "provisional": False,
    "rule": 3,
    "lines": [
        {"kind": "start", "text": "Reported at 31 Oct (Sat) 17:12."},
        {"kind": "rule", "text": "Handling, time allowed in working hours: 7."},
        {"kind": "free", "text": "1 Nov (Sun): free by the city's hours, does not count."},
        {"kind": "counted", "text": "2 Nov (Mon): 09:00-12:00, 13:30-17:30, 7 h; 7 of 7 h."},
        {"kind": "due", "text": "Due at 2 Nov (Mon) 17:30."},
    ],
}
CASE: CaseAnswer = {"version": VERSION, "case": _CASE, "deadline": _DEADLINE, "history": [_EVENT], "steps": [_OFFERED], "reporters": None}
TAKEN: StepAnswer = {
    "version": VERSION,
    "number": _NUMBER,
    "case_version": 2,
    "stage": "filed",
    "step": "file",
    "seq": 2,
    "at": _LATER,
    "again": False,
    "parts": [],
    "steps": [_OFFERED],
}
REPORTED: StepAnswer = {**TAKEN, "case_version": 1, "stage": "reported", "step": "report", "seq": 1, "at": _AT, "steps": []}
BULK: BulkAnswer = {
    "version": VERSION,
    "preview": False,
    "done": 1,
    "refused": 0,
    "results": [{"number": _NUMBER, "ok": True, "case_version": 2, "stage": "filed", "fields": [], "unit": None, "rule": None}],
    "units": [],
}
_NEAR: CaseRow = {name: CASE_LIST["cases"][0][name] for name in CaseRow.__annotations__}  # type: ignore[assignment, literal-required]
SIMILAR: SimilarCases = {
    "version": VERSION,
    "cases": [{**_NEAR, "distance_m": 64, "days": 6, "photo_distance": 9}],
    "radius_m": 80,
    "days": 14,
}
FORETOLD: CaseForetold = {
    "version": VERSION,
    "ok": True,
    "fields": [],
    "channel": "hotline",
    "place": {
        "city": DEMO_CITY,
        "area": "990102001001001",
        "areas": [{"code": "990102001001001", "name": "01网格", "name_en": "Grid 01", "level": "grid"}],
        "lon": 118.41,
        "lat": 30.92,
        "method": "within",
        "sentence": "",
    },
    "deadline": {
        "due_at": "2026-11-02T17:12:05+08:00",
        "stage_due_at": "2026-10-31T19:12:05+08:00",
        "amber_at": "2026-11-02T15:12:05+08:00",
        "provisional": False,
        "rule": 3,
        "lines": [{"kind": "start", "text": "Reported at 31 Oct (Sat) 17:12."}],
    },
    "route": {
        "unit": "cg-1",
        "unit_name": "城管中队",
        "unit_name_en": "Urban management squad",
        "assignee": None,
        "rule": 7,
        "sentence": "Once filed, routing rule 2 sends it to Urban management squad.",
    },
}
CATEGORIES = {
    "version": VERSION,
    "categories": [
        {
            "code": "appearance",
            "parent": None,
            "name": "市容环境",
            "name_en": "City appearance",
            "symbol": "broom",
            "ordinal": 1,
            "pinyin": ["shi", "rong", "huan", "jing"],
        }
    ],
}
