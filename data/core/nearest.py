"""The known word nearest to a misspelt one."""

import difflib
from collections.abc import Iterable

_LONGEST = 200
"""Of longer words, such as a header that is a whole file, only the beginning is compared."""


def find_nearest_word(word: str, known: Iterable[object]) -> str:
    """The known word that looks most like ``word``."""
    words = [str(k)[:_LONGEST] for k in known]
    by_fold = {w.casefold(): w for w in words}
    close = difflib.get_close_matches(word[:_LONGEST].casefold(), list(by_fold), n=1, cutoff=0.0)
    return by_fold[close[0]] if close else "-"
