"""Pages outside the map: what a page shows (``PageView``), its language and theme (``PageContext``), and the answer with its HTML."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar
from urllib.parse import quote, urlencode

from jinja2.environment import TemplateModule
from starlette.requests import Request
from starlette.responses import HTMLResponse

from data.core.i18n import languages, t
from data.core.roles import Ability
from data.core.settings import settings
from pages.hub_link import may_open_hub
from pages.wall_links import list_wall_pages
from routes.doors.drawn_city import draw_city
from routes.doors.messages import NO_MESSAGE, Message
from routes.doors.style_sheet import style_address
from routes.shared.csrf import FIELD
from routes.shared.language import INSIDE, LANGUAGE_NAMES, language
from routes.shared.templates import make_fragment, render

ADDRESS_PREFIXES = (
    "/signin",
    "/signout",
    "/first",
    "/reset",
    "/account",
    "/status",
    "/audit",
    "/imports",
    "/report/schedules",
    "/report/seen/",
)
"""Prefixes of the addresses of these pages."""
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
"""Headers of answers that browsers must not keep, and whose address they must not tell other sites."""
_YEAR_S = 31_536_000
_ABILITIES: tuple[Ability, ...] = ("accounts", "audit", "imports", "schedule_reports")


@dataclass(frozen=True, slots=True)
class PageContext:
    """What every page needs to be shown. Templates know it as ``page``.

    Attributes:
        lang: language of its sentences.
        theme: ``light``, ``dark``, or ``auto`` for the system's own theme.
        address: address of the page, without the language.
        person: shown name of the person who is signed in.
        manages: whether that person looks after accounts.
        audits: whether that person reads the audit log.
        imports: whether that person reads reports of imports.
        schedules: whether that person manages schedules of reports.
        walls: address and title of the pages about walls that are open to that person.
        hub: whether the data hub is open to that person.
        chosen: whether the reader has just chosen the language; it is then stored in a cookie.
    """

    lang: str
    theme: str = "auto"
    address: str = "/"
    person: str | None = None
    manages: bool = False
    audits: bool = False
    imports: bool = False
    schedules: bool = False
    walls: tuple[tuple[str, str], ...] = ()
    hub: bool = False
    chosen: bool = False

    @property
    def languages(self) -> list[tuple[str, str]]:
        """Every language that the page can be shown in, as code and name."""
        return [(code, LANGUAGE_NAMES.get(code, code)) for code in languages()]

    def address_in(self, lang: str) -> str:
        """Address of the same page in another language."""
        return f"{self.address}{'&' if '?' in self.address else '?'}lang={lang}"

    def is_at(self, address: str, exactly: bool = False) -> bool:
        """Whether the page's address is this one or, unless it must be exactly this one, below it."""
        path = self.address.split("?")[0]
        return path == address or (not exactly and address != "/" and path.startswith(address + "/"))


@dataclass(frozen=True, kw_only=True)
class PageView:
    """What a page shows; each kind of page adds its own attributes. Templates know it as ``view``.

    Attributes:
        message: what the page says about the last request.
    """

    template: ClassVar[str]
    """Path of the page's template below ``routes/templates``."""
    message: Message = NO_MESSAGE

    @property
    def status(self) -> int:
        """HTTP status of the page."""
        return 422 if self.message.error else 200


def read_context(request: Request) -> PageContext:
    """Language, theme and address of the page that a request asks for."""
    theme, inside = request.cookies.get("theme", "auto"), request.scope.get(INSIDE)
    person = inside.viewer.shown if inside else None
    manages, audits, imports, schedules = (inside is not None and inside.viewer.may(ability) for ability in _ABILITIES)
    lang = language(request)
    walls = tuple((address, t(lang, title)) for address, title in list_wall_pages(inside.viewer)) if inside else ()
    hub = inside is not None and may_open_hub(inside.viewer)
    chosen = request.query_params.get("lang") == lang
    theme = theme if theme in {"light", "dark"} else "auto"
    return PageContext(lang, theme, _own_address(request), person, manages, audits, imports, schedules, walls, hub, chosen)


def _own_address(request: Request) -> str:
    """The page's address with its query, except the language."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    path = "/" + quote(request.scope["path"].lstrip("/\\"))  # "//elsewhere" would be another server
    return f"{path}?{urlencode(kept)}" if kept else path


def _without_forms() -> str:
    raise RuntimeError("a page with a form needs a token for it")


def render_page(page: PageContext, view: PageView, csrf: Callable[[], str] = _without_forms, nonce: str = "") -> HTMLResponse:
    """The answer with a page.

    Args:
        page: its language, theme and address.
        view: its content.
        csrf: gives the token for the page's forms; called only when the page has one.
        nonce: lets the browser recognise the page's script as ours.
    """
    names = {"page": page, "view": view, "csrf": csrf, "csrf_field": FIELD, "nonce": nonce}
    html = render(view.template, page.lang, **names, city=_city(), style_address=style_address())
    answer = HTMLResponse(html, view.status, NO_STORE)
    if page.chosen:
        answer.set_cookie("lang", page.lang, max_age=_YEAR_S, samesite="lax")
    return answer


@lru_cache
def _city() -> TemplateModule:
    return make_fragment("parts/city.html", city=draw_city())


def public_address(request: Request) -> str:
    """Address of this server for links that are sent to others: from the setting, otherwise from this request."""
    return (settings().public_url or str(request.base_url)).rstrip("/")


def wants_html(request: Request) -> bool:
    """Whether the request comes from a browser that loads a page, so that the answer should not be JSON."""
    return "text/html" in request.headers.get("accept", "")
