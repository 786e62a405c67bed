"""Colours by token. Only ``assets/tokens.css`` holds their values; pages use them as CSS, and this module reads them for plotly figures."""

import re
from functools import lru_cache
from typing import Literal

from data.core.settings import ROOT

Theme = Literal["light", "dark"]

TOKENS = ROOT / "assets" / "tokens.css"
RAMP = tuple(f"ramp-{i}" for i in range(6))
"""Sequential, six classes, low to high; it also works in grey."""
DIVERGING = tuple(f"div-{i}" for i in range(7))
"""Diverging, seven classes; the middle one holds the city's own value."""
CATEGORICAL = tuple(f"use-{i}" for i in range(8))
"""At most eight categories, colour-blind safe (after Paul Tol's bright scheme); the last one is 'other'."""
NO_DATA = "nodata"

_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_PROPERTY = re.compile(r"--([a-z0-9-]+):\s*(#[0-9A-Fa-f]{6})\s*;")


@lru_cache
def load_tokens(theme: Theme) -> dict[str, str]:
    """Token name (without ``--``) to ``#RRGGBB``. The dark theme is the light theme with the changes of dark."""
    css = re.sub(r"/\*.*?\*/", "", TOKENS.read_text(encoding="utf-8"), flags=re.DOTALL)
    found: dict[str, str] = {}
    for selector, body in _RULE.findall(css):
        if theme == "dark" or "dark" not in selector:
            found.update(_PROPERTY.findall(body))
    return found


def resolve_theme(theme: str, is_system_dark: bool = False) -> Theme:
    """The theme for a drawing by the server; ``auto`` is as the reader's system, which is taken for light if nothing is known of it."""
    return "dark" if theme == "dark" or (theme == "auto" and is_system_dark) else "light"


def css_variable(token: str) -> str:
    """The token as a CSS value, which follows the reader's theme automatically."""
    return f"var(--{token})"
