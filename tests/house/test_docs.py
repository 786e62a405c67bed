"""Links in the documents lead to files and headings that exist."""

import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from data.core.settings import ROOT
from data.database.migrate import make_config
from data.schema import metadata
from data.upkeep.upgrade import REVISION_TITLES

DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")))
_LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
_PATH = re.compile(r"`((?:assets|bench|callbacks|cli|data|docs|layers|pages|routes|tests)/[\w./-]+)`")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_linked_files_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    missing = [link for link in _LINK.findall(text) if not ((ROOT / document).parent / link).exists()]
    assert not missing, f"{document} points to {missing}"


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if name != "CHANGELOG.md"])
def test_named_files_exist(document: str) -> None:
    """A path in backticks is a file or folder of the project; the changelog speaks of the past."""
    named = set(_PATH.findall((ROOT / document).read_text(encoding="utf-8")))
    assert [path for path in sorted(named) if not (ROOT / path.rstrip(".")).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_inside_a_document_lead_to_a_heading(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    headings = {heading_anchor(line.lstrip("#")) for line in text.splitlines() if re.match(r"#+ ", line)}
    assert [anchor for anchor in re.findall(r"\]\(#([^)]+)\)", text) if anchor not in headings] == []


def heading_anchor(title: str) -> str:
    """The fragment that Markdown renderers give a heading: lower case, no punctuation, a hyphen for each space."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", title.strip().lower()))


def test_readme_is_read_in_a_minute() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 120
    assert [line for line in lines if len(line) > 120] == []


def test_readme_begins_with_the_map() -> None:
    first = next(line for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[1:] if line)
    assert re.match(r"!\[.+\]\(docs/pictures/map-3d-zh\.png\)", first)
    assert Path(ROOT / "docs/pictures/map-3d-zh.png").stat().st_size > 100_000


@pytest.mark.parametrize("table", ["person", "incident_reporter"])
def test_what_is_kept_of_people_is_told(table: str) -> None:
    columns = metadata.tables[table].columns
    classes = [", ".join(c.name for c in columns if c.info["privacy"] == privacy) for privacy in ("ordinary", "personal", "sensitive")]
    assert f"| `{table}` | {' | '.join(classes)} |" in (ROOT / "SECURITY.md").read_text(encoding="utf-8")


def test_every_migration_says_to_operators_what_it_changes() -> None:
    revisions = [one.revision for one in ScriptDirectory.from_config(make_config()).walk_revisions()]
    assert sorted(REVISION_TITLES) == sorted(revisions), "see data/upkeep/upgrade.py"
