"""The style sheet of the pages outside the map: one answer, with a version in its address."""

from functools import lru_cache
from hashlib import sha256

from data.core.settings import ROOT
from layers.style.theme import load_tokens

STYLE = "/signin/style.css"
"""Address of the style sheet; open to everybody."""


@lru_cache
def style_sheet() -> str:
    """The colours of both themes (the light theme when printed), the rules in ``assets/doors/*.css``, and those of what lies over a map."""
    light, dark = (";".join(f"--{name}:{value}" for name, value in load_tokens(theme).items()) for theme in ("light", "dark"))
    shades = f':root{{color-scheme:light;{light}}}:root[data-theme="dark"]{{color-scheme:dark;{dark}}}'
    system = f':root[data-theme="auto"]{{color-scheme:dark;{dark}}}'
    paper = f":root[data-theme]{{color-scheme:light;{light}}}"
    parts = (*sorted((ROOT / "assets" / "doors").glob("*.css")), ROOT / "assets" / "css" / "9-map.css")
    own = "\n".join(part.read_text("utf-8") for part in parts)
    return f"{shades}\n@media (prefers-color-scheme:dark){{{system}}}\n@media print{{{paper}}}\n{own}"


@lru_cache
def style_address() -> str:
    """Address of the style sheet, with its version."""
    return f"{STYLE}?m={sha256(style_sheet().encode()).hexdigest()[:12]}"
