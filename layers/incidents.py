"""Open cases: a pin with the category's symbol in the colour of its deadline, folded to '+n' where pins would hide each other;
circles with a count where there are too many to fetch one by one."""

from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang
from layers.spec import addresses
from layers.spec.deck import ink, layer
from layers.style import theme
from layers.style.legend import Legend
from layers.style.wording import Row, counted, name
from layers.view import View

STATE_TITLES = {"overdue": "Overdue", "amber": "Due soon", "on_time": "On time", "paused": "Paused", "closed": "Closed"}
"""Deadline states, urgent first."""
STATE_TOKENS = {"overdue": "overdue", "amber": "amber", "on_time": "ontime", "paused": "paused", "closed": "closed"}
PIN_PX = 26


def address(view: View, report: Row) -> str:
    """Address of the cases in the picked area and period, with the reader's filters."""
    period = report["period"]
    asked = {"from": period["from"], "to": period["to"]}
    if view.categories:
        asked["cat"] = ",".join(view.categories)
    if view.channels:
        asked["src"] = ",".join(view.channels)
    return addresses.cases(report, **asked)


def pins(view: View, report: Row) -> list[dict[str, Any]]:
    """The layer of pins; nothing when it is switched off."""
    if "incidents" not in view.layers:
        return []
    return [
        layer(
            "IncidentPins",
            "fg-incidents",
            address(view, report),
            inks={state: ink(f"pin-{token}") for state, token in STATE_TOKENS.items()},
            symbols={code: row.get("symbol") or "dot" for code, row in report["categories"].items()},
            size=PIN_PX,
            get_line_color=ink("pin-rim"),
            opacity=view.opacity.get("incidents", 100) / 100,
            pickable=True,
        )
    ]


def legend(view: View, report: Row, lang: Lang) -> Legend:
    """How many are open in each state, and which symbol is which category."""
    figures = report["incidents"]
    ordered = sorted(report["categories"].items(), key=lambda item: item[1].get("ordinal", 0))
    return Legend(
        layer="incidents",
        title=t(lang, "Open cases"),
        count=counted(figures["open"], "cases", lang),
        on="incidents" in view.layers,
        opacity=view.opacity.get("incidents", 100),
        states=[
            (theme.css(f"pin-{STATE_TOKENS[state]}"), t(lang, label), f"{figures.get(state, 0):,}")
            for state, label in STATE_TITLES.items()
            if state != "closed"
        ],
        symbols=[(row.get("symbol") or "dot", name({"code": code, **row}, lang)) for code, row in ordered],
        note="" if report["seen"]["cases"] else t(lang, "Circles: counted by cell, none is shown singly"),
    )
