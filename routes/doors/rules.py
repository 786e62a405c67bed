"""The page of rules and calendars: its frame, who is asking, and the sentences that its script says."""

import json
from dataclasses import dataclass
from typing import ClassVar

from data.core.i18n import t
from data.core.viewer import Viewer
from layers.style.wording import CHANNEL_TITLES
from routes.doors.desk_words import KEY_WORDS, WAITING_WORDS
from routes.doors.page import PageView
from routes.doors.rules_words import RULES_WORDS

RULES = "/desk/rules"
"""Address of the page."""


@dataclass(frozen=True, kw_only=True)
class RulesPage(PageView):
    """The frame.

    Attributes:
        facts: what the script must know, as JSON: language, CSRF token, account, sentences.
        script: address of the page's module.
        may_report: whether the viewer may report cases.
    """

    template: ClassVar[str] = "desk/rules.html"
    facts: str
    script: str
    may_report: bool


def describe_rules(lang: str, viewer: Viewer, start: str, csrf: str, script: str) -> RulesPage:
    """The frame for a viewer.

    Args:
        lang: language of the page.
        viewer: who is asking.
        start: code of the area with which the viewer starts.
        csrf: token for the changes that the page makes.
        script: address of the page's module.
    """
    sources = {f"source_{code}": t(lang, title) for code, title in CHANNEL_TITLES.items()}
    words = {name: t(lang, sentence) for name, sentence in {**RULES_WORDS, **WAITING_WORDS, **KEY_WORDS}.items()} | sources
    facts = {
        "lang": lang,
        "csrf": csrf,
        "me": viewer.name,
        "shown": viewer.shown,
        "start": start,
        "units": [],
        "severities": [],
        "can": {},
        "words": words,
        "icons": {},
    }
    told = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return RulesPage(facts=told, script=script, may_report=viewer.may("report_cases"))
