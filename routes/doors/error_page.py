"""The page that says what is wrong and offers one next step.

Where waiting helps it loads again by itself: nobody touches a wall display. The browser does that, without a script.
"""

from dataclasses import dataclass
from typing import ClassVar

from starlette.responses import HTMLResponse

from data.core.errors import GridwellError, NotOpen, SignInNeeded
from data.core.i18n import t, tell
from routes.doors.page import PageContext, PageView, render_page

_PASSING = frozenset({429, 503})
"""With these statuses the same address may soon answer."""


@dataclass(frozen=True, kw_only=True)
class ErrorPage(PageView):
    """What is wrong.

    Attributes:
        title: of the page.
        sentence: what is wrong.
        way: text of the link to the next step.
        address: address of this link.
        quiet: whether the link is drawn as an offer, not as advice.
        reload_s: seconds after which the browser loads the same address again; ``None``: never.
        error_status: HTTP status of the error.
    """

    template: ClassVar[str] = "error.html"
    title: str
    sentence: str
    way: str
    address: str
    quiet: bool = False
    reload_s: int | None = None
    error_status: int

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return self.error_status


def render_error(page: PageContext, error: GridwellError, reload_s: int | None = None) -> HTMLResponse:
    """The page for an error.

    Args:
        page: its language, theme and address.
        error: what is wrong.
        reload_s: seconds after which the page loads again by itself; never for a form that was sent.
    """
    lang, quiet = page.lang, False
    if isinstance(error, SignInNeeded):
        title, way, address = t(lang, "Sign in"), t(lang, "Sign in"), "/signin"
    elif isinstance(error, NotOpen):
        title, way, address = t(lang, "No access"), t(lang, "To the map"), "/"
    elif error.status in _PASSING:
        title, way, address = t(lang, "One moment"), t(lang, "Try again"), page.address
    elif page.person:
        title, way, address, quiet = t(lang, "This did not work"), t(lang, "To the map"), "/", True
    else:
        title, way, address, quiet = t(lang, "This did not work"), t(lang, "To the sign-in page"), "/signin", True
    told = ErrorPage(
        title=title, sentence=tell(lang, error), way=way, address=address, quiet=quiet, reload_s=reload_s, error_status=error.status
    )
    return render_page(page, told)
