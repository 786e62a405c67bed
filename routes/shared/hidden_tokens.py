"""Paths as they may be written down: the addresses of a calendar and of the link that confirms a report are keys, and a log is no place for
them.
"""

import re

HIDDEN = "…"
_TOKEN = re.compile(r"(?i)gwc(?:_|%5f).*")
_LINK = re.compile(r"(?i)(/report/seen/).+")


def hide_token(path: str) -> str:
    """A path without what follows the prefix of a calendar's token, or the beginning of a link that confirms, wherever these stand."""
    return _LINK.sub(rf"\1{HIDDEN}", _TOKEN.sub(HIDDEN, path))
