"""Who asks, and in which language: from a request to a viewer."""

from typing import cast

from fastapi import Request

from data.i18n import languages
from data.viewer import Lang, Viewer


def viewer(request: Request) -> Viewer:
    """The viewer behind a request."""
    return Viewer(lang=cast(Lang, language(request)))


async def asking(request: Request) -> Viewer:
    """The same as a route's dependency: FastAPI sends a plain function to a thread and back, which costs more than the answer."""
    return viewer(request)


def language(request: Request) -> str:
    """Language of the answer: ``?lang=``, then the cookie ``lang``, then the browser's wishes, then Chinese."""
    known = languages() or ["zh"]
    for asked in (request.query_params.get("lang"), request.cookies.get("lang"), *_wished(request.headers.get("accept-language", ""))):
        if asked in known:
            return asked
    return known[0]


def _wished(header: str) -> list[str]:
    """Languages of an ``Accept-Language`` header, the dearest first: ``en-GB;q=0.8, zh`` gives zh, en."""
    wishes = []
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((float(weight or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    return [tag for _, tag in sorted(wishes, key=lambda wish: -wish[0])]
