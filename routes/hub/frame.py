"""The data hub: its frame, who is asking, and the sentences that its script says."""

import json
from dataclasses import dataclass
from typing import ClassVar

from data.core.i18n import t
from data.core.viewer import Viewer
from data.figures.scope import may_see_cases
from routes.doors.desk_words import KEY_WORDS, WAITING_WORDS
from routes.doors.page import PageView
from routes.hub.words import HUB_WORDS


@dataclass(frozen=True, kw_only=True)
class HubPage(PageView):
    """The frame.

    Attributes:
        facts: what the script must know, as JSON: language, account, sentences.
        script: address of the page's module.
        at_desk: whether the desk is open to the viewer.
        may_report: whether the viewer may report cases.
        live_worker: address of the worker that the pages of a browser share.
    """

    template: ClassVar[str] = "hub/hub.html"
    facts: str
    script: str
    at_desk: bool
    may_report: bool
    live_worker: str


def describe_hub(lang: str, viewer: Viewer, start: str, csrf: str, script: str, live_worker: str) -> HubPage:
    """The frame for a viewer.

    Args:
        lang: language of the page.
        viewer: who is asking.
        start: code of the area with which the viewer starts.
        csrf: token for the changes that the page makes.
        script: address of the page's module.
        live_worker: address of the worker that listens for events.
    """
    facts = {
        "lang": lang,
        "csrf": csrf,
        "me": viewer.name,
        "shown": viewer.shown,
        "start": start,
        "units": [],
        "severities": [],
        "can": {},
        "words": {name: t(lang, sentence) for name, sentence in {**WAITING_WORDS, **KEY_WORDS, **HUB_WORDS}.items()},
        "icons": {},
    }
    told = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    may_report = viewer.may("report_cases")
    return HubPage(facts=told, script=script, at_desk=may_see_cases(viewer), may_report=may_report, live_worker=live_worker)
