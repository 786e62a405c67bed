"""Sentences at the terminal, in the language of the terminal."""

import os
import signal
import sys
from types import FrameType

from data.core.errors import GridwellError
from data.core.i18n import tell

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def language() -> str:
    """``zh`` where the terminal's locale is Chinese, otherwise English."""
    chosen = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if chosen.lower().startswith("zh") else "en"


def say(sentence: str) -> None:
    """One line of progress, seen at once also through a pipe."""
    print(sentence, flush=True)


def complain(sentence: str) -> None:
    """One line on standard error."""
    print(f"gridwell: {sentence}", file=sys.stderr, flush=True)


def error_sentence(error: GridwellError) -> str:
    """An error's sentence in the terminal's language."""
    return tell(language(), error)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    # Ending has begun and takes seconds; a second signal must not break it off half-way.
    for one in ENDING:
        signal.signal(one, signal.SIG_IGN)
    raise KeyboardInterrupt


def unwind_on_signals() -> None:
    """Let Ctrl-C, SIGTERM and a closed terminal unwind the program, so that whatever was started is ended."""
    for one in ENDING:
        signal.signal(one, _interrupt)
