"""Files that want to read, fetch or write something: each is brought in, and nothing was read, sent or written.

The same files are first given to GDAL without confinement, to see that they are able to do what they want.
"""

import gzip
import io
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import geopandas
import pytest
import shapely

from data.importing.common.sentences import FileProblem
from data.importing.profile.source import Source
from data.importing.reader.client import read_file

pytestmark = pytest.mark.slow

CANARY = "canary-4711"


@dataclass
class Place:
    """Where a thief is let loose.

    Attributes:
        delivered: the folder of the import.
        secret: a file outside of it, which holds the canary.
        watched: a folder outside of it, where nothing may appear.
        port: of a listener on the loopback address.
        calls: what the listener was sent.
    """

    delivered: Path
    secret: Path
    watched: Path
    port: int
    calls: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{CANARY}"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folders = [tmp_path / name for name in ("in/city", "elsewhere", "watched")]
    for folder in folders:
        folder.mkdir(parents=True)
    secret = folders[1] / "secret.csv"
    secret.write_text(f"id,name,WKT\n1,{CANARY},POINT (1 1)\n")
    (folders[1] / "secret.geojson").write_text(
        json.dumps({"type": "Feature", "properties": {"name": CANARY}, "geometry": {"type": "Point", "coordinates": [1, 1]}})
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Place(folders[0], secret, folders[2], listener.getsockname()[1])
        threading.Thread(target=_answer, args=(listener, made.calls), daemon=True).start()
        yield made
        listener.shutdown(socket.SHUT_RDWR)


def _answer(listener: socket.socket, calls: list[bytes]) -> None:
    while True:
        try:
            client, _ = listener.accept()
        except OSError:
            return
        with client:
            calls.append(client.recv(4096))
            client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


# -- the thieves ---------------------------------------------------------------------------------------------------------


def vrt(source: str, more: str = "") -> bytes:
    layer = f'<OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource>{more}</OGRVRTLayer>'
    return f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>".encode()


def algorithm(line: str, kind: str = "gdal_streamed_alg") -> bytes:
    return json.dumps({"type": kind, "command_line": line, "relative_paths_relative_to_this_file": False}).encode()


def zipped(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def database(*statements: str, spatial: bool = False) -> bytes:
    """An SQLite file, or a GeoPackage, with statements run in it that may only be checked when they are used."""
    made = io.BytesIO()
    if spatial:
        geopandas.GeoDataFrame({"name": ["x"]}, geometry=[shapely.Point(1, 1)], crs=4326).to_file(made, driver="GPKG", engine="pyogrio")
    connection = sqlite3.connect(":memory:")
    if spatial:
        connection.deserialize(made.getvalue())
    connection.execute("PRAGMA writable_schema = 1")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    return connection.serialize()


def in_schema(name: str, statement: str) -> str:
    quoted = statement.replace("'", "''")
    return f"INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('table', '{name}', '{name}', 0, '{quoted}')"


def geojson(crs: object, name: str = "x") -> bytes:
    feature = {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Point", "coordinates": [1, 1]}}
    return json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}).encode()


def gml(attributes: str, inside: str = "") -> bytes:
    space = 'xmlns:ogr="http://ogr.maptools.org/" xmlns:gml="http://www.opengis.net/gml" xmlns:xlink="http://www.w3.org/1999/xlink"'
    point = '<gml:Point srsName="EPSG:4326"><gml:coordinates>1,1</gml:coordinates></gml:Point>'
    member = f"<ogr:x><ogr:name>x</ogr:name>{inside}<ogr:geometryProperty>{point}</ogr:geometryProperty></ogr:x>"
    return f"<ogr:FeatureCollection {space} {attributes}><gml:featureMember>{member}</gml:featureMember></ogr:FeatureCollection>".encode()


def kml(inside: str) -> bytes:
    place = "<Placemark><name>x</name><Point><coordinates>1,1</coordinates></Point></Placemark>"
    return f'<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}{place}</Document></kml>'.encode()


def parquet(crs: object) -> bytes:
    import pyarrow
    import pyarrow.parquet

    column = {"encoding": "WKB", "geometry_types": [], "crs": crs}
    about = {"version": "1.0.0", "primary_column": "geometry", "columns": {"geometry": column}}
    table = pyarrow.table({"name": ["x"], "geometry": [shapely.to_wkb(shapely.Point(1, 1))]})
    made = io.BytesIO()
    pyarrow.parquet.write_table(table.replace_schema_metadata({"geo": json.dumps(about)}), made)
    return made.getvalue()


WMS = "<GDAL_WMS><Service name='TMS'><ServerUrl>{}</ServerUrl></Service></GDAL_WMS>"

Make = Callable[[Place], dict[str, bytes]]

THIEVES: dict[str, Make] = {
    "a VRT named as a shapefile": lambda p: {"x.shp": vrt(f"{p.secret}")},
    "a VRT named as a shapefile, packed": lambda p: {"x.zip": zipped(**{"districts.shp": vrt(f"{p.secret}")})},
    "a VRT under its own name, packed": lambda p: {"x.zip": zipped(**{"districts.vrt": vrt(f"{p.secret}")})},
    "a VRT named as a GeoPackage": lambda p: {"x.gpkg": vrt(f"{p.secret}")},
    "a VRT named as KML": lambda p: {"x.kml": vrt(f"{p.secret}")},
    "a VRT named as GeoJSON": lambda p: {"x.geojson": vrt(f"{p.secret}")},
    "a VRT, gzipped": lambda p: {"x.gpkg.gz": gzip.compress(vrt(f"{p.secret}"))},
    "a VRT, gzipped and packed": lambda p: {"x.zip": zipped(**{"x.gpkg": gzip.compress(vrt(f"{p.secret}"))})},
    "a VRT after a megabyte of blanks": lambda p: {"x.gpkg": b" " * (1 << 20) + vrt(f"{p.secret}")},
    "a VRT that fetches": lambda p: {"x.gpkg": vrt(f"/vsicurl/{p.url}.csv")},
    "a VRT that asks a web service": lambda p: {"x.gpkg": vrt(f"WFS:{p.url}")},
    "a VRT that asks a database": lambda p: {"x.gpkg": vrt(f"PG:host=127.0.0.1 port={p.port} connect_timeout=1")},
    "a VRT with SQL": lambda p: {"x.gpkg": vrt(f"{p.secret}", "<SrcSQL dialect='sqlite'>SELECT * FROM secret</SrcSQL>")},
    "a VRT that unites layers": lambda p: {
        "x.gpkg": b"<OGRVRTDataSource><OGRVRTUnionLayer name='u'>"
        + vrt(f"{p.secret}").replace(b"<OGRVRTDataSource>", b"").replace(b"</OGRVRTDataSource>", b"")
        + b"</OGRVRTUnionLayer></OGRVRTDataSource>"
    },
    "an algorithm that reads": lambda p: {"x.json": algorithm(f"gdal vector pipeline ! read {p.secret} ! write out --of stream")},
    "an algorithm that fetches": lambda p: {"x.json": algorithm(f"gdal vector pipeline ! read /vsicurl/{p.url}.csv ! write x --of stream")},
    "an algorithm that writes": lambda p: {
        "x.json": algorithm(f"gdal vector pipeline ! read {p.secret} ! partition {p.watched}/owned --field name")
    },
    "an algorithm, gzipped": lambda p: {
        "x.json.gz": gzip.compress(algorithm(f"gdal vector pipeline ! read {p.secret} ! write out --of stream"))
    },
    "an algorithm under its own name": lambda p: {
        "x.gdalg.json": algorithm(f"gdal vector pipeline ! read {p.secret} ! write out --of stream")
    },
    "a web service's description": lambda p: {"x.xml": f"<OGRWFSDataSource><URL>{p.url}</URL></OGRWFSDataSource>".encode()},
    "a map service's description": lambda p: {"x.xml": WMS.format(p.url).encode()},
    "GML with a schema elsewhere": lambda p: {
        "x.gml": gml(f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://ogr.maptools.org/ {p.url}.xsd"')
    },
    "GML with a link": lambda p: {"x.gml": gml("", f'<ogr:part xlink:href="{p.url}"/><ogr:of xlink:href="file://{p.secret}"/>')},
    "GML with an outside entity": lambda p: {
        "x.gml": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{p.secret}">]>'.encode() + gml("", "<ogr:e>&e;</ogr:e>")
    },
    "KML with a network link": lambda p: {"x.kml": kml(f"<NetworkLink><Link><href>{p.url}</href></Link></NetworkLink>")},
    "KMZ with a network link": lambda p: {
        "x.kmz": zipped(**{"doc.kml": kml(f"<NetworkLink><Link><href>{p.url}</href></Link></NetworkLink>")})
    },
    "GeoJSON with a link for its system": lambda p: {"x.geojson": geojson({"type": "link", "properties": {"href": p.url}})},
    "GeoJSON whose system is a grid file": lambda p: {
        "x.geojson": geojson({"type": "name", "properties": {"name": f"+proj=longlat +nadgrids={p.secret}"}})
    },
    "GeoJSON whose system is a path": lambda p: {"x.geojson": geojson({"type": "name", "properties": {"name": f"{p.secret}"}})},
    "GeoJSON whose system is an address": lambda p: {"x.geojson": geojson({"type": "name", "properties": {"name": p.url}})},
    "Parquet whose system is a grid file": lambda p: {"x.parquet": parquet({"proj": "longlat", "nadgrids": f"{p.secret}"})},
    "a shapefile's .prj with a grid file": lambda p: {
        **shapefile(),
        "x.prj": b'GEOGCS["x",DATUM["y",SPHEROID["z",6378137,298.2572221],EXTENSION["PROJ4_GRIDS","%s"]],PRIMEM["Greenwich",0],'
        b'UNIT["degree",0.0174532925199433]]' % str(p.secret).encode(),
    },
    "a .prj that is a path": lambda p: {**shapefile(), "x.prj": str(p.secret).encode()},
    "a .cpg that is a path": lambda p: {**shapefile(), "x.cpg": b"../../../" + str(p.secret).encode()},
    "SQLite with a virtual table of another file": lambda p: {
        "x.sqlite": database(in_schema("v", f"CREATE VIRTUAL TABLE v USING VirtualOGR('{p.secret}')"))
    },
    "SQLite with a virtual table of text": lambda p: {
        "x.sqlite": database(in_schema("v", f"CREATE VIRTUAL TABLE v USING VirtualText('{p.secret}', 'UTF-8', 1)"))
    },
    "a GeoPackage with a virtual table": lambda p: {
        "x.gpkg": database(
            in_schema("v", f"CREATE VIRTUAL TABLE v USING VirtualOGR('{p.secret}')"),
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('v', 'attributes', 'v')",
            spatial=True,
        )
    },
    "a GeoPackage with functions in a view": lambda p: {
        "x.gpkg": database(
            f"CREATE VIEW v AS SELECT readfile('{p.secret}') AS a, load_extension('{p.secret}') AS b",
            "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES ('v', 'attributes', 'v')",
            spatial=True,
        )
    },
    "a GeoPackage that attaches and writes": lambda p: {
        "x.gpkg": database(
            f"CREATE TRIGGER t AFTER UPDATE ON gpkg_contents BEGIN SELECT writefile('{p.watched}/owned', 'x'); END", spatial=True
        )
    },
    "a MapInfo table of another file": lambda p: {
        "x.tab": b'!table\n!version 300\n!charset WindowsLatin1\nDefinition Table\n  Type LINKED\n  File "%s"\n' % str(p.secret).encode()
    },
    "a seamless MapInfo table": lambda p: {
        "x.tab": b'!table\n!version 300\n!charset WindowsLatin1\n\nDefinition Table\n  Type NATIVE Charset "WindowsLatin1"\n  Fields 1\n'
        b'    Table Char (200) ;\nbegin_metadata\n"\\IsSeamless" = "TRUE"\n"\\x" = "%s"\nend_metadata\n' % str(p.secret).encode()
    },
    "DXF with a reference": lambda p: {
        "x.dxf": b"0\nSECTION\n2\nBLOCKS\n0\nBLOCK\n8\n0\n2\nX\n70\n4\n10\n0\n20\n0\n1\n%s\n0\nENDBLK\n0\nENDSEC\n0\nEOF\n"
        % str(p.secret).encode()
    },
    "a table with a VRT beside it": lambda p: {"x.dbf": shapefile()["x.dbf"], "x.vrt": vrt(f"{p.secret}"), "x.shp": vrt(f"{p.secret}")},
    "a planetary label": lambda p: {
        "x.xml": b'<Product_Observational xmlns="http://pds.nasa.gov/pds4/pds/v1"><File_Area_Observational><File><file_name>%s</file_name>'
        b"</File><Table_Character/></File_Area_Observational></Product_Observational>" % str(p.secret).encode()
    },
    "a workbook with an outside link": lambda p: {
        "x.xlsx": zipped(
            **{
                "[Content_Types].xml": b"<Types/>",
                "xl/externalLinks/_rels/externalLink1.xml.rels": b'<Relationships><Relationship Target="%s"/></Relationships>'
                % p.url.encode(),
            }
        )
    },
}


def shapefile() -> dict[str, bytes]:
    """A small shapefile without a coordinate system."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        geopandas.GeoDataFrame({"name": ["x"]}, geometry=[shapely.Point(1, 1)]).to_file(f"{folder}/x.shp", engine="pyogrio")
        return {part.name: part.read_bytes() for part in Path(folder).iterdir()}


def deliver(place: Place, thief: Make) -> Path:
    files = thief(place)
    for name, content in files.items():
        (place.delivered / name).write_bytes(content)
    return place.delivered / next((name for name in files if name == "x.shp"), next(iter(files)))


def bring(path: Path, **given: object) -> str:
    """All that comes out of a file: values, system, or the sentence."""
    try:
        sheets = list(read_file(path, path.name, Source.model_validate({"file": [], **given})))
    except FileProblem as problem:
        return problem.told.tell("en") + repr(problem.told.facts)
    return "".join(f"{sheet.columns}{sheet.crs}{sheet.geometry}" for sheet in sheets)


@pytest.mark.parametrize("thief", THIEVES.values(), ids=THIEVES)
def test_nothing_is_read_sent_or_written(place: Place, thief: Make) -> None:
    path = deliver(place, thief)
    before = {found: found.stat().st_mtime_ns for found in place.delivered.parent.parent.rglob("*")}
    found = bring(path) + bring(path, layer="secret") + bring(path, layer="v") + bring(path, format="gdal")
    assert CANARY not in found.replace(str(place.url), "").replace(str(place.secret), "")
    assert place.calls == []
    assert not list(place.watched.iterdir())
    after = {found: found.stat().st_mtime_ns for found in place.delivered.parent.parent.rglob("*")}
    assert after == before


UNCONFINED = """
import sys, pyogrio
pyogrio.set_gdal_config_options({"CPL_VSIL_CURL_ALLOWED_FILENAME": None})
name = sys.argv[1]
try:
    for layer, _ in pyogrio.list_layers(name):
        print(pyogrio.read_dataframe(name, layer=layer, use_arrow=False).to_csv())
except Exception as error:
    print(type(error))
"""
ABLE = {
    "reads": ("a VRT named as a shapefile", "a VRT with SQL", "SQLite with a virtual table of another file", "an algorithm that reads"),
    "writes": ("an algorithm that writes",),
    "sends": ("a VRT that fetches", "a VRT that asks a web service", "an algorithm that fetches", "a web service's description"),
}


@pytest.mark.parametrize("name", ABLE["reads"])
def test_without_confinement_the_thief_would_read(place: Place, name: str) -> None:
    assert CANARY in _read_unconfined(deliver(place, THIEVES[name]))


@pytest.mark.parametrize("name", ABLE["sends"])
def test_without_confinement_the_thief_would_send(place: Place, name: str) -> None:
    _read_unconfined(deliver(place, THIEVES[name]))
    assert CANARY.encode() in b"".join(place.calls)


@pytest.mark.parametrize("name", ABLE["writes"])
def test_without_confinement_the_thief_would_write(place: Place, name: str) -> None:
    _read_unconfined(deliver(place, THIEVES[name]))
    assert CANARY.encode() in b"".join(found.read_bytes() for found in place.watched.rglob("*") if found.is_file())


def _read_unconfined(path: Path) -> str:
    told = subprocess.run([sys.executable, "-c", UNCONFINED, str(path)], capture_output=True, text=True, check=False, timeout=60)
    return told.stdout


# -- links and special files -----------------------------------------------------------------------------------------------


def test_a_link_out_of_the_folder_is_not_followed(place: Place) -> None:
    (place.delivered / "x.csv").symlink_to(place.secret)
    assert "x.csv is a link that leads out of the folder" in bring(place.delivered / "x.csv")
    (place.delivered / "there").symlink_to(place.secret.parent)
    path = place.delivered / "there" / "secret.csv"
    with pytest.raises(FileProblem) as told:
        list(read_file(path, "there/secret.csv", Source(file=[]), place.delivered))
    assert told.value.told.reason == "link_outside"


def test_a_folder_that_becomes_a_link_is_not_followed(place: Place) -> None:
    """Whoever delivers files may be able to exchange their folder while they are read."""
    folder = place.delivered.resolve()
    folder.rmdir()
    folder.symlink_to(place.secret.parent)
    with pytest.raises(FileProblem) as told:
        list(read_file(folder / "secret.csv", "secret.csv", Source(file=[]), folder))
    assert told.value.told.reason == "link_outside"


def test_a_part_that_is_a_link_out_of_the_folder_is_not_followed(place: Place) -> None:
    files = shapefile()
    for name, content in files.items():
        (place.delivered / name).write_bytes(content)
    table = place.secret.parent / "table.dbf"
    table.write_bytes(files["x.dbf"])
    (place.delivered / "x.dbf").unlink()
    (place.delivered / "x.dbf").symlink_to(table)
    assert "a link that leads out of the folder" in bring(place.delivered / "x.shp")


def test_a_link_inside_the_folder_is_followed(place: Place) -> None:
    (place.delivered / "real.csv").write_text("id\n7\n")
    (place.delivered / "x.csv").symlink_to("real.csv")
    assert "7" in bring(place.delivered / "x.csv")


def test_a_pipe_or_a_device_is_no_file(place: Place) -> None:
    os.mkfifo(place.delivered / "x.csv")
    assert "it is no regular file" in bring(place.delivered / "x.csv")
    (place.delivered / "y.csv").symlink_to("/dev/zero")
    assert "it is no regular file" in bring(place.delivered / "y.csv")
