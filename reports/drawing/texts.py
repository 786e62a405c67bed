"""Texts of people as they may stand in any file of a report."""

import re

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the order in which what follows is read; an unclosed one would turn the words of the report itself."""


def make_legible(text: str) -> str:
    """The text without what XML cannot hold (a replacement character stands for it), and without marks that turn what follows."""
    return _TURNING.sub("", _NOT_IN_XML.sub("\ufffd", text))
