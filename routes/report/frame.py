"""The pages of reports: where one is chosen, and where one is read. Their frames, who is asking, and what their script must know."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from data.core.i18n import t
from data.core.viewer import Viewer
from data.figures.scope import may_see_cases
from layers.spec.icons import load_icons
from reports.kinds import BadKind, Kind, find_kind, list_kinds
from routes.doors.desk_words import KEY_WORDS, WAITING_WORDS
from routes.doors.page import PageView
from routes.report.receipts import Receipts
from routes.report.shown_blocks import ReportShown
from routes.report.words import REPORT_WORDS

REPORT = "/report"
"""Address of the page on which a report is chosen; one that is made has its id behind it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An issued report in the list: its address and number, what it is, and when it was issued by whom."""

    address: str
    no: int
    title: str
    area: str
    period: str
    told: str


@dataclass(frozen=True, slots=True)
class Own:
    """What the reader has asked for and not issued: its address, what it is, and how it stands."""

    address: str
    title: str
    area: str
    period: str
    told: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stands.

    Attributes:
        id: its id.
        issued: whether it is issued; a preview is only for whoever asked.
        told: when it was made or issued, and by whom: a sentence.
        as_of: for which moment its figures stand: a sentence.
        sha256: of what is stored; empty for previews.
        approval: a schedule had it made, and it is issued when somebody lets it go.
        may_issue: whether the reader may issue it, or correct it.
        corrects: address of the report that it corrects, with why and what differs.
        corrected_by: address of the report that corrects it.
        receipts: who has seen it, where a schedule sent it and the reader may know.
    """

    id: str
    issued: bool
    told: str
    as_of: str = ""
    sha256: str = ""
    approval: bool = False
    may_issue: bool = False
    corrects: str = ""
    reason: str = ""
    changes: tuple[tuple[str, str, str], ...] = ()
    corrected_by: str = ""
    receipts: Receipts | None = None


@dataclass(frozen=True, kw_only=True)
class ReportFrame:
    """What all these pages have.

    Attributes:
        facts: what the script must know, as JSON.
        script: address of the pages' module.
        at_desk: whether the desk is open to the viewer.
        may_report: whether the viewer may report cases.
    """

    facts: str
    script: str
    at_desk: bool
    may_report: bool


@dataclass(frozen=True, kw_only=True)
class ChoicePage(ReportFrame, PageView):
    """Where a report is chosen.

    Attributes:
        area: whose issued reports stand beside it.
        listed, older: these, and the address of older ones.
        own: what the reader has asked for within a day and not issued.
    """

    template: ClassVar[str] = "report/choose.html"
    area: str
    listed: tuple[Listed, ...]
    older: str
    own: tuple[Own, ...]


@dataclass(frozen=True, kw_only=True)
class WaitingPage(ReportFrame, PageView):
    """Before a report is made, or when it could not be made: ``problem`` is why, a sentence."""

    template: ClassVar[str] = "report/waiting.html"
    id: str
    problem: str
    again: str


@dataclass(frozen=True, kw_only=True)
class ReadingPage(ReportFrame, PageView):
    """A report that is read. ``again``: where another one like it is chosen."""

    template: ClassVar[str] = "report/read.html"
    shown: ReportShown
    standing: Standing
    again: str


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and what the frame needs of that: language, rights, token, addresses of scripts."""

    lang: str
    viewer: Viewer
    start: str
    csrf: str
    script: str
    plotly: str = ""

    @property
    def opens_cases(self) -> bool:
        """Whether the desk is open to the viewer."""
        return may_see_cases(self.viewer)

    def frame(self, **more: Any) -> dict[str, Any]:
        """What every page of reports has. ``more``: further facts for the script."""
        cases = self.opens_cases
        facts = {
            "lang": self.lang,
            "csrf": self.csrf,
            "me": self.viewer.name,
            "shown": self.viewer.shown,
            "start": self.start,
            "units": [],
            "severities": [],
            "can": {"cases": cases, "report": False, "issue": self.viewer.may("issue_reports")},
            "words": {name: t(self.lang, text) for name, text in {**REPORT_WORDS, **WAITING_WORDS, **KEY_WORDS}.items()},
            "icons": load_icons(),
            "plotly": self.plotly,
            **more,
        }
        told = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
        return {"facts": told, "script": self.script, "at_desk": cases, "may_report": self.viewer.may("report_cases")}


def describe_kinds(lang: str) -> Sequence[dict[str, Any]]:
    """The kinds that can be used, for the script: what each is called, for which periods and levels it is made, whether it compares."""
    made = []
    for code in list_kinds():
        try:
            made.append(_describe_kind(find_kind(code), lang))
        except BadKind:
            continue
    return sorted(made, key=lambda one: _ORDER.get(one["code"], len(_ORDER)))


_ORDER = {code: at for at, code in enumerate(("daily", "weekly", "monthly", "profile", "comparison"))}


def _describe_kind(kind: Kind, lang: str) -> dict[str, Any]:
    return {
        "code": kind.code,
        "title": kind.title_en if lang == "en" else kind.title,
        "step": kind.step,
        "any_period": kind.any_period,
        "levels": list(kind.levels),
        "compares": any(name == "comparison" for name, _ in kind.sections),
    }
