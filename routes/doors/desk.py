"""The desk's page: its frame, who is asking, and the sentences that its script says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from data.cases.stages import SEVERITIES
from data.core.i18n import t
from data.core.viewer import Viewer
from layers.spec.icons import load_icons
from layers.style.wording import CHANNEL_TITLES
from routes.doors.desk_words import CASE_WORDS, DESK_WORDS, FIELD_WORDS, MAP_WORDS
from routes.doors.entry_words import ENTRY_WORDS
from routes.doors.figures import translate_indicators
from routes.doors.figures_words import BEHIND_WORDS
from routes.doors.page import PageView

DESK = "/desk"
"""Address of the page."""


@dataclass(frozen=True, kw_only=True)
class DeskPage(PageView):
    """The frame.

    Attributes:
        facts: what the script must know, as JSON: language, CSRF token, account and its units, sentences, icons.
        scripts: addresses of scripts; the last one is the page's own module.
        live_worker: address of the worker that the pages of a browser share.
    """

    template: ClassVar[str] = "desk/desk.html"
    facts: str
    scripts: Sequence[str]
    live_worker: str


def describe_desk(
    lang: str, viewer: Viewer, start: str, units: Sequence[str], csrf: str, scripts: Sequence[str], live_worker: str
) -> DeskPage:
    """The frame for a viewer.

    Args:
        lang: language of the page.
        viewer: who is asking.
        start: code of the area with which the viewer starts.
        units: codes of the units in which the viewer works.
        csrf: token for the steps that the page takes.
        scripts: addresses of scripts, the page's own module last.
        live_worker: address of the shared worker.
    """
    facts = {
        "lang": lang,
        "csrf": csrf,
        "me": viewer.name,
        "shown": viewer.shown,
        "start": start,
        "units": list(units),
        "severities": list(SEVERITIES),
        "can": {
            "reveal": viewer.may("reveal"),
            "remark": viewer.may("remark_cases"),
            "report": viewer.may("report_cases"),
            "merge": viewer.may("dispatch_cases"),
            "export": viewer.may("export_cases"),
        },
        "words": _translate_words(lang),
        "icons": load_icons(),
    }
    told = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return DeskPage(facts=told, scripts=scripts, live_worker=live_worker)


def _translate_words(lang: str) -> dict[str, str]:
    own = {name: t(lang, sentence) for name, sentence in {**DESK_WORDS, **CASE_WORDS, **ENTRY_WORDS, **BEHIND_WORDS, **MAP_WORDS}.items()}
    fields = {f"field_{name}": t(lang, sentence) for name, sentence in FIELD_WORDS.items()}
    sources = {f"source_{code}": t(lang, title) for code, title in CHANNEL_TITLES.items()}
    return {**own, **fields, **sources, **translate_indicators(lang)}
