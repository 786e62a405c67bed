"""Feeds: what they deliver, how it comes, and that nothing is asked of a place that may not be asked."""

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from data.core.addresses import is_inner_host
from data.packs.declaration.locator import Path
from data.packs.declaration.looking import Look
from data.packs.declaration.model import Feed

_NEEDS = {"push": (), "upload": (), "folder": ("files",), "https": ("url",), "sql": ("server", "query")}
_SAID_ELSEWHERE = ("subject", "key", "name", "department", "file", "files")
_PASSWORD = re.compile(r"//[^/]*@")
INNER_HOSTS = "GRIDWELL_FEED_INNER_HOSTS"


def check_feeds(look: Look) -> None:
    """Every feed."""
    for feed in look.pack.feeds.values():
        path: Path = ("feeds", feed.code)
        look.check_code(path, feed.code)
        look.check_department((*path, "department"), feed.department)
        if feed.valid_to is not None and feed.valid_to < feed.valid_from:
            look.add((*path, "valid_to"), "feed_dates", start=feed.valid_from.isoformat(), end=feed.valid_to.isoformat())
        _check_columns(look, feed, path)
        _check_transport(look, feed, (*path, "transport"))
        written = look.written.raw.get("feeds", {}).get(feed.code, {}).get("source", {})
        for key in written if isinstance(written, dict) else ():
            if key in _SAID_ELSEWHERE:
                look.add((*path, "source", key), "source_key", key=key)


def _check_columns(look: Look, feed: Feed, path: Path) -> None:
    kind = look.find_kind((*path, "kind"), feed.kind)
    if kind is None:
        return
    for name in feed.columns:
        look.find_field((*path, "columns", name), kind, name)
    for field in kind.fields.values():
        if field.required and field.code not in feed.columns:
            look.add((*path, "columns"), "feed_needs_field", field=field.code, kind=kind.code)


def _check_transport(look: Look, feed: Feed, path: Path) -> None:
    way = feed.transport
    given = {"files": way.files or None, "url": way.url, "server": way.server, "query": way.query}
    for key, value in given.items():
        if value is None and key in _NEEDS[way.by]:
            look.add(path, "transport_needs", by=way.by, key=key)
        elif value is not None and key not in _NEEDS[way.by]:
            look.add((*path, key), "transport_extra", by=way.by, key=key)
    for pattern in way.files:
        if "/" in pattern or "\\" in pattern or PurePosixPath(pattern).name != pattern or pattern in ("", ".", ".."):
            look.add((*path, "files"), "files_outside", files=pattern)
    if way.url is not None:
        _check_url(look, way.url, (*path, "url"))
    if way.query is not None and not _is_one_query(way.query):
        look.add((*path, "query"), "query_form")


def _check_url(look: Look, url: str, path: Path) -> None:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    plain = url.isprintable() and not any(character.isspace() for character in url)
    if not host or not plain or parts.scheme != "https" or parts.username is not None or parts.password is not None:
        look.add(path, "url_form", url=_PASSWORD.sub("//…@", url))
    elif is_inner_host(host) and not look.inner_hosts:
        look.add(path, "url_inside", host=host, setting=INNER_HOSTS)


def _is_one_query(query: str) -> bool:
    """Whether a text looks like one statement that reads. What it may do is decided by the rights of the account that asks it."""
    text = query.strip().removesuffix(";")
    return text[:6].upper() in ("SELECT", "WITH\t", "WITH\n") or text[:5].upper() == "WITH " if ";" not in text else False
