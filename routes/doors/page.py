"""The document around every page outside the map: a card over a quiet city, or a column under the bar."""

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse

from data.core.i18n import languages, t
from data.core.settings import ROOT, settings
from layers.style.theme import tokens
from routes.doors.city import city
from routes.doors.markup import Content, Markup, joined, tag
from routes.shared.language import INSIDE, language

STYLE = "/signin/style.css"
DOORS = ("/signin", "/signout", "/first", "/reset", "/account", "/audit")
"""Beginnings of the addresses of these pages."""
OWN_NAMES = {"zh": "中文", "en": "English"}
UNKEPT = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
"""Headers of answers that no browser may keep, or tell others the address of."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is to be shown.

    Attributes:
        lang: language of its words.
        theme: ``light``, ``dark``, or ``auto`` for what the system wants.
        address: of the page, for the switch of languages.
        who: shown name of whoever is signed in.
        manages: whether that person looks after accounts.
        audits: whether that person reads the audit log.
        chosen: whether the language was chosen just now, to be remembered.
    """

    lang: str
    theme: str = "auto"
    address: str = "/"
    who: str | None = None
    manages: bool = False
    audits: bool = False
    chosen: bool = False


def look(request: Request) -> Look:
    """How a request wants its page."""
    theme, inside = request.cookies.get("theme", "auto"), request.scope.get(INSIDE)
    who = inside.viewer.shown if inside else None
    manages, audits = (inside.viewer.may("accounts"), inside.viewer.may("audit")) if inside else (False, False)
    lang = language(request)
    chosen = request.query_params.get("lang") == lang
    return Look(lang, theme if theme in {"light", "dark"} else "auto", _same_with(request), who, manages, audits, chosen)


def _same_with(request: Request) -> str:
    """The page's own address with everything it was asked with but the language, for the switch of languages."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    path = "/" + quote(request.scope["path"].lstrip("/\\"))  # "//elsewhere" would be another server
    return f"{path}?{urlencode(kept)}" if kept else path


def query(**parts: str) -> str:
    """A query part."""
    return urlencode(parts)


def base(request: Request) -> str:
    """How people reach this server, for links that are sent to others: as the setting says, or as this request came."""
    return (settings().public_url or str(request.base_url)).rstrip("/")


@lru_cache
def style() -> str:
    """The pages' style sheet: the colours of both themes, the light ones on paper, then what ``assets/doors/*.css`` say."""
    light, dark = (";".join(f"--{name}:{value}" for name, value in tokens(theme).items()) for theme in ("light", "dark"))
    shades = f':root{{color-scheme:light;{light}}}:root[data-theme="dark"]{{color-scheme:dark;{dark}}}'
    system = f':root[data-theme="auto"]{{color-scheme:dark;{dark}}}'
    paper = f":root[data-theme]{{color-scheme:light;{light}}}"
    own = "\n".join(part.read_text("utf-8") for part in sorted((ROOT / "assets" / "doors").glob("*.css")))
    return f"{shades}\n@media (prefers-color-scheme:dark){{{system}}}\n@media print{{{paper}}}\n{own}"


@lru_cache
def style_address() -> str:
    """Address of the style sheet, with its version."""
    return f"{STYLE}?m={sha256(style().encode()).hexdigest()[:12]}"


def wants_page(request: Request) -> bool:
    """Whether somebody looks, who wants a page rather than JSON."""
    return "text/html" in request.headers.get("accept", "")


def card(look: Look, title: str, *content: Content, status: int = 200) -> HTMLResponse:
    """A page that is one card: signing in and what belongs to it."""
    head = tag("header", _mark(), tag("h1", title), class_="card-head")
    ground = tag("div", city(), class_="ground", aria_hidden="true")
    foot = tag("footer", tag("span", t(look.lang, "Gridwell")), _languages(look), class_="card-foot")
    body = tag("main", head, *content, class_="card")
    return _document(look, title, joined(ground, tag("div", body, foot, class_="centre")), "at-door", status)


def column(look: Look, title: str, *content: Content, status: int = 200) -> HTMLResponse:
    """A page for who is signed in: the bar, and sections under it."""
    logo = tag("a", _mark(), tag("b", t(look.lang, "Gridwell")), href="/", class_="logo")
    ways = [
        _way(look, "/", t(look.lang, "Map")),
        _way(look, "/account", t(look.lang, "My account")),
        _way(look, "/accounts", t(look.lang, "Accounts")) if look.manages else None,
        _way(look, "/audit", t(look.lang, "Audit log")) if look.audits else None,
    ]
    out = tag("a", t(look.lang, "Sign out"), href="/signout", class_="quiet")
    who = tag("span", (look.who or "?")[:1].upper(), class_="avatar", title=look.who, aria_hidden="true")
    bar = tag("header", logo, tag("nav", *ways, aria_label=t(look.lang, "Pages")), tag("div", _languages(look), out, who, class_="tools"))
    main = tag("main", tag("h1", title), *content, class_="column")
    return _document(look, title, joined(bar, main), "inside", status)


def _way(look: Look, address: str, text: str) -> Markup:
    path = look.address.split("?")[0]
    here = path == address or (address != "/" and path.startswith(address + "/"))
    return tag("a", text, href=address, aria_current="page" if here else None)


def _languages(look: Look) -> Markup:
    others = [(code, OWN_NAMES.get(code, code)) for code in languages()]
    return tag(
        "nav",
        [tag("a", text, href=_in(look, code), lang=code, aria_current="true" if code == look.lang else None) for code, text in others],
        class_="languages",
        aria_label=t(look.lang, "Language"),
    )


def _in(look: Look, code: str) -> str:
    return f"{look.address}{'&' if '?' in look.address else '?'}lang={code}"


def _mark() -> Markup:
    return tag("img", src="/assets/favicon.svg", alt="", width=28, height=28)


def _document(look: Look, title: str, body: Markup, kind: str, status: int) -> HTMLResponse:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1, viewport-fit=cover"),
        tag("title", f"{title} · {t(look.lang, 'Gridwell')}"),
        tag("link", rel="icon", href="/assets/favicon.svg", type="image/svg+xml"),
        tag("link", rel="stylesheet", href=style_address()),
    )
    page = tag("html", head, tag("body", body, class_=kind), lang="zh-CN" if look.lang == "zh" else look.lang, data_theme=look.theme)
    answer = HTMLResponse("<!doctype html>\n" + page, status, UNKEPT)
    if look.chosen:
        answer.set_cookie("lang", look.lang, max_age=31_536_000, samesite="lax")
    return answer
