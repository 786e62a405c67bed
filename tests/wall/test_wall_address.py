"""What the page of a wall reads from its address, the server lets through; it refuses everything else."""

import re

from data.core.settings import ROOT
from routes.shared.parameters import READ_BY_HAND

SCRIPTS = ("wall/screen.js", "wall/tour/address.js")


def test_the_page_has_every_parameter_that_its_scripts_read() -> None:
    texts = [(ROOT / "assets/scripts" / name).read_text("utf-8") for name in SCRIPTS]
    read = {name for text in texts for name in re.findall(r"query\.get\('(\w+)'\)", text)}
    assert {"screen", "wall", "preview", "layout"} <= read
    assert read == set(READ_BY_HAND["/wall"])
