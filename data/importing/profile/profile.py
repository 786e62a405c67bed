"""Reading a profile: from a TOML file to checked models, and one sentence for each thing that is wrong in it."""

import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.core.nearest import find_nearest_word
from data.importing.common.clean_text import clean_text
from data.importing.common.sentences import ImportRefused, Sentence
from data.importing.profile.known_keys import known_keys
from data.importing.profile.model import SUBJECTS, Profile
from data.importing.profile.source import Source


def load_profile(path: Path) -> Profile:
    """Read and check a profile.

    Raises:
        ImportRefused: with one sentence for each thing that is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")  # Windows' editor begins files with a byte-order mark
        raw = _clean(tomllib.loads(text))
        if "\\u0000" in text or "\\U00000000" in text:
            raise ImportRefused([Sentence("profile_syntax", {"path": path.name, "detail": "NUL"})])
    except FileNotFoundError:
        raise ImportRefused([Sentence("profile_missing", {"path": str(path)})]) from None
    except OSError as error:
        raise ImportRefused([Sentence("unreadable_file", {"file": str(path), "detail": error.strerror})]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ImportRefused([Sentence("profile_syntax", {"path": path.name, "detail": str(error)})]) from None
    try:
        return _with_keys(Profile.model_validate(raw), path.name)
    except ValidationError as error:
        raise ImportRefused([_explain(path.name, e) for e in error.errors()]) from None


_AS_WRITTEN = ("file", "files", "delimiter", "layer", "sheet")
"""Keys whose texts have to be what a file system or a file has, character by character."""


def _clean(value: Any, key: str = "") -> Any:
    """Everything in a profile without invisible characters, as the files' own texts are read."""
    if isinstance(value, dict):
        return {clean_text(k): _clean(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [_clean(v, key) for v in value]
    return clean_text(value) if isinstance(value, str) and key not in _AS_WRITTEN else value


def _with_keys(profile: Profile, path: str) -> Profile:
    """Give every source a key that is unique in the profile, from its first file's name where it has none.

    Raises:
        ImportRefused: a source without a file.
    """
    taken: set[str] = set()
    made: dict[str, list[Source]] = {}
    for subject in SUBJECTS:
        made[subject] = []
        for number, source in enumerate(getattr(profile, subject), start=1):
            if not source.file:
                where = f"[[{subject}]] no. {number}"
                raise ImportRefused([Sentence("profile_needs", {"path": path, "where": where, "key": "file"})])
            stem = (
                source.key
                or f"{subject}-{getattr(source, 'level', None) or getattr(source, 'kind', None) or Path(source.file[0]).name.split('.')[0]}"
            )
            key, n = stem, 2
            while key in taken:
                key, n = f"{stem}-{n}", n + 1
            taken.add(key)
            made[subject].append(source.model_copy(update={"key": key, "name": source.name or key}))
    return profile.model_copy(update=made)


def _explain(path: str, error: Any) -> Sentence:
    """One sentence for one of pydantic's findings, in the words of the file."""
    steps = list(error["loc"])
    key, where = str(steps[-1]) if steps else "", _where(steps[:-1])
    if error["type"] == "extra_forbidden":
        return Sentence(
            "profile_key", {"path": path, "key": key, "where": where, "nearest": find_nearest_word(key, known_keys(Profile, steps[:-1]))}
        )
    if error["type"] == "missing":
        return Sentence("profile_needs", {"path": path, "key": key, "where": where})
    detail = str(error["msg"]).removeprefix("Value error, ")
    return Sentence("profile_value", {"path": path, "key": key, "where": where, "detail": detail})


def _where(steps: list[object]) -> str:
    """``("incidents", 1, "columns")`` as ``[[incidents]] no. 2, columns``."""
    words: list[str] = []
    for step in steps:
        if isinstance(step, int) and words:
            words[-1] = f"[[{words[-1]}]] no. {step + 1}"
        else:
            words.append(str(step))
    return ", ".join(words) or "the profile"
