"""Hostile inputs, as lists; the tests send them to each place."""

import gzip
import io
import zipfile
from collections.abc import Callable

SQL = [
    "' OR '1'='1",
    "'; UPDATE area SET name = 'owned'; --",
    "x'); DELETE FROM incident; --",
    "1 UNION SELECT name, password_hash FROM account --",
    "990102' AND pg_sleep(9) --",
    "%' OR path <@ '' --",
    "$$; DROP TABLE incident; $$",
    "\\'; COPY area TO PROGRAM 'id'; --",
    "*.*{,}",
    "'; SET ROLE gridwell; --",
]
"""Texts that would be statements if they ever became a part of one."""

SCRIPTS = [
    "<script>window.owned=1</script>",
    "<img src=x onerror=window.owned=1>",
    '"><svg onload=window.owned=1>',
    "'-window.owned++-'",
    "</title><script>window.owned=1</script>",
    "javascript:window.owned=1",
    "{{constructor.constructor('window.owned=1')()}}",
    "<a href='javascript:window.owned=1'>x</a>",
    "<iframe srcdoc='<script>parent.owned=1</script>'>",
    "${window.owned=1}",
]
"""Texts that would be scripts if they ever became HTML."""

TEXTS = {
    "null byte": "a\x00b",
    "half a character": "a\ud800b",
    "right to left": "\u202e330106\u202c",
    "isolates": "\u2066x\u2069\u2067y",
    "zero width": "\u200b\u200d\ufeff",
    "combining marks": "a" + "\u0301" * 5_000,
    "very long": "长" * 6_000,
    "line breaks": "a\r\nSet-Cookie: owned=1",
    "wide digits": "１２３",
    "emoji": "👨‍👩‍👧‍👦" * 50,
}

NUMBERS = ["NaN", "Infinity", "-Infinity", "1e400", "-1", "9" * 400, "0x10", "1_000", "²", "--1", "1;1", "null", "1e-400"]
"""Where a number belongs."""

COORDINATES = ["nan,nan", "inf,0", "1e308,1e308", "999,999", "-181,91", "9" * 400 + ",1", "0,0", "120.1;30.1", ","]

PATHS = [
    "/assets/../app.py",
    "/assets/..%2fapp.py",
    "/assets/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%5c..%5capp.py",
    "/assets//etc/passwd",
    "/assets/%00",
    "/assets/page/..%252f..%252fapp.py",
    "/scripts/0/..%252f..%252fapp.py",
    "/scripts/0/../../app.py",
    "/assets/" + "../" * 40 + "etc/passwd",
    "/_dash-component-suites/dash/..%2f..%2f..%2fetc/passwd",
    "/_dash-component-suites/os/__init__.py",
    "/_dash-component-suites/data/settings.py",
    "/vendor/deck-..%2f..%2fapp.js",
    "/vendor/mvt-worker-%2e%2e.js",
    "/.git/config",
    "/.env",
    "/.gridwell/keys",
    "/requirements.txt",
]
"""Addresses that would be files of ours if a path were ever joined carelessly."""

REDIRECTS = [
    "//elsewhere.example",
    "/\\elsewhere.example",
    "\\\\elsewhere.example",
    "https://elsewhere.example/",
    "https:elsewhere.example",
    "javascript:window.owned=1",
    "/%2f%2felsewhere.example",
    "\t//elsewhere.example",
    "/\r\nLocation: https://elsewhere.example",
    "https://127.0.0.1@elsewhere.example",
    "///elsewhere.example",
    "http://[::1",
]
"""Where to go after signing in, as somebody else would like it."""

FORGED = [
    "",
    "x",
    "0" * 43,
    "gwp_" + "A" * 43,
    "gwd_" + "A" * 43,
    "' OR 1=1 --",
    "null",
    "A" * 10_000,
    '"quoted"',
    "é",
    "=;=;",
    "../session",
]
"""Values of cookies and tokens that nobody was given."""

WIRE = {
    "two lengths": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\nhello",
    "length and chunks": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x\r\n\r\n",
    "chunks, hidden": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello",
    "chunks, twice": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello",
    "a folded header": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n Transfer-Encoding: chunked\r\n\r\n",
    "a line feed alone": b"GET / HTTP/1.1\nHost: x\nX: y\n\nGET /x HTTP/1.1\n\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
    "the same host twice": b"GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\nX: y\r\n\r\n",
    "an empty host": b"GET / HTTP/1.1\r\nHost:\r\n\r\n",
    "a host with an account": b"GET / HTTP/1.1\r\nHost: admin@x\r\n\r\n",
    "a host with a space": b"GET / HTTP/1.1\r\nHost: x y\r\n\r\n",
    "hosts with a comma": b"GET / HTTP/1.1\r\nHost: x, y\r\n\r\n",
    "a host with a path": b"GET / HTTP/1.1\r\nHost: x/y\r\n\r\n",
    "a host with a wrong port": b"GET / HTTP/1.1\r\nHost: x:80:90\r\n\r\n",
    "a host with other bytes": b"GET / HTTP/1.1\r\nHost: x\xc3\xa9\r\n\r\n",
    "lengths with a comma": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5, 5\r\n\r\nhello",
    "a length with a sign": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\nhello",
    "the same length twice": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "chunks and a length": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET /x\r\n\r\n",
    "chunks behind a vertical tab": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\nGET /x\r\n\r\n",
    "chunks of chunks": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, chunked, gzip\r\n\r\n0\r\n\r\n",
    "a carriage return alone": b"GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
    "a tab before the colon": b"GET / HTTP/1.1\r\nHost\t: x\r\n\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "an endless length": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "a wrong chunk": b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nhello\r\n0\r\n\r\n",
    "a null in a header": b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x00b\r\n\r\n",
    "no request at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20,
    "an unknown method": b"OWN / HTTP/1.1\r\nHost: x\r\n\r\n",
    "headers without end": b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 400_000,
    "thousands of headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(5_000)) + b"\r\n",
    "an address without end": b"GET /" + b"a" * 400_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
}
"""Bytes that a proxy and a server might read differently, or that take memory without end."""


def zipped(**members: bytes) -> bytes:
    """An archive with members by name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "ha">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10))
    + b"]><kml><Document><Placemark><name>&a9;</name></Placemark></Document></kml>"
)
OUTSIDE_ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><Placemark><name>&x;</name></Placemark></kml>'
)
ONLY_NAMES = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
_SHEET = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
    b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
    b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row></sheetData></worksheet>'
)


def workbook(**replaced: bytes) -> bytes:
    """A workbook in which some members are replaced; two underscores stand for a slash, one for a dot."""
    import openpyxl

    made, out = io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(made)
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, replaced.get(name.replace("/", "__").replace(".", "_"), old.read(name)))
    return out.getvalue()


def zeros() -> bytes:
    """What shrinks to a thousandth."""
    return b"0" * (80 << 20)


FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "gzip bomb, table": ("cases.csv.gz", lambda: gzip.compress(b"id\n" + zeros(), 9), "cases.csv.gz unpacks to more than 64 MB."),
    "gzip bomb, GeoJSON": ("cases.geojson.gz", lambda: gzip.compress(zeros(), 9), "cases.geojson.gz unpacks to more than 64 MB."),
    "zip bomb, table": ("cases.zip", lambda: zipped(**{"cases.csv": b"id\n" + zeros()}), "cases.zip unpacks to more than 64 MB."),
    "zip bomb, shapes": ("cases.zip", lambda: zipped(**{"cases.shp": zeros()}), "cases.zip unpacks to more than 64 MB."),
    "workbook bomb": ("cases.xlsx", lambda: workbook(xl__worksheets__sheet1_xml=zeros()), "cases.xlsx unpacks to more than 64 MB."),
    "ten thousand members": (
        "cases.zip",
        lambda: zipped(**{f"{n}.csv": b"" for n in range(10_001)}),
        "cases.zip holds 10001 files; at most 10000 are read.",
    ),
    "path in an archive": ("cases.zip", lambda: zipped(**{"../../owned.csv": b"id\n1\n"}), "a name that leads out of its folder"),
    "absolute path in an archive": ("cases.zip", lambda: zipped(**{"/etc/owned.csv": b"id\n1\n"}), "a name that leads out of its folder"),
    "drive in an archive": ("cases.zip", lambda: zipped(**{"C:\\owned.csv": b"id\n1\n"}), "a name that leads out of its folder"),
    "billion laughs, KML": ("cases.kml", lambda: LAUGHS, "cases.kml declares entities of its own"),
    "billion laughs, workbook": (
        "cases.xlsx",
        lambda: workbook(xl__worksheets__sheet1_xml=LAUGHS),
        "cases.xlsx declares entities of its own",
    ),
    "billion laughs, in UTF-16": ("cases.kml", lambda: LAUGHS.decode().encode("utf-16"), "cases.kml declares entities of its own"),
    "outside entity": ("cases.kml", lambda: OUTSIDE_ENTITY, "cases.kml declares entities of its own"),
    "a file that names others": ("cases.gpkg", lambda: ONLY_NAMES, "cases.gpkg is in none of the formats that are read"),
    "an endless sheet": ("cases.xlsx", lambda: workbook(xl__worksheets__sheet1_xml=_SHEET), "holds a sheet of more than"),
    "no archive at all": ("cases.zip", lambda: b"PK\x03\x04nonsense", "cases.zip cannot be read"),
    "no workbook at all": ("cases.xlsx", lambda: b"\x00" * 100, "cases.xlsx is called a workbook, but is none"),
    "no gzip at all": ("cases.csv.gz", lambda: b"id\n1\n", "cases.csv.gz cannot be read"),
    "half a gzip": ("cases.csv.gz", lambda: gzip.compress(b"id\n1\n" * 1_000)[:-20], "cases.csv.gz cannot be read"),
    "nested without end": ("cases.geojson", lambda: b"[" * 200_000, "cases.geojson cannot be read"),
}
"""Files that are brought to an import: name, a function that makes the content (which takes seconds), and what is said of them."""
