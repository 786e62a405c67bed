"""The desk's page: its frame, who is asking, and the sentences that its script says."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from data.cases.saved.settings import ColumnChoice
from data.cases.stages import BULK_STEPS, SEVERITIES, STEP_TITLES, STEPS
from data.cases.templates.store import STEPS_WITH_TEXT
from data.core.i18n import t
from data.core.viewer import Viewer
from layers.spec.icons import load_icons
from layers.style.wording import CHANNEL_TITLES
from routes.doors.desk_many_words import KEPT_WORDS, MANY_WORDS
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


@dataclass(frozen=True, slots=True)
class Kept:
    """What the page must know from the database.

    Attributes:
        columns: that the viewer has chosen; ``None``: the usual ones.
        by_rules: whether there are rules that say where cases go.
    """

    columns: Sequence[ColumnChoice] | None = None
    by_rules: bool = False


def describe_desk(
    lang: str,
    viewer: Viewer,
    start: str,
    units: Sequence[str],
    csrf: str,
    scripts: Sequence[str],
    live_worker: str,
    kept: Kept,
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
        kept: what is kept with the account.
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
            "call": viewer.may("call"),
            "templates": viewer.may("dispatch_cases"),
            "remark": viewer.may("remark_cases"),
            "report": viewer.may("report_cases"),
            "handle": viewer.may("handle_cases"),
            "merge": viewer.may("dispatch_cases"),
            "export": viewer.may("export_cases"),
        },
        "bulk": _offer_bulk(viewer, lang),
        "lasting": [step.name for step in STEPS.values() if not step.undoable],
        "by_rules": kept.by_rules,
        "columns": kept.columns,
        "words": _translate_words(lang),
        "icons": load_icons(),
    }
    told = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return DeskPage(facts=told, scripts=scripts, live_worker=live_worker)


def _offer_bulk(viewer: Viewer, lang: str) -> list[dict[str, Any]]:
    """The steps that a viewer may take on many cases at once, with their fields."""
    able = [STEPS[name] for name in BULK_STEPS if name != "undo" and viewer.may(STEPS[name].ability)]
    return [
        {
            "step": step.name,
            "name": t(lang, STEP_TITLES[step.name]),
            "needs": list(step.needs),
            "needs_one_of": list(step.needs_one_of),
            "takes": sorted(step.fields - {*step.needs, *step.needs_one_of}),
            "undoable": step.undoable,
        }
        for step in able
    ]


def _translate_words(lang: str) -> dict[str, str]:
    sentences = {**DESK_WORDS, **CASE_WORDS, **ENTRY_WORDS, **BEHIND_WORDS, **MAP_WORDS, **MANY_WORDS, **KEPT_WORDS}
    own = {name: t(lang, sentence) for name, sentence in sentences.items()}
    fields = {f"field_{name}": t(lang, sentence) for name, sentence in FIELD_WORDS.items()}
    sources = {f"source_{code}": t(lang, title) for code, title in CHANNEL_TITLES.items()}
    steps = {f"step_for_{name}": t(lang, STEP_TITLES[name]) for name in STEPS_WITH_TEXT}
    return {**own, **fields, **sources, **steps, **translate_indicators(lang)}
