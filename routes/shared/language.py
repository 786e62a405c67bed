"""Finds the viewer of a request and the language of the answer."""

from typing import cast

from fastapi import Request

from data.core.i18n import languages
from data.core.viewer import Lang, Viewer

LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
"""Name of each language in this language."""
INSIDE = "gridwell.inside"
"""Key in the scope of a request for who is signed in (``routes.middleware.identification.Inside`` or ``None``), set by the guard."""


def viewer(request: Request) -> Viewer:
    """The viewer behind a request, in the language of the answer; ``Viewer.nobody`` if nobody is signed in."""
    lang = cast(Lang, language(request))
    inside = request.scope.get(INSIDE)
    return Viewer.nobody(lang) if inside is None else cast(Viewer, inside.viewer).speaking(lang)


async def asking(request: Request) -> Viewer:
    """The same as a dependency of routes. It is async because FastAPI would run a plain function in a thread, which costs more."""
    return viewer(request)


def language(request: Request) -> str:
    """Language of the answer: ``?lang=``, then the cookie ``lang``, then what the account wants, then the browser, then Chinese."""
    known = languages()
    inside = request.scope.get(INSIDE)
    wanted = inside.known.lang if inside is not None else None
    wishes = _wished(request.headers.get("accept-language", ""))
    for asked in (request.query_params.get("lang"), request.cookies.get("lang"), wanted, *wishes):
        if asked in known:
            return asked
    return known[0]


def _wished(header: str) -> list[str]:
    """Languages of an ``Accept-Language`` header, the preferred one first: ``en-GB;q=0.8, zh`` gives zh, en."""
    wishes = []
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    return [tag for _, tag in sorted(wishes, key=lambda wish: -wish[0])]
