"""Coordinate systems out of files: those that name a file are refused before PROJ looks for it, all others are as they were."""

import os
from pathlib import Path

import pyproj
import pytest
from pyproj.exceptions import CRSError

from data.geo.coordinate_systems import NeedsFile, parse_system

GEOGRAPHIC = 'GEOGCS["x",DATUM["y",SPHEROID["GRS 1980",6378137,298.257222101]{0}],PRIMEM["Greenwich",0],UNIT["degree",0.0174532925199433]]'
MERCATOR = 'PROJCS["m",{0},PROJECTION["Mercator_1SP"],UNIT["metre",1],EXTENSION["PROJ4","+proj=merc +a=6378137 +b=6378137 {1} +wktext"]]'
HEIGHT = 'COMPD_CS["a",{0},VERT_CS["v",VERT_DATUM["d",2005,EXTENSION["PROJ4_GRIDS","{1}"]],UNIT["m",1]]]'

NAMING = (
    "+proj=longlat +ellps=GRS80 +nadgrids={0} +no_defs",
    "proj=longlat nadgrids={0}",
    "+proj=longlat +datum=WGS84 +geoidgrids={0} +vunits=m",
    "+proj=pipeline +step +proj=hgridshift +grids={0}",
    "+proj=deformation +grids={0}",
    "  +proj=vgridshift +grids={0}",
    "+init={0}:1",
    "+title={0} +proj=longlat",
    '{{"proj": "deformation", "grids": "{0}"}}',
    '{{"proj": "longlat", "nadgrids": "{0}"}}',
    '{{"init": "{0}:1"}}',
    GEOGRAPHIC.format(',EXTENSION["PROJ4_GRIDS","{0}"]'),
    MERCATOR.format(GEOGRAPHIC.format(""), "+nadgrids={0}"),
    HEIGHT.format(GEOGRAPHIC.format(""), "{0}"),
)


@pytest.mark.parametrize("text", NAMING)
def test_a_system_that_names_a_file_is_refused_and_the_file_is_not_opened(tmp_path: Path, text: str) -> None:
    pipe = tmp_path / "grid"
    os.mkfifo(pipe)  # whoever opened it would wait for ever
    with pytest.raises(NeedsFile):
        parse_system(text.format(pipe))


@pytest.mark.parametrize(
    "text", ["/etc/passwd", "file:///etc/passwd", "https://127.0.0.1/x", "", "[1]", "{", "PROJCS[", '{"type": "x"}', "井"]
)
def test_what_is_no_system_is_told(text: str) -> None:
    with pytest.raises(CRSError):
        parse_system(text)


@pytest.mark.parametrize(
    ("text", "epsg"),
    [
        ("EPSG:4490", 4490),
        ("epsg:2263", 2263),
        ("4547", 4547),
        ("urn:ogc:def:crs:EPSG::4326", 4326),
        ("+init=epsg:4326", 4326),
        ("ESRI:102100", 3857),
        (pyproj.CRS(4547).to_wkt(), 4547),
        (pyproj.CRS(4547).to_wkt("WKT1_ESRI"), 4547),
        (pyproj.CRS(32650).to_json(), 32650),
        ("+proj=utm +zone=50 +datum=WGS84 +units=m +no_defs", 32650),
    ],
)
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_others_are_as_they_were(text: str, epsg: int) -> None:
    assert parse_system(text).to_epsg(min_confidence=20) == epsg


def test_shifts_that_are_numbers_and_grids_that_are_none_stay() -> None:
    bound = parse_system(GEOGRAPHIC.format(",TOWGS84[100,0,0,0,0,0,0]"))
    assert bound.is_bound
    sphere = parse_system(MERCATOR.format(GEOGRAPHIC.format(""), "+nadgrids=@null"))
    x, y = pyproj.Transformer.from_crs(4326, sphere, always_xy=True).transform(116.4, 39.9)
    web = pyproj.Transformer.from_crs(4326, 3857, always_xy=True).transform(116.4, 39.9)
    assert (x, y) == pytest.approx(web, abs=0.01)
