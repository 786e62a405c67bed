"""The style sheets of the doors are sent as one: what one page says must not change another."""

import re
from collections import defaultdict

from data.core.settings import ROOT

FAMILIES = {"desk_case": "desk", "desk_many": "desk", "entry": "desk", "hub_side": "hub"}
"""Sheets of one page."""
SHARED = {".column", ".filter", ".record"}
"""Said of the same thing by two pages, or always together with the page's own class."""


def test_no_page_says_how_a_class_of_another_looks() -> None:
    """A rule that begins with a class is for every page; those of two pages begin with the page's own class, as ``.at-rules``."""
    said: dict[str, set[str]] = defaultdict(set)
    for sheet in sorted((ROOT / "assets" / "doors").glob("*.css")):
        page = sheet.name.split(".")[0]
        if page == "doors":
            continue
        text = re.sub(r"@media[^{]*\{", "", re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL))
        for selectors in re.findall(r"([^{}]+)\{", text):
            for one in selectors.split(","):
                if found := re.match(r"\s*(\.[a-z][\w-]*)", one):
                    said[found[1]].add(FAMILIES.get(page, page))
    assert len(said) > 100, "the sheets are read"
    assert {name: pages for name, pages in said.items() if len(pages) > 1 and name not in SHARED} == {}


def test_reports_have_no_class_whose_look_another_page_says() -> None:
    """All sheets are one: a report of the class ``official`` would look as that panel of the page of rules does."""
    shared = {"doors", "desk"}
    begun: set[str] = set()
    for sheet in sorted((ROOT / "assets" / "doors").glob("*.css")):
        if sheet.name.split(".")[0] not in {*shared, "report"}:
            text = re.sub(r"@media[^{]*\{", "", re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL))
            rules = [one.strip() for selectors in re.findall(r"([^{}]+)\{", text) for one in selectors.split(",")]
            begun |= {found[1] for one in rules if (found := re.fullmatch(r"\.([a-z][\w-]*)", one))}
    written = (ROOT / "routes" / "templates" / "report" / "blocks.html").read_text("utf-8")
    given = re.findall(r'class="([^"]*)"', written)
    said = [re.sub(r"\{\{.*?\}\}", lambda code: " ".join(re.findall(r"'([^']*)'", code[0])), one) for one in given]
    words = set(" ".join(said).split())
    assert "official" in begun and "report-official" in words, "both are read"
    assert not words & begun


def test_no_sheet_says_how_the_paper_of_all_pages_is() -> None:
    """``@page`` without a name holds for every page that has the sheet: reports would have the margins of a log."""
    named: list[tuple[str, str]] = []
    for sheet in sorted((ROOT / "assets" / "doors").glob("*.css")):
        named += [(sheet.name, name) for name in re.findall(r"@page\s*([\w-]*)", sheet.read_text("utf-8"))]
    assert len(named) > 3, "the sheets are read"
    assert [sheet for sheet, name in named if not name] == []
    assert len({name for _, name in named}) == len(named), "each is said once"
