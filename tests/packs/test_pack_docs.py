"""docs/packs.md: the pack on it is in order, and every key of the models stands on it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from data.core.settings import ROOT
from data.packs.declaration.cadence import FORMS, Cadence
from data.packs.declaration.model import CODE_KEY, Departments, FeedSource, Pack
from data.packs.declaration.reading import load_pack

PAGE = (ROOT / "docs" / "packs.md").read_text("utf-8")
ELSEWHERE = {FeedSource, Cadence}
"""Models that another page describes, or that are no table."""


def models(annotation: Any, seen: set[type]) -> Iterator[type[BaseModel]]:
    """Models of packs inside an annotation, each once."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in seen | ELSEWHERE:
        seen.add(annotation)
        if annotation.__module__.startswith("data.packs"):
            yield annotation
            for field in annotation.model_fields.values():
                yield from models(field.annotation, seen)
    for inner in get_args(annotation):
        yield from models(inner, seen)


KEYS = {
    str(field.alias or field.validation_alias or name)
    for root in (Pack, Departments)
    for model in models(root, set())
    for name, field in model.model_fields.items()
} - {CODE_KEY}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_every_key_stands_on_the_page(key: str) -> None:
    assert re.search(rf"`(\[\[)?{key}(\]\])?`", PAGE)


def test_there_are_keys() -> None:
    assert {"as", "class", "takes", "grace_hours", "short"} <= KEYS


def test_every_cadence_stands_on_the_page() -> None:
    assert all(f"`{form.split()[0]}" in PAGE for form in FORMS)


def test_the_pack_on_the_page_is_in_order(tmp_path: Path) -> None:
    written = re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert written is not None
    (tmp_path / "bikes").mkdir()
    (tmp_path / "bikes" / "pack.toml").write_text(written[1], "utf-8")
    assert load_pack(tmp_path / "bikes", ["transport", "urban"]).code == "bikes"
