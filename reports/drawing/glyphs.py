"""Letters that no font of this machine can draw. A PDF for archives must not lack a single one, so a mark stands in their place."""

import re
from functools import lru_cache

import typst

from reports.drawing.fonts import find_fonts
from reports.drawing.svg import FONT
from reports.drawing.texts import make_legible

MISSING = "〓"
"""What typesetters of Chinese put where they have not got a letter."""

_USUAL = re.compile("[\t\n\r\x20-\x7e\xa0-\xff\u2010-\u2027\u3001-\u3011\u4e00-\u9fa5\uff01-\uff5e]+")
"""What every font for Chinese has."""
_REFUSED = ("could not be displayed", "contains the codepoint")
"""What typst says of a letter that no font has, and of one that archives must not hold because its meaning is private."""
_ONE_LETTER = f'#set document(title: "a letter")\n#set text(font: "{FONT}", lang: "zh")\n#sys.inputs.letter'.encode()


def make_drawable(text: str) -> str:
    """The text with a mark for each letter that cannot be drawn: emoji, private and rare ones that no font here has."""
    legible = make_legible(text)
    rare = set(_USUAL.sub("", legible))
    return legible.translate({ord(letter): MISSING for letter in rare if not can_draw(letter)}) if rare else legible


@lru_cache(8192)
def can_draw(letter: str) -> bool:
    """Whether some font has a letter. typst is asked by writing a page with it (2 ms): it alone knows which font it would take."""
    try:
        typst.compile(_ONE_LETTER, format="pdf", font_paths=find_fonts(), sys_inputs={"letter": letter}, pdf_standards=["a-2a", "ua-1"])
    except typst.TypstError as error:
        if not any(reason in str(error) for reason in _REFUSED):
            raise
        return False
    return True
