"""Which level the map colours inside the picked area."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pytest
from sqlalchemy import Executable, RowMapping

from data.figures.questions import choose_level, select_drawn

ALL = ("city", "district", "street", "community", "grid")
FEW, MANY = False, True


async def coloured(level: str, wanted: str | None, more: bool, known: Sequence[str] = ALL) -> str | None:
    """The level coloured in an area of ``level`` of a city that has the levels ``known``; ``more``: the second level has too many areas."""

    async def ask(statement: Executable, values: Mapping[str, Any] | None = None, /) -> Sequence[RowMapping]:
        return cast(Sequence[RowMapping], [{"more": more}])

    own = {"level": level, "city_level_names": {name: {} for name in known}, **dict.fromkeys(("no", "code", "parent", "path"), "1")}
    return await choose_level(ask, cast(RowMapping, own), wanted)


@pytest.mark.parametrize(
    ("level", "wanted", "more", "expected"),
    [
        ("city", None, FEW, "street"),
        ("city", None, MANY, "district"),
        ("city", "grid", MANY, "grid"),
        ("street", "district", FEW, "grid"),
        ("street", "district", MANY, "community"),
        ("community", None, FEW, "grid"),
        ("grid", None, FEW, None),
    ],
)
async def test_the_second_level_below_is_coloured(level: str, wanted: str | None, more: bool, expected: str | None) -> None:
    assert await coloured(level, wanted, more) == expected


async def test_a_city_without_some_levels_counts_those_it_has() -> None:
    assert await coloured("city", None, FEW, ("city", "district", "grid")) == "grid"


def _row(code: str, level: str, path: str, parent: str | None, has_polygon: bool) -> RowMapping:
    found = {"code": code, "level": level, "path": path, "parent": parent, "has_polygon": has_polygon, "origin": "official"}
    return cast(RowMapping, found)


def test_a_map_colours_the_next_level_that_has_polygons() -> None:
    own = _row("d", "district", "c.d", "c", True)
    communities = [_row(f"k{n}", "community", f"c.d.k{n}", "d", False) for n in range(2)]
    cells = [_row(f"g{n}", "grid", f"c.d.g{n}", "d", True) for n in range(2)]
    beside = _row("e", "district", "c.e", "c", True)

    def drawn(*rows: RowMapping, area: RowMapping = own) -> list[str]:
        return [row["code"] for row in select_drawn(area, "community", [area, *rows, beside])]

    assert drawn(*communities, *cells) == ["g0", "g1"]
    assert drawn(*communities) == ["d"], "itself, if nothing below has a polygon"
    assert drawn(_row("k9", "community", "c.d.k9", "d", True), *communities, *cells) == ["k9", "k0", "k1"]
    assert drawn(area=communities[0]) == ["k0"]
