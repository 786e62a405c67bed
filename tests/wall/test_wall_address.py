"""What the page of a wall reads from its address, the server lets through; and what it asks by itself says so."""

import re

from data.core.settings import ROOT
from routes.shared.parameters import READ_BY_HAND

PRESSED = {"tour/commands.js", "scenes/scenes.js", "screens/screens.js"}
"""What is sent here, somebody has just asked for with a key or a button."""
SCRIPTS = ("wall/screen.js", "wall/tour/address.js")


def test_the_page_has_every_parameter_that_its_scripts_read() -> None:
    texts = [(ROOT / "assets/scripts" / name).read_text("utf-8") for name in SCRIPTS]
    read = {name for text in texts for name in re.findall(r"query\.get\('(\w+)'\)", text)}
    assert {"screen", "wall", "preview", "layout"} <= read
    assert read == set(READ_BY_HAND["/wall"])


def test_what_a_wall_asks_by_itself_keeps_no_session_in_use() -> None:
    folder = ROOT / "assets/scripts/wall"
    texts = {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.js")}
    asking = {name: found for name, text in texts.items() if (found := re.findall(r"(?<!\.)(?<!async )\bfetch\([^;]*;", text))}
    assert {"wall.js", "tour/clock.js", "tour/heartbeat.js", "reload.js"} <= set(asking)
    silent = {name for name, found in asking.items() if not all("ALONE" in one for one in found)}
    assert silent == PRESSED
