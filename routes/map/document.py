"""The document of the map page: the HTML into which Dash draws, with the links to our own scripts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from starlette.types import Scope

from routes.middleware.security_headers import STYLES_OF_SCRIPTS, with_nonce
from routes.shared import scripts
from routes.shared.templates import render

RELOAD_WITHOUT_PARTS = """(() => {
  const lost = ({ target }) => {
    if (target instanceof HTMLScriptElement || target.rel === "stylesheet") setTimeout(() => location.reload(), 5000 * (1 + Math.random()));
  };
  addEventListener("error", lost, true);
  addEventListener("DOMContentLoaded", () => removeEventListener("error", lost, true));
})()"""
"""A document whose scripts or styles did not arrive would stay as it is, on a wall display for good: it loads again by itself. What is
fetched later, when the page is there, does not count."""


class OwnHtml(str):
    """HTML of Dash or of our own scripts, with no text of any person in it: the template prints it as it is.

    Nothing else may be of this class; ``tests/routes/shared/test_templates.py`` holds that only this module makes any.
    """

    def __html__(self) -> str:
        """What autoescape asks for instead of escaping."""
        return str(self)


@dataclass(frozen=True, kw_only=True)
class DashParts:
    """The parts of a page that Dash has written as HTML."""

    metas: OwnHtml
    css: OwnHtml
    config: OwnHtml
    scripts: OwnHtml


@dataclass(frozen=True, kw_only=True)
class MapDocument:
    """What the template shows.

    Attributes:
        dash: the parts that Dash has written.
        first_script: runs before all others, because it prepares the page for their styles, and for not getting them.
        live_worker: address of the worker that the pages of a browser share.
        csrf: the token that the page's callbacks send with each request.
        script: address of our own script, which starts the page. Dash looks for the id of its element. It is loaded as a module, so it
            runs when the document is complete, after Dash's own scripts.
    """

    template: ClassVar[str] = "map/document.html"
    dash: DashParts
    first_script: OwnHtml
    csrf: str
    live_worker: str
    script: str


def render_document(scope: Scope, lang: str, csrf: str, parts: Mapping[str, str]) -> str:
    """The document in a language.

    Args:
        scope: of the request; it holds the nonce that inline scripts carry.
        lang: language of the page.
        csrf: token for the page's callbacks.
        parts: HTML of Dash by name: ``metas``, ``css``, ``config``, ``scripts``.
    """
    dash = DashParts(
        metas=OwnHtml(parts["metas"]),
        css=OwnHtml(parts["css"]),
        config=OwnHtml(with_nonce(scope, parts["config"])),
        scripts=OwnHtml(with_nonce(scope, parts["scripts"])),
    )
    first = _make_first_script(scope, f"{STYLES_OF_SCRIPTS};\n")
    view = MapDocument(dash=dash, first_script=first, csrf=csrf, live_worker=scripts.address(scripts.LIVE_WORKER), script=scripts.address())
    return render(view.template, lang, view=view)


def reload_without_parts(scope: Scope) -> OwnHtml:
    """The script that loads a document again whose own scripts or styles did not arrive; it stands before these."""
    return _make_first_script(scope)


def _make_first_script(scope: Scope, before: str = "") -> OwnHtml:
    return OwnHtml(with_nonce(scope, f"<script>{before}{RELOAD_WITHOUT_PARTS}</script>"))
