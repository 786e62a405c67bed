"""Masks for personal data in lists: enough to tell two people apart, not enough to identify them."""

from data.core.text import mask_phone

__all__ = ["mask_id", "mask_name", "mask_phone", "mask_text"]

_RESIDENT_CARD = 18
_SHORT = 6


def mask_name(name: str) -> str:
    """``张小明`` as ``张*明``, ``张明`` as ``张*``; as the computed columns ``name_shown`` do it."""
    return f"{name[:1]}{'*' * (len(name) - 2)}{name[-1:]}" if len(name) > 2 else f"{name[:1]}*"


def mask_id(number: str) -> str:
    """``330102199003074512`` as ``3301************12``.

    Other documents keep the first character and the last two, short ones only the last.
    """
    if len(number) == _RESIDENT_CARD:
        return f"{number[:4]}{'*' * 12}{number[-2:]}"
    if len(number) <= _SHORT:
        return "*" * max(len(number) - 1, 3) + number[-1:]
    return f"{number[:1]}{'*' * (len(number) - 3)}{number[-2:]}"


def mask_text(text: str) -> str:
    """Any text from a file about people: masked as a number if it contains a digit, otherwise as a name."""
    return mask_id(text) if any(c.isdigit() for c in text) else mask_name(text)
