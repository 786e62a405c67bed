"""From a figure to the cases behind it, and from a number to its case: addresses of the desk, for whoever may see them."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

from data.core.period import Period
from data.core.settings import settings

DESK = "/desk"
NO_FILTERS: Mapping[str, str] = {}
_STATES = ("overdue", "amber", "on_time", "paused", "closed", "ended")
_AT_DESK = {"channel": "source"}
"""Names of filters of the list of cases, as the desk's address calls them; the others are called alike."""


def link_list(list_: str | None) -> str | None:
    """The desk's address for an address of ``GET /api/cases``: it shows the same cases."""
    return None if list_ is None else _address(parse_qs(list_.partition("?")[2]))


def link_reported(area: str, period: Period, filters: Mapping[str, str] = NO_FILTERS) -> str:
    """The cases of an area that were reported in a period. ``filters``: as the list of cases calls them, such as ``category``."""
    return _address({"area": [area], "from": [period.start.isoformat()], "to": [period.end.isoformat()], **_lists(filters)})


def link_overdue(area: str, filters: Mapping[str, str] = NO_FILTERS) -> str:
    """The cases of an area that are overdue, as it stands."""
    return _address({"area": [area], **_lists(filters), "state": ["overdue"]})


def link_case(area: str, number: str) -> str:
    """One case, open at the desk beside the open cases of an area, whatever the case's own state."""
    return f"{DESK}?{urlencode({'area': area, 'case': number})}"


def full_address(cases: str | None) -> str:
    """Where a figure's cases are listed, with the server's own address, as files must say it. Empty: no setting names that, or no list."""
    if cases is None or cases.startswith(("https://", "http://")):
        return cases or ""
    site = settings().public_url
    return f"{site.rstrip('/')}{cases}" if site and cases.startswith(f"{DESK}?") else ""


def _lists(filters: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [value] for name, value in filters.items()}


def _address(asked: Mapping[str, Sequence[str]]) -> str:
    """Without a state the desk shows what is open, so all are named."""
    made = {_AT_DESK.get(name, name): ",".join(values) for name, values in asked.items()}
    if not {"state", "stage"} & made.keys():
        made["state"] = ",".join(_STATES)
    return f"{DESK}?{urlencode(made, safe=',')}"
