"""Sentences at the terminal, in the language of the terminal."""

import os
import signal
import sys
from types import FrameType

from data.errors import GridwellError
from data.i18n import t


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


def told(error: GridwellError) -> str:
    """An error's sentence in the terminal's language."""
    return t(language(), type(error).sentence, **error.facts)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def end_on_sigterm() -> None:
    """Let SIGTERM and a closed terminal unwind like Ctrl-C, so that whatever was started is ended."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)
