"""Names of what ``./gridwell bench`` measures, in the reader's language. BENCHMARKS.md and the JSON keep the English ones."""

import re

from data.core.i18n import t

_NAMES = (
    # rows of the table and its headings
    "row", "measured", "value", "low – high", "n", "beside", "ratio", "aim",
    # a click
    "click", "uncached", "as served", "of that the page's own callback", "median", "tenth",
    "uncached click", "all cases", "a tenth of them", "the same figures by GROUP BY over raw rows", "GROUP BY over raw rows",
    # tiles
    "cold tiles through HTTP", "cold tiles", "pgbench with the same SQL", "the same SQL through pgbench", "wait for one",
    "weight of one over the wire", "one warm tile", "{n0} warm tiles in turn", "warm tile", "static file from disk",
    "static file from memory", "a static file of the same size, from disk", "the same, kept packed in memory as scripts are",
    "warm tile ÷ tipg, same tiles", "tipg, the same tiles in turn",
    # an import
    "import, buildings", "import, cases", "COPY, buildings", "COPY, cases", "geopandas to_postgis, buildings", "ogr2ogr, buildings",
    "import ÷ COPY into the same indexed table, buildings", "import ÷ COPY into the same indexed table, cases",
    "import ÷ geopandas to_postgis, buildings", "import ÷ ogr2ogr, buildings",
    # the page
    "first visit", "revisit", "over the wire", "requests over the wire", "main thread until the first layer is drawn",
    "clock until the first layer is drawn", "clock until the map is complete",
    # memory
    "largest worker idle", "largest worker after {n0} requests", "largest worker after all requests",
    "growth of the largest from {n0} to {n1} requests",
    # many viewers
    "all requests", "requests answered", "while they arrive", "errors", "answered “busy” (503)", "answered “busy” (503) while they arrive",
    "drill", "filter", "layer", "tile",
    # units and aims
    "tiles/s", "rows/s", "bytes", "flat", "≤ {n0} at {n1} M incidents",
)  # fmt: skip
"""Whole names, or parts of names between commas, colons, brackets and “÷”; ``{n0}``, ``{n1}`` stand for numbers in them."""
_NUMBER = re.compile(r"(?<![\w(.])\d[\d,.]*")
_SEPARATOR = re.compile(r"( ÷ |, |: | \(|\))")
_CHINESE = {", ": "，", ": ": "：", " (": "（", ")": "）"}


def translate_name(lang: str, name: str) -> str:
    """A heading, the name of a figure or ratio, a unit or an aim; what is not known, such as “RSS” or “p95”, stays."""
    numbers: dict[str, str] = {}

    def note(found: re.Match[str]) -> str:
        numbers[f"n{len(numbers)}"] = found[0]
        return f"{{n{len(numbers) - 1}}}"

    template = _NUMBER.sub(note, name)
    if template in _NAMES:
        return t(lang, template, **numbers)
    parts = [part for part in _SEPARATOR.split(name) if part]
    if len(parts) == 1:
        return name
    separators = _CHINESE if lang == "zh" else {}
    return "".join(separators[part] if part in separators else translate_name(lang, part) for part in parts)
