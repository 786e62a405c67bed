"""``./gridwell pictures``: makes the screenshots for README, or of a wall in every size, from a running Gridwell."""

import argparse
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode, urlsplit

from cli._pictures import report, wall
from cli._terminal import language, say
from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.settings import ROOT, settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

    from data.accounts.guest import Guest

NAME = "pictures"
HELP = "Make the screenshots in docs/pictures again, or those of a wall; Gridwell must be running."

FOLDER = ROOT / "docs" / "pictures"
EVERY_S = 2
"""Between two pictures of a film."""
PATIENCE_MS = 180_000
"""Longest wait: without a graphics card, one screenshot of the 3D map takes half a minute."""

_MAP_IS_WHOLE = "window.gridwell?.map?.idle === true"
_DESK_IS_WHOLE = f"document.querySelectorAll('#table .ag-row').length > 0 && {_MAP_IS_WHOLE}"
_WEBGL_WITHOUT_A_CARD = ("--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")


class NoBrowser(GridwellError):
    status, code = 503, "no_browser"
    sentence = "There is no Chromium on this machine; ./gridwell test installs it."


class OtherCity(GridwellError):
    status, code = 409, "other_city"
    sentence = (
        "The pictures of the documents are of a demo city that is the same every time: make it with ./gridwell demo --until {day},"
        " or name another folder with --into."
    )


class Picture(NamedTuple):
    """One screenshot: its file's name, the address's query part, the window in CSS pixels, the page, when it is whole, and who looks."""

    name: str
    view: dict[str, str]
    width: int = 1920
    height: int = 1080
    scale: float = 1
    page: str = "/"
    whole: str = _MAP_IS_WHOLE
    role: str = "steward"
    colors: int | None = None
    """As many colours are enough for a page of words; a map in three dimensions has more."""
    hours: wall.Hours | None = None
    """By day or by night, for a wall."""
    opens: Callable[["Page", float], None] | None = None
    """What is done on the page before it shows what the picture is of; it waits so many milliseconds."""


def pictures(area: str | None) -> list[Picture]:
    """The list of screenshots; ``area`` is the street shown in 3D, ``None`` for the whole city."""
    street = {"area": area} if area else {}
    return [
        Picture("map-3d-zh", {**street, "lang": "zh", "theme": "light"}),
        Picture("map-3d-en", {**street, "lang": "en", "theme": "light"}),
        Picture("map-dark-zh", {**street, "lang": "zh", "theme": "dark"}),
        Picture(
            "map-2d-zh",
            {"dim": "2d", "units": "street", "measure": "on_time_closing_rate", "layers": "grid", "lang": "zh", "theme": "light"},
        ),
        Picture("map-desk-en", {**street, "lang": "en", "theme": "light"}, 1366, 768),
        Picture("map-phone-zh", {**street, "lang": "zh", "theme": "light"}, 390, 844, 3),
        Picture("desk-zh", {"lang": "zh", "theme": "light"}, page="/desk", whole=_DESK_IS_WHOLE, role="supervisor", colors=256),
        Picture(
            "report-zh",
            {"area": "990100", **report.VIEW},
            *(1366, 768),
            page="/report",
            whole=report.IS_WHOLE,
            role="supervisor",
            colors=256,
            opens=report.open_report,
        ),
    ]


def wall_pictures() -> list[Picture]:
    """A wall in every size, by day and by night, in both languages."""
    return [
        Picture(
            f"wall-{width}x{height}-{hours}-{lang}",
            {"lang": lang},
            *(width, height),
            page="/wall",
            whole=wall.IS_WHOLE,
            role="wall",
            hours=hours,
        )
        for (width, height), hours, lang in product(wall.SIZES, wall.SCENES, wall.LANGUAGES)
    ]


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command: the server, what to show, and the folder for the files."""
    parser.add_argument("--url", default=f"http://127.0.0.1:{settings().port}", help="address of the running Gridwell")
    parser.add_argument("--area", default="990102003", help="code of the street shown in 3D (default: one of the demo city)")
    parser.add_argument("--into", type=Path, help="folder for the pictures")
    parser.add_argument("--wall", action="store_true", help="the wall in every size, by day and by night, into .gridwell/pictures")
    parser.add_argument("--film", type=int, metavar="SECONDS", help="the wall as it goes on for so long, a picture every two seconds")
    parser.add_argument("--only", nargs="*", help="names of the pictures to make")


def run(args: argparse.Namespace) -> int:
    """Take a screenshot of each view after its tiles have been drawn."""
    from playwright.sync_api import sync_playwright

    of_walls = args.wall or args.film
    into = args.into or (settings().home / "pictures" if of_walls else FOLDER)
    if into == FOLDER:
        _check_city()
    program = next((found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None)
    if program is None:
        raise NoBrowser()
    into.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_WEBGL_WITHOUT_A_CARD))
        for picture in [] if args.film else wall_pictures() if args.wall else pictures(args.area):
            if not args.only or picture.name in args.only:
                _take(browser, picture, args.url, into / f"{picture.name}.png")
        if args.film:
            _film(browser, args.url, into, args.film)
        browser.close()
    return 0


def _take(browser: "Browser", picture: Picture, url: str, target: Path) -> None:
    """One screenshot, seen by a guest of its role."""
    from data.accounts.guest import guest

    with guest(picture.role, shown="周敏") as known, _open(browser, picture, url, known) as page:
        if picture.opens:
            picture.opens(page, PATIENCE_MS)
        page.wait_for_function(picture.whole, timeout=PATIENCE_MS)
        page.screenshot(path=target, timeout=PATIENCE_MS)
    if picture.colors:
        _reduce(target, picture.colors)
    say(t(language(), "Made {file}", file=target))


def _film(browser: "Browser", url: str, into: Path, seconds: int) -> None:
    """A wall that goes on by itself, a picture every two seconds."""
    from data.accounts.guest import guest

    picture = Picture("film", {"lang": "zh"}, 960, 540, page="/wall", role="wall")  # half of 1920 × 1080: drawn in time without a card
    with guest(picture.role) as known, _open(browser, picture, url, known) as page:
        page.wait_for_function(wall.IS_SHOWN, timeout=PATIENCE_MS)
        for second in range(0, seconds, EVERY_S):
            target = into / f"{picture.name}-{second:03}.jpg"
            page.screenshot(path=target, type="jpeg", quality=85, timeout=PATIENCE_MS)
            say(t(language(), "Made {file}", file=target))
            page.wait_for_timeout(EVERY_S * 1000)


@contextmanager
def _open(browser: "Browser", picture: Picture, url: str, known: "Guest") -> "Iterator[Page]":
    """The page of a picture."""
    window: ViewportSize = {"width": picture.width, "height": picture.height}
    # It waits by evaluating texts.
    page = browser.new_page(viewport=window, device_scale_factor=picture.scale, bypass_csp=True)
    try:
        session = {"name": f"gridwell-session-{urlsplit(url).port}", "value": known.session, "url": url}
        page.context.add_cookies([session])  # type: ignore[list-item]  # Playwright's own shape of a dict
        if picture.hours:
            page.emulate_media(reduced_motion="reduce")
            wall.hold(page, wall.LOOKS[picture.hours])
        page.goto(f"{url}{picture.page}?{urlencode(picture.view)}")
        yield page
    finally:
        page.close()


def _reduce(picture: Path, colors: int) -> None:
    """Keep so many colours: a third of the bytes."""
    from PIL import Image

    with Image.open(picture) as opened:
        made = opened.convert("RGB").quantize(colors, kmeans=2)
    made.save(picture, optimize=True)


def _check_city() -> None:
    """The documents' pictures change only with Gridwell, not with the day on which they are made."""
    from data.database.connections import connect
    from data.demo.common.frame import AS_OF, PINNED_DAY
    from data.demo.common.names import CITY_CODE

    with connect() as connection:
        if connection.execute("SELECT as_of FROM city WHERE code = %s", [CITY_CODE]).fetchone() != (AS_OF,):
            raise OtherCity(day=PINNED_DAY)
