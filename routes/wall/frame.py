"""The page of a wall: its frame, and the sentences that its script says."""

import json
from dataclasses import dataclass
from typing import ClassVar

from data.core.i18n import t
from data.core.viewer import Viewer
from data.wall.tour_types import ScreenTold
from layers.style.wording import CHANNEL_TITLES
from routes.doors.desk_words import DESK_WORDS
from routes.doors.page import PageView
from routes.shared import csrf
from routes.wall.picture_words import WALL_WORDS

WALL = "/wall"
"""Address of the page."""


@dataclass(frozen=True, kw_only=True)
class WallPage(PageView):
    """The frame.

    Attributes:
        facts: what the script must know, as JSON. ``can``: steer the wall; tell of this screen, always or where the address is a screen's.
        script: address of the page's module.
        live_worker: address of the worker that the pages of a browser share.
        first_script: loads the page again where its scripts or styles did not arrive.
    """

    template: ClassVar[str] = "wall/wall.html"
    facts: str
    script: str
    live_worker: str
    first_script: str


def describe_wall(
    lang: str, viewer: Viewer, script: str, live_worker: str, version: str, first_script: str, screen: ScreenTold | None = None
) -> WallPage:
    """The frame for a viewer.

    Args:
        lang: language of the page.
        viewer: who is asking.
        script: address of the page's module.
        live_worker: address of the worker that the pages of a browser share.
        version: of the page: when the server tells another one, the page loads again.
        first_script: see ``WallPage``.
        screen: settings of the screen that the address names.
    """
    facts = {
        **{"lang": lang, "me": viewer.name, "csrf": csrf.token(viewer.session), "version": version, "icons": {}, "screen": screen},
        "can": {"steer": viewer.may("steer_walls"), "beat": viewer.role == "wall", "be_screen": viewer.shows_walls},
        "words": _translate_words(lang),
    }
    told = json.dumps(facts, ensure_ascii=False, separators=(",", ":"))
    return WallPage(facts=told, script=script, live_worker=live_worker, first_script=first_script)


def _translate_words(lang: str) -> dict[str, str]:
    own = {name: t(lang, sentence) for name, sentence in WALL_WORDS.items()}
    sources = {f"source_{code}": t(lang, title) for code, title in CHANNEL_TITLES.items()}
    stages = {name: t(lang, sentence) for name, sentence in DESK_WORDS.items() if name.startswith(("stage_", "severity_"))}
    return {**own, **sources, **stages}
