"""The panel at the bottom: a play button, the days shown, and a histogram with a window that can be dragged."""

from data.core.i18n import t
from layers.style import numbers
from layers.style.days import format_period
from pages import charts, html
from pages.components import attributes, icon
from pages.html import Child
from pages.scene import Scene


def panel(scene: Scene) -> list[Child]:
    """Play button, the window's days with their count, and the histogram; empty if the city has no cases."""
    if not scene.report["city"]["has_cases"]:
        return []
    lang, days = scene.lang, scene.figures.by_day
    n = scene.report["incidents"]["total"]
    count = t(lang, "1 case") if n == 1 else t(lang, "{n} cases", n=numbers.short(n, lang))
    window = scene.view.window
    whole = t(lang, "1 day") if scene.period.days == 1 else t(lang, "{n} days", n=scene.period.days)
    kind = t(lang, "{n}-day window", n=window.days) if window else whole
    play = html.Button(
        [html.Span(icon("play", 16), className="when-still"), html.Span(icon("pause", 16, 2.6), className="when-playing")],
        className="play",
        type="button",
        title=t(lang, "Play through the days"),
        **attributes(aria_label=t(lang, "Play through the days"), aria_pressed="false"),
    )
    texts = html.Div(
        [html.B(format_period(scene.selected_period, lang, scene.today)), html.Span(f"{count} · {kind}", className="sub")],
        className="time-text",
    )
    return [play, texts, charts.histogram(days, window, lang)]
