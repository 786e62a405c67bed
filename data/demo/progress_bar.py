"""Progress of a filling: a bar with rate and time left at a terminal, and a sentence for each step with the time it took."""

from collections import Counter
from collections.abc import Callable
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from data.core.i18n import t
from data.demo.common.scale import Scale

_EVENTS_A_CASE = 6.3
_COST_S = {"person": 8.0, "building": 60.0, "incident": 40.0, "incident_event": 7.0}
"""Seconds a million rows take, indexes included: only their proportion counts."""
_OTHER_COST_S = 20.0
_PLANNING_S, _BUILDING_S, _ROLLING_UP_S = 1000.0, 60.0, 50.0
"""Seconds a million cells take to be planned, a million buildings to be drawn, a million cases to be rolled up."""


_STEP_TITLES = {
    "planning": "Planning the city",
    "buildings": "Drawing buildings",
    "people": "Settling people",
    "cases": "Making cases",
    "writing": "Writing to the database",
    "statistics": "Collecting statistics",
    "roll_ups": "Rolling up figures",
    "committing": "Committing",
    "done": "Done",
}
"""Steps of a filling, by the name that the filling calls them by."""


class _Rate(ProgressColumn):
    """Rows a second since the step began."""

    def render(self, task: Task) -> Text:
        rate = task.fields.get("rate", 0.0)
        return Text(f"{rate:,.0f}/s" if rate else "")


class Watch:
    """Follows one filling.

    Args:
        scale: of the city that is made.
        tell: is given a line for each step when it ends.
        lang: language of the bar and of these lines.
    """

    def __init__(self, scale: Scale, tell: Callable[[str], None] | None = None, lang: str = "en") -> None:
        console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), _Rate(), TimeRemainingColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal, speed_estimate_period=120)
        self._tell, self._lang = tell, lang
        self._scale = scale
        self._task = self._bar.add_task("", total=self._total())
        self._step: tuple[str, float] | None = None
        self._rows = 0
        self.counts: Counter[str] = Counter()

    def _total(self) -> float:
        """Seconds that everything would take, on some machine."""
        scale = self._scale
        history = 1.0 if scale.history_days is None else scale.history_days / scale.days
        sent = {
            "person": scale.people,
            "building": scale.buildings,
            "incident": scale.incidents,
            "incident_event": scale.incidents * _EVENTS_A_CASE * history,
        }
        writing = sum(rows * _COST_S[table] for table, rows in sent.items())
        return (writing + self.planning + self.building + self.rolling_up) / 1e6

    @property
    def planning(self) -> float:
        """What planning costs."""
        return self._scale.cells * _PLANNING_S

    @property
    def building(self) -> float:
        """What drawing the buildings costs."""
        return self._scale.buildings * _BUILDING_S

    @property
    def rolling_up(self) -> float:
        """What the roll-ups cost."""
        return self._scale.incidents * _ROLLING_UP_S

    def __enter__(self) -> "Watch":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self, name: str, before: float = 0.0) -> None:
        """A step of ``_STEP_TITLES`` begins; ``before``: what the steps cost that have ended without writing rows."""
        self._close()
        title = t(self._lang, _STEP_TITLES[name])
        self._step, self._rows = (title, monotonic()), 0
        self._bar.update(self._task, description=title, advance=before / 1e6, rate=0.0)

    def landed(self, table: str, rows: int) -> None:
        """Rows of a table have been written."""
        self.counts[table] += rows
        self._rows += rows
        began = self._step[1] if self._step else monotonic()
        rate = self._rows / max(monotonic() - began, 0.1)
        self._bar.update(self._task, advance=rows * _COST_S.get(table, _OTHER_COST_S) / 1e6, rate=rate)

    def done(self) -> None:
        """Everything has ended."""
        self._close()
        self._step = None
        self._bar.update(self._task, description=t(self._lang, _STEP_TITLES["done"]), completed=self._total())

    def _close(self) -> None:
        if self._step and self._tell:
            title, began = self._step
            self._tell(f"{monotonic() - began:8.1f} s  {title}" + (f"  {self._rows:,}" if self._rows else ""))
