"""Signs by which a file says that it does not hold everything: services give only so many rows at once."""

import re
from typing import Any

Cut = tuple[str, int]
"""The sign, and how many rows there are in all (0: not told)."""

_TOTALS = ("numbermatched", "totalfeatures", "total_count", "totalcount", "total_results", "totalresults", "numfound", "recordstotal")
_FLAGS = ("exceededtransferlimit", "hasmore", "has_more")
_NEXT = ("next", "nextlink", "@odata.nextlink", "next_page_url", "nextpagetoken")
_MATCHED = re.compile(rb'\bnumberMatched="(\d{1,15})"')
_RETURNED = re.compile(rb'\bnumberReturned="(\d{1,15})"')


def find_cut(parsed: Any, rows: int) -> Cut | None:
    """The sign in what stands around the rows of a JSON file, if there is one.

    Args:
        parsed: the file, or the object that holds the list of rows.
        rows: that it holds.
    """
    if not isinstance(parsed, dict):
        return None
    inner = parsed.get("properties")
    around = {str(k).casefold(): (k, v) for part in (inner if isinstance(inner, dict) else {}, parsed) for k, v in part.items()}
    totals = [int(v) for name in _TOTALS if isinstance(v := around.get(name, ("", None))[1], int) and not isinstance(v, bool)]
    total = max(totals, default=0)
    for name in _FLAGS:
        key, value = around.get(name, ("", None))
        if value is True or str(value).casefold() == "true":
            return f"{key}: true", total
    if total > rows:
        return f"{rows:,} / {total:,}", total
    links = around.get("links", ("", None))[1]
    if any(around.get(name, ("", None))[1] for name in _NEXT) or (
        isinstance(links, list) and any(isinstance(link, dict) and link.get("rel") == "next" for link in links)
    ):
        return "next", total
    return None


def find_cut_in_markup(head: bytes) -> Cut | None:
    """The same in the first element of an answer of a feature service in GML."""
    matched, returned = _MATCHED.search(head), _RETURNED.search(head)
    if matched is None or returned is None or int(matched[1]) <= int(returned[1]):
        return None
    return f"numberReturned={int(returned[1])}, numberMatched={int(matched[1])}", int(matched[1])
