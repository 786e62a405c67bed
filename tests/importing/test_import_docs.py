"""docs/import.md is complete, and its example works as printed."""

import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from import_city import bring, sentences
from pydantic import BaseModel

from data.core.settings import ROOT
from data.importing.common.sentences import ROW_REASONS
from data.importing.profile import model
from data.importing.profile.known_keys import model_inside
from data.importing.profile.spec import Spec

DOC = (ROOT / "docs" / "import.md").read_text(encoding="utf-8")


def keys(of: type[BaseModel], seen: set[type[BaseModel]]) -> set[str]:
    """Every key of a profile."""
    if of in seen:
        return set()
    seen.add(of)
    found = set()
    for name, field in of.model_fields.items():
        found.add(name)
        inner: Any = model_inside(field.annotation)
        if inner is not None:
            found |= keys(inner, seen)
    return found


def test_every_key_is_in_the_reference() -> None:
    known = keys(model.Profile, set()) | set(Spec.model_fields)
    assert sorted(key for key in known - {"subject"} if not re.search(rf"`[^`]*\b{re.escape(key)}\b[^`]*`", DOC)) == []


def test_every_reason_is_explained() -> None:
    assert [reason for reason in ROW_REASONS if f"`{reason}`" not in DOC.split("## Every sentence explained")[1]] == []


def test_the_worked_example_works_as_printed(database: str, tmp_path: Path) -> None:
    for name, text in re.findall(r"\*\*`riverton/([^`]+)`\*\*\n\n```\w+\n(.*?)```", DOC, re.DOTALL):
        (tmp_path / name).write_text(text, encoding="utf-8")
    outcome = bring(tmp_path / "riverton.toml")
    assert outcome.outcome == "loaded", sentences(outcome)
    with psycopg.connect(database) as connection:
        cells = connection.execute("SELECT count(*)::int, min(code) FROM area WHERE level = 'grid'").fetchone()
        placed = connection.execute("SELECT count(*)::int FROM incident WHERE grid_method = 'within'").fetchone()
    assert placed == (3,)
    assert cells is not None and re.search(rf"Grid cells made\s+{cells[0]}\n", DOC) and f"`{cells[1]}`" in DOC


@pytest.mark.parametrize("line", re.findall(r"^([a-z]+-[a-z]+ .*)$", DOC, re.MULTILINE))
def test_the_printed_table_adds_up(line: str) -> None:
    read, loaded, rejected, _ = map(int, line.split()[-4:])
    assert read == loaded + rejected
