"""Where notices can go at all: what is checked where people write an address, and holds for tables and tours alike."""

import re

from data.notices.web_hook import find_origin

_MAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+")


def is_address(text: str) -> bool:
    """Whether messages can go to a text at all; asked where one is written, and again before a stored one is used."""
    return text.isprintable() and " " not in text and (is_hook(text) if "://" in text else is_mail(text))


def is_mail(text: str) -> bool:
    """Whether a text is one address for e-mail, without a name beside it."""
    return _MAIL.fullmatch(text) is not None


def is_hook(text: str) -> bool:
    """Whether a text is an address that web hooks may be sent to: https, or http on this machine."""
    return find_origin(text) is not None
