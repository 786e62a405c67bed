"""The viewer behind the request that a callback answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import cast

from fastapi import Request

from callbacks.dash_internals import current_request
from data.core.i18n import languages
from data.core.viewer import Lang, Viewer
from layers.view import View

ViewerOf = Callable[[Request], Viewer]


def current_viewer(viewer_of: ViewerOf, view: View) -> Viewer:
    """The viewer; the language in the address has priority over that of the cookie and of the browser."""
    viewer = viewer_of(current_request())
    return replace(viewer, lang=cast(Lang, view.lang)) if view.lang in languages() else viewer
