"""The page of figures: its frame, who is asking, and the sentences that its script says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from data.core.i18n import t
from data.core.viewer import Viewer
from data.figures.scope import may_see_cases
from data.indicators.definitions import INDICATORS
from data.indicators.trends import TOLD
from layers.spec.icons import load_icons
from layers.style.wording import CHANNEL_TITLES
from routes.doors.desk_words import KEY_WORDS, WAITING_WORDS
from routes.doors.figures_words import BEHIND_WORDS, FIGURES_WORDS
from routes.doors.page import PageView

FIGURES = "/desk/figures"
"""Address of the page."""


@dataclass(frozen=True, kw_only=True)
class FiguresPage(PageView):
    """The frame.

    Attributes:
        facts: what the script must know, as JSON: language, account and its rights, sentences, indicators, where plotly.js is.
        script: address of the page's module.
        at_desk: whether the desk is open to the viewer.
        may_report: whether the viewer may report cases.
        live_worker: address of the worker that the pages of a browser share.
    """

    template: ClassVar[str] = "desk/figures.html"
    facts: str
    script: str
    at_desk: bool
    may_report: bool
    live_worker: str


@dataclass(frozen=True, slots=True)
class FiguresScripts:
    """Addresses of scripts: the page's module, the shared worker, plotly.js."""

    page: str
    live_worker: str
    plotly: str


def describe_figures(lang: str, viewer: Viewer, start: str, units: Sequence[str], csrf: str, scripts: FiguresScripts) -> FiguresPage:
    """The frame for a viewer.

    Args:
        lang: language of the page.
        viewer: who is asking.
        start: code of the area with which the viewer starts.
        units: codes of the units in which the viewer works.
        csrf: token for what the page asks to be done.
        scripts: addresses of what the page loads.
    """
    cases = may_see_cases(viewer)
    facts = {
        "lang": lang,
        "csrf": csrf,
        "me": viewer.name,
        "shown": viewer.shown,
        "start": start,
        "units": list(units),
        "severities": [],
        "can": {
            "reveal": False,
            "remind": viewer.may("remind_cases"),
            "report": False,
            "cases": cases,
            "people": viewer.may("person_figures"),
        },
        "words": _translate_words(lang),
        "icons": load_icons(),
        "indicators": [
            {
                "code": one.code,
                "title": t(lang, one.title),
                "kind": one.kind,
                "over_time": one.code in TOLD,
                "higher": one.higher_is_better,
                "fewest": one.fewest,
            }
            for one in INDICATORS.values()
        ],
        "plotly": scripts.plotly,
    }
    told = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    may_report = viewer.may("report_cases")
    return FiguresPage(facts=told, script=scripts.page, at_desk=cases, may_report=may_report, live_worker=scripts.live_worker)


def _translate_words(lang: str) -> dict[str, str]:
    own = {name: t(lang, sentence) for name, sentence in {**FIGURES_WORDS, **BEHIND_WORDS, **WAITING_WORDS, **KEY_WORDS}.items()}
    sources = {f"source_{code}": t(lang, title) for code, title in CHANNEL_TITLES.items()}
    return {**own, **sources, **translate_indicators(lang)}


def translate_indicators(lang: str) -> dict[str, str]:
    """What each indicator is called, for what a list of cases says of where it came from."""
    return {f"indicator_{code}": t(lang, one.title) for code, one in INDICATORS.items()}
