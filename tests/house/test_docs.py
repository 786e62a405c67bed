"""What the documents point to is there."""

import re
from pathlib import Path

import pytest

from data.core.settings import ROOT
from data.schema import metadata

_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


@pytest.mark.parametrize("document", ["README.md", "DECISIONS.md", "CHANGELOG.md", "SECURITY.md", "docs/import.md"])
def test_linked_files_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    missing = [link for link in _LINK.findall(text) if not ((ROOT / document).parent / link).exists()]
    assert not missing, f"{document} points to {missing}"


def test_readme_begins_with_the_map() -> None:
    first = next(line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[1:] if line)
    assert re.match(r"!\[.+\]\(docs/pictures/map-3d-zh\.png\)", first)
    assert Path(ROOT / "docs/pictures/map-3d-zh.png").stat().st_size > 100_000


@pytest.mark.parametrize("table", ["person", "incident_reporter"])
def test_what_is_kept_of_people_is_told(table: str) -> None:
    columns = metadata.tables[table].columns
    classes = [", ".join(c.name for c in columns if c.info["privacy"] == privacy) for privacy in ("ordinary", "personal", "sensitive")]
    assert f"| `{table}` | {' | '.join(classes)} |" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")
