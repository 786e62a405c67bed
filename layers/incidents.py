"""Open cases: a pin with the category's symbol in the colour of its deadline, grouped to '+n' where pins would hide each other;
circles with a count where there are too many to fetch one by one."""

from data.core.i18n import t
from data.figures.types import AreaReport
from layers.context import MapContext, MapLayer
from layers.spec import addresses
from layers.spec.deck import LayerSpec, ink, layer
from layers.style import theme
from layers.style.legend import Legend, State
from layers.style.wording import format_count, local_label

NAME = "incidents"

STATE_TITLES = {"overdue": "Overdue", "amber": "Due soon", "on_time": "On time", "paused": "Paused", "closed": "Closed"}
"""Deadline states, urgent first."""
SEVERITY_TITLES = {1: "Critical", 2: "Urgent", 3: "Ordinary", 4: "Minor"}
SEVERITIES = tuple(SEVERITY_TITLES)
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
    if view.states:
        asked["deadline"] = ",".join(view.states)
    if shown_severities(context.report, view.severities):
        asked["severity"] = ",".join(map(str, view.severities))
    return addresses.cases(context.report, **asked)


def shown_severities(report: AreaReport, severities: tuple[int, ...]) -> tuple[int, ...]:
    """The severities by which the open cases of an area are filtered for this reader: none where single cases may not be seen."""
    return severities if report["seen"]["cases"] else ()


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
    lang, report, figures, view = context.lang, context.report, context.report["incidents"], context.view
    counts = {"overdue": figures["overdue"], "amber": figures["amber"], "on_time": figures["on_time"], "paused": figures["paused"]}
    shown = [(code, row) for code, row in report["categories"].items() if code not in figures["withheld"]]
    ordered = sorted(shown, key=lambda item: item[1]["ordinal"])
    return Legend(
        title=t(lang, "Open cases"),
        count=format_count(sum(n for state, n in counts.items() if state in (view.states or counts)), "cases", lang),
        states=[
            State(state, theme.css_variable(f"pin-{STATE_TOKENS[state]}"), t(lang, STATE_TITLES[state]), f"{n:,}", state in view.states)
            for state, n in counts.items()
        ],
        severities=[(n, t(lang, title), n in view.severities) for n, title in SEVERITY_TITLES.items()] if report["seen"]["cases"] else [],
        symbols=[(row["symbol"] or "dot", local_label(code, row, lang)) for code, row in ordered],
        note=t(lang, ", ").join(_notes(context)),
        far_note=t(lang, "Circles: number of open cases; the red part of the ring is overdue."),
    )


def _notes(context: MapContext) -> list[str]:
    """For which moment the cases stand, and what of the filters reaches only the map."""
    lang, severities, sees = context.lang, context.view.severities, context.report["seen"]["cases"]
    said = [t(lang, "as it stands")]
    if not sees:
        said.append(t(lang, "single cases are not shown"))
    if severities and sees:
        said.append(t(lang, "severity filters pins and circles, not these counts"))
    elif severities:
        said.append(t(lang, "severity can be filtered only where single cases may be seen"))
    return said


LAYER = MapLayer(NAME, draw, legend, on_at_first=True)
