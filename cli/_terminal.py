"""Sentences at the terminal, in the terminal's language."""

import logging
import os
import select
import signal
import sys
import threading
from types import FrameType

from data.core.errors import GridwellError
from data.core.i18n import tell
from data.core.text import defuse

_stamped = threading.Event()
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def drop_what_nobody_reads() -> bool:
    """Whether whoever read the output has left, as ``head`` does. What is still written there, at the latest when Python ends, is lost."""
    poll = select.poll()
    for number in (1, 2):
        poll.register(number, 0)
    left = [number for number, events in poll.poll(0) if events & (select.POLLERR | select.POLLHUP)]
    if left:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for number in left:
            os.dup2(nowhere, number)
        os.close(nowhere)
    return bool(left)


def language() -> str:
    """``zh`` if the terminal's locale is Chinese, otherwise ``en``."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if chosen.lower().startswith("zh") else "en"


def say(sentence: str) -> None:
    """Print one line of progress; it appears at once, also in a pipe."""
    print(defuse(sentence), flush=True)


def complain(sentence: str) -> None:
    """Print one line on standard error; a server's with its time, see ``cli._serving.log_lines``."""
    if _stamped.is_set():
        logging.getLogger("gridwell").warning("%s", defuse(sentence))
        return
    print(f"gridwell: {defuse(sentence)}", file=sys.stderr, flush=True)


def stamp_complaints() -> None:
    """From now on, complaints are lines of the server's log."""
    _stamped.set()


def error_sentence(error: GridwellError) -> str:
    """An error's sentence in the terminal's language."""
    return tell(language(), error)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # Ending has begun and takes seconds; a second signal must not interrupt it.
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def unwind_on_signals() -> None:
    """Turn Ctrl-C, SIGTERM and a closed terminal into an exception, so that everything that was started is ended."""
    for one in ENDING:
        signal.signal(one, _interrupt)
