"""Progress of an import: a bar with rate and time left at a terminal, nothing elsewhere."""

import sys
from collections.abc import Callable, Iterable, Iterator
from types import TracebackType
from typing import Self, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.text import Text

from data.core.i18n import t
from data.core.text import as_one_line

T = TypeVar("T")


class _Rate(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


class Progress:
    """One bar for each part of an import, on standard error."""

    def __init__(self, shown: bool | None = None, lang: str = "en") -> None:
        self.lang = lang
        console = Console(file=sys.stderr)
        self.shown = console.is_terminal if shown is None else shown
        columns = (TextColumn("{task.description:28}", markup=False), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        self._bars = RichProgress(*columns, console=console, disable=not self.shown, transient=False)

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bars.stop()

    def begin(self, what: str, total: int) -> Callable[[int], None]:
        """Open a heading; what is given back is told of steps that were made."""
        task = self._bars.add_task(as_one_line(t(self.lang, what)), total=total)
        return lambda steps: self._bars.advance(task, steps)

    def track(self, what: str, steps: Iterable[T], total: int) -> Iterator[T]:
        """The steps themselves, counted under a heading (a msgid, or the key of a source)."""
        task = self._bars.add_task(as_one_line(t(self.lang, what)), total=total)
        for step in steps:
            yield step
            self._bars.advance(task)
