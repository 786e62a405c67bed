"""Paths as they may be written down: the address of a calendar is its token, and a log is no place for it."""

import re

HIDDEN = "…"
_TOKEN = re.compile(r"(?i)gwc(?:_|%5f).*")


def hide_token(path: str) -> str:
    """A path without what follows the prefix of a calendar's token, wherever it stands."""
    return _TOKEN.sub(HIDDEN, path)
