"""The panel at the left: one row for each layer, with its switch, its choices, and the meaning of its colours."""

from data.core.i18n import t
from data.core.viewer import Lang
from layers import grid
from layers.incidents import SEVERITIES
from layers.spec.area_tree import levels_below
from layers.style.legend import Legend, State
from layers.style.wording import level_name
from layers.view import View
from pages import html
from pages.components import attributes, choice, current, icon, link, menu, switch, toggle
from pages.html import Child
from pages.scene import Scene


def panel(scene: Scene, legend_rows: list[Legend]) -> list[Child]:
    """All rows, in the order of the legends."""
    return [_row(scene, legend) for legend in legend_rows]


def compact(legend_rows: list[Legend]) -> list[Child]:
    """The card above the sheet on a phone: only the meaning of the colours."""
    shown = next((legend for legend in legend_rows if legend.on and legend.classes and (legend.breaks or legend.layer == grid.NAME)), None)
    if shown is None:
        return []
    title = dict(shown.choices).get(shown.chosen or "", shown.title)
    note = shown.note if shown.breaks else shown.measure_note
    return [html.Div([html.B(title), html.Span(note, className="sub")], className="compact-head"), *_ramp(shown, compact=True)]


def _row(scene: Scene, legend: Legend) -> html.Div:
    view, lang = scene.view, scene.lang
    toggled = _toggled(view, legend.layer)
    head = html.Div(
        [
            switch(toggled, legend.on, t(lang, "Layer {name}", name=legend.title)),
            html.Span(legend.title, className="layer-name"),
            html.Span(legend.count or "", className="layer-count"),
        ],
        className="layer-head" if legend.on else "layer-head off",
    )
    return html.Div([head, *(_opened(scene, legend) if legend.on else [])], className="layer")


def _toggled(view: View, layer: str) -> View:
    on = tuple(one for one in view.layers if one != layer) if layer in view.layers else (*view.layers, layer)
    return view.but(layers=on)


def _opened(scene: Scene, legend: Legend) -> list[Child]:
    lang = scene.lang
    parts: list[Child] = [*_choices(scene, legend), *_ramp(legend)]
    notes = [(legend.note, "note"), (legend.far_note, "note far-only")]
    parts += [html.Div(text, className=looks) for text, looks in notes if text]
    if legend.no_data:
        parts.append(html.Div([html.Span(className="hatch"), legend.no_data], className="legend-line"))
    if legend.states:
        parts.append(_states(scene.view, legend, lang))
    if legend.severities:
        parts.append(_severities(scene.view, legend, lang))
    if legend.symbols:
        parts.append(html.Div([html.Div([icon(symbol, 16, 2), html.Span(label)]) for symbol, label in legend.symbols], className="symbols"))
    parts.append(_settings(scene, legend, lang))
    return parts


def _states(view: View, legend: Legend, lang: Lang) -> html.Div:
    """Deadline states: a click shows only the cases in this state, or in this one, too; a second click takes it away."""
    any_chosen = any(one.chosen for one in legend.states)

    def row(one: State) -> html.A:
        inside: list[Child] = [html.Span(className="dot", style={"background": one.colour}), one.label, " ", html.B(one.count)]
        looks = "state quiet" if any_chosen and not one.chosen else "state"
        to = view.but(states=toggle(view.states, one.code, [state.code for state in legend.states]))
        return link(to, inside, t(lang, "Show only: {name}", name=f"{one.label} {one.count}"), className=looks, **current(one.chosen))

    return html.Div([row(one) for one in legend.states], className="states")


def _severities(view: View, legend: Legend, lang: Lang) -> html.Div:
    """Severities, likewise."""
    pills = [_pill(view.but(severities=toggle(view.severities, n, SEVERITIES)), text, chosen) for n, text, chosen in legend.severities]
    return html.Div([html.Div(t(lang, "Severity"), className="setting-name"), html.Div(pills, className="pills")], className="severities")


def _choices(scene: Scene, legend: Legend) -> list[Child]:
    """The menu of measures, or of the buildings' colours."""
    if not legend.choices:
        return []
    view = scene.view
    titles = dict(legend.choices)
    chosen = titles.get(legend.chosen or "", "")
    texts: list[Child] = [html.B(chosen), " ", html.Span(legend.measure_note, className="sub")]
    summary = [html.Span(texts, className="pick-text"), icon("chevron", 16, 2)]
    items = [
        choice(view.but(measure=value) if legend.layer == grid.NAME else view.but(colour=value), text, value == legend.chosen)
        for value, text in legend.choices
    ]
    shown = t(scene.lang, "What the colours show")
    return [menu("pick", summary, items, f"{shown}: {chosen} {legend.measure_note}".strip())]


def _ramp(legend: Legend, compact: bool = False) -> list[Child]:
    """Class colours with the values between them; categories as a list, or where the room is small as a ramp with words at its ends."""
    if not legend.classes:
        return []
    if compact and legend.ends:
        cells = [html.I(style={"background": colour}, title=label) for colour, label in legend.classes]
        return [html.Div(cells, className="ramp"), html.Div([html.Span(text) for text in legend.ends], className="ramp-ends")]
    if not legend.breaks:
        return [
            html.Div(
                [
                    html.Div([html.Span(className="dot square", style={"background": colour}), html.Span(label)])
                    for colour, label in legend.classes
                ],
                className="categories lines" if legend.ends else "categories",
            )
        ]
    count = len(legend.classes)
    cells = [html.I(style={"background": colour}, title=label) for colour, label in legend.classes]
    texts = [html.Span(text, style={"left": f"{(i + 1) / count * 100:.2f}%"}) for i, text in enumerate(legend.breaks)]
    edges = attributes(data_breaks=",".join(f"{edge:g}" for edge in legend.edges)) if legend.edges else {}
    return [html.Div(cells, className="ramp", **edges), html.Div(texts, className="ramp-ticks")]


def _settings(scene: Scene, legend: Legend, lang: Lang) -> html.Details:
    """Opacity; for the areas also the coloured level and the way classes are made."""
    view = scene.view
    parts: list[Child] = []
    if legend.layer == grid.NAME:
        parts += _levels(scene, lang)
    if legend.methods:
        parts += [html.Div(t(lang, "Class breaks"), className="setting-name")]
        parts.append(
            html.Div([_pill(view.but(method=value), text, value == view.method) for value, text in legend.methods], className="pills")
        )
    name = t(lang, "Opacity of {name}", name=legend.title)
    slider = html.Input(type="range", min=10, max=100, step=5, value=legend.opacity, className="opacity-input")
    parts.append(
        html.Label(
            [html.Span(t(lang, "Opacity")), slider, html.Output(f"{legend.opacity}%")],
            className="opacity",
            title=name,
            **attributes(data_layer=legend.layer),
        )
    )
    text = t(lang, "Settings of {name}", name=legend.title)
    button = html.Summary(icon("sliders", 16), title=text, **attributes(aria_label=text))
    return html.Details([button, html.Div(parts, className="settings")], className="layer-settings")


def _levels(scene: Scene, lang: Lang) -> list[Child]:
    report = scene.report
    below = levels_below(report)
    if len(below) < 2:
        return []
    now = scene.coloured[0]["level"] if scene.coloured else None
    pills = [_pill(scene.view.but(units=level), level_name(report, level, lang), level == now) for level in below]
    return [html.Div(t(lang, "Coloured by"), className="setting-name"), html.Div(pills, className="pills")]


def _pill(to: View, text: str, chosen: bool) -> html.A:
    return link(to, text, className="pill", **current(chosen))
