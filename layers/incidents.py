"""Open cases: a pin with the category's symbol in the colour of its deadline, grouped to '+n' where pins would hide each other;
circles with a count where there are too many to fetch one by one."""

from data.core.i18n import t
from layers.context import MapContext, MapLayer
from layers.spec import addresses
from layers.spec.deck import LayerSpec, ink, layer
from layers.style import theme
from layers.style.legend import Legend
from layers.style.wording import format_count, local_label

NAME = "incidents"

STATE_TITLES = {"overdue": "Overdue", "amber": "Due soon", "on_time": "On time", "paused": "Paused", "closed": "Closed"}
"""Deadline states, urgent first."""
STATE_TOKENS = {"overdue": "overdue", "amber": "amber", "on_time": "ontime", "paused": "paused", "closed": "closed"}
PIN_PX = 26
SINGLES_FROM_ZOOM = 13.6
"""From here on single cases are drawn as pins; farther away they are counted in circles."""
FOLDED_UNTIL_ZOOM = 17.5
"""Until here a click on a pin that holds several cases comes closer instead of opening one."""


def _address(context: MapContext) -> str:
    """Address of the open cases in the picked area, with the reader's filters; whatever the period, because they are a stock."""
    view, asked = context.view, dict[str, str]()
    if view.categories:
        asked["cat"] = ",".join(view.categories)
    if view.channels:
        asked["src"] = ",".join(view.channels)
    return addresses.cases(context.report, **asked)


def draw(context: MapContext) -> list[LayerSpec]:
    """Draw the pins."""
    return [
        layer(
            "IncidentPins",
            "fg-incidents",
            _address(context),
            inks={state: ink(f"pin-{token}") for state, token in STATE_TOKENS.items()},
            symbols={code: row["symbol"] or "dot" for code, row in context.report["categories"].items()},
            size=PIN_PX,
            from_zoom=SINGLES_FROM_ZOOM,
            folded_until_zoom=FOLDED_UNTIL_ZOOM,
            get_line_color=ink("pin-rim"),
            opacity=context.opacity(NAME),
            pickable=True,
        )
    ]


def legend(context: MapContext) -> Legend:
    """How many cases are open in each state, and the symbol of each category whose cases the reader may see here."""
    lang, report, figures = context.lang, context.report, context.report["incidents"]
    counts = {"overdue": figures["overdue"], "amber": figures["amber"], "on_time": figures["on_time"], "paused": figures["paused"]}
    shown = [(code, row) for code, row in report["categories"].items() if code not in figures["withheld"]]
    ordered = sorted(shown, key=lambda item: item[1]["ordinal"])
    return Legend(
        title=t(lang, "Open cases"),
        count=format_count(figures["open"], "cases", lang),
        states=[(theme.css_variable(f"pin-{STATE_TOKENS[state]}"), t(lang, STATE_TITLES[state]), f"{n:,}") for state, n in counts.items()],
        symbols=[(row["symbol"] or "dot", local_label(code, row, lang)) for code, row in ordered],
        note=t(lang, ", ").join([t(lang, "as it stands"), *([] if report["seen"]["cases"] else [t(lang, "single cases are not shown")])]),
        far_note=t(lang, "Circles: number of open cases; the red part of the ring is overdue."),
    )


LAYER = MapLayer(NAME, draw, legend, on_at_first=True)
