"""Reads a notice of the Common Alerting Protocol (OASIS CAP 1.2; 1.1 has the same parts).

Of an ``alert`` each ``info`` tells one hazard in one language; those that differ in language alone are one part. Chinese feeds write the
colour (蓝黄橙红) as severity, as a parameter or into the words; a colour that is named counts before the severity.
"""

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import get_args

from data.core.text import as_one_line, storable
from data.hazards.model import COLOURS, NOT_SAID, REASONS, SEVERITIES, BadNotice, Kind, Notice, Part, Words
from data.hazards.tangles import draw_circle, is_tangled
from data.hazards.xml_tree import Node, read_tree

NAMESPACES = tuple(f"urn:oasis:names:tc:emergency:cap:{version}" for version in ("1.2", "1.1"))
ASSUMED = timedelta(hours=24)
"""A notice that does not say until when it holds is shown for so long after it was sent."""
LONGEST = timedelta(days=60)
MOST_PARTS, MOST_REFERENCES, MOST_KM = 50, 500, 3_000.0
MOST_POINTS, MOST_POLYGONS, MOST_CIRCLES, MOST_PLACES = 10_000, 500, 100, 4_000
"""Of a whole notice; places are codes and names. Its areas are looked for while changes of all cities wait."""
AHEAD = timedelta(days=1)
"""So far may the clock of whoever sends a notice be ahead. One from the future would end notices that nobody has written yet, for years."""
MOST_WORDS = 200
"""Characters of what is kept of a text."""
_LATER: tuple[str, ...] = ("update", "cancel")
_NO_PLACE = re.compile(r"[\s,<&]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_CODE = re.compile(r"[0-9]{2,15}")
_LONG_NUMBER = re.compile(r"[0-9][0-9 -]{5,}[0-9]")
"""A number of a telephone or person: none is kept, whoever wrote it into a notice."""
_BETWEEN = re.compile(r"[、，,;；/\s]+")
_COLOUR_NAMES = {"红色": "red", "橙色": "orange", "黄色": "yellow", "蓝色": "blue"}
_IS_COLOUR = re.compile(r"\b(red|orange|yellow|blue)\b", re.IGNORECASE)
_OF_COLOUR = re.compile("colou?r|level|颜色|级别|等级", re.IGNORECASE)
_NUMBER = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,15})?"
_POINT = re.compile(rf"({_NUMBER}),({_NUMBER})")
_CIRCLE = re.compile(rf"({_NUMBER}),({_NUMBER})\s+([0-9]{{1,5}}(?:\.[0-9]{{1,10}})?)")


def read_cap(raw: bytes) -> Notice:
    """The notice in the bytes of a CAP file.

    Raises:
        BadNotice: it is none that may be shown; the sentence says why, and names the part.
    """
    alert = read_tree(raw)
    if alert.name != "alert" or alert.space not in NAMESPACES:
        raise BadNotice(where=f"<{alert.name[:40]}>", reason=REASONS["no_cap"])
    identifier, sender, sent = _name(alert, "identifier"), _name(alert, "sender"), _moment(alert, "sent", "alert")
    if sent is None:
        raise BadNotice(where="sent", reason=REASONS["needed"])
    if sent > datetime.now(UTC) + AHEAD:
        raise BadNotice(where="sent", reason=REASONS["future"])
    _check_may_be_shown(alert)
    kind = _kind(alert)
    references = tuple(_references(alert, sender)) if kind in _LATER else ()
    if kind in _LATER and not references:
        raise BadNotice(where="references", reason=REASONS["references"])
    parts = () if kind == "cancel" else _parts(alert, sent)
    if kind == "alert" and not alert.all("info"):
        raise BadNotice(where="info", reason=REASONS["no_info"])
    return Notice(identifier, sender, sent, kind, references, parts)


def _check_may_be_shown(alert: Node) -> None:
    status, scope = alert.get("status"), alert.get("scope")
    if status.lower() != "actual":
        reason = REASONS["not_actual"] if status else REASONS["needed"]
        raise BadNotice(where=f"status {status[:20]}".strip(), reason=reason)
    if scope.lower() not in ("", "public"):
        raise BadNotice(where=f"scope {scope[:20]}", reason=REASONS["not_public"])


def _kind(alert: Node) -> Kind:
    given = alert.get("msgType")
    for kind in get_args(Kind):
        if given.lower() == kind:
            return kind  # type: ignore[no-any-return]
    raise BadNotice(where=f"msgType {given[:20]}".strip(), reason=REASONS["kind"])


def _name(alert: Node, name: str) -> str:
    value = alert.get(name)
    if not value or len(value) > 200 or _NO_PLACE.search(value) or not storable(value):
        raise BadNotice(where=name, reason=REASONS["name"] if not value else REASONS["form"])
    return value


def _references(alert: Node, sender: str) -> Iterator[str]:
    """The notices that a later one is about: they are its own sender's, as nobody else may say that a danger is over."""
    named = alert.get("references").split()
    if len(named) > MOST_REFERENCES:
        raise BadNotice(where="references", reason=REASONS["parts"])
    for one in named:
        parts = one.split(",")
        if len(parts) != 3 or not all(parts[:2]) or not storable(one):
            raise BadNotice(where="references", reason=REASONS["reference"])
        if parts[0] != sender:
            raise BadNotice(where="references", reason=REASONS["foreign"])
        yield f"{parts[0]},{parts[1]}"


def _moment(node: Node, name: str, where: str) -> datetime | None:
    given = node.get(name)
    if not given:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 2000 <= moment.year <= 2200:
        raise BadNotice(where=f"{where}, {name}", reason=REASONS["time"])
    return moment


# ---- Hazards ----


def _parts(alert: Node, sent: datetime) -> tuple[Part, ...]:
    infos = alert.all("info")
    if len(infos) > MOST_PARTS:
        raise BadNotice(where="info", reason=REASONS["parts"])
    found: dict[tuple[object, ...], Part] = {}
    for number, info in enumerate(infos, 1):
        if any(one.text.strip().lower() == "allclear" for one in info.all("responseType")) or info.get("urgency").lower() == "past":
            continue  # it says that something is over
        part, (lang, words) = _part(info, sent, f"info {number}"), _words(info, f"info {number}")
        key: tuple[object, ...] = (part.level, part.starts, part.ends, part.polygons, part.circles, part.codes)
        while key in found and lang in found[key].words:
            key = (*key, "")
        found.setdefault(key, part).words[lang] = words
        _check_size(found.values())
    for part in found.values():
        rings = [_ring(one) for one in part.polygons] + [draw_circle(*one) for one in part.circles]
        if is_tangled(rings):
            raise BadNotice(where="info, polygon", reason=REASONS["tangled"])
    return tuple(found.values())


def _check_size(parts: Collection[Part]) -> None:
    polygons, circles = sum(len(part.polygons) for part in parts), sum(len(part.circles) for part in parts)
    places = sum(len(part.codes) + len(part.names) for part in parts)
    points = sum(polygon.count(",") + 1 for part in parts for polygon in part.polygons)
    if points > MOST_POINTS or polygons > MOST_POLYGONS or circles > MOST_CIRCLES or places > MOST_PLACES:
        raise BadNotice(where="info, area", reason=REASONS["areas"])


def _part(info: Node, sent: datetime, where: str) -> Part:
    starts = _moment(info, "onset", where) or _moment(info, "effective", where) or sent
    said = _moment(info, "expires", where)
    ends = said or max(starts, sent) + ASSUMED
    if ends <= starts or ends - sent > LONGEST:
        raise BadNotice(where=f"{where}, expires", reason=REASONS["span"])
    colour, severity = _colour(info), info.get("severity").lower()
    level = NOT_SAID
    if colour:
        level = COLOURS.index(colour) + 1
    elif severity in SEVERITIES:
        level = SEVERITIES.index(severity) + 1
    polygons, circles, codes, names = list[str](), list[tuple[float, float, float]](), list[str](), list[str]()
    for area in info.all("area"):
        polygons += [_polygon(one.text, where) for one in area.all("polygon") if one.text.strip()]
        circles += [_circle(one.text, where) for one in area.all("circle") if one.text.strip()]
        codes += [value for one in area.all("geocode") if _CODE.fullmatch(value := one.get("value"))]
        names += [name for name in _BETWEEN.split(area.get("areaDesc")) if 2 <= len(name) <= 60 and storable(name)]
    if not (polygons or circles or codes or names):
        raise BadNotice(where=f"{where}, area", reason=REASONS["nowhere"])
    at = (starts, ends, said is not None)
    each_once = (tuple(dict.fromkeys(one)) for one in (polygons, circles, codes, names))
    return Part(level, colour, severity if severity in SEVERITIES else None, *at, {}, *each_once)  # type: ignore[arg-type]


def _colour(info: Node) -> str | None:
    """The colour that a notice names: as severity, as a parameter or code, or in its words."""
    if (told := info.get("severity").lower()) in COLOURS:
        return told
    for one in (*info.all("parameter"), *info.all("eventCode")):
        value = one.get("value")
        if _OF_COLOUR.search(one.get("valueName")) and (found := _find_colour(value) or _IS_COLOUR.search(value)):
            return found if isinstance(found, str) else found[1].lower()
    return _find_colour(f"{info.get('event')} {info.get('headline')}")


def _find_colour(words: str) -> str | None:
    return next((colour for word, colour in _COLOUR_NAMES.items() if word in words), None)


def _words(info: Node, where: str) -> tuple[str, Words]:
    event = _text(info.get("event"))
    if not event:
        raise BadNotice(where=f"{where}, event", reason=REASONS["needed"])
    places = [_text(area.get("areaDesc")) for area in info.all("area")]
    given = info.get("language").lower()
    is_chinese = given.startswith("zh") or (not given.startswith("en") and _CHINESE.search(event) is not None)
    place = ("、" if is_chinese else ", ").join(dict.fromkeys(one for one in places if one))
    return "zh" if is_chinese else "en", Words(event, place[:MOST_WORDS], _text(info.get("senderName")))


def _text(given: str) -> str:
    return _LONG_NUMBER.sub("…", as_one_line("".join(one for one in given if storable(one))))[:MOST_WORDS]


# ---- Areas ----


def _polygon(given: str, where: str) -> str:
    points = [_POINT.fullmatch(one) for one in given.split()]
    if len(points) > MOST_POINTS:
        raise BadNotice(where=f"{where}, polygon", reason=REASONS["areas"])
    if len(points) < 4 or not all(points) or given.split()[0] != given.split()[-1]:
        raise BadNotice(where=f"{where}, polygon", reason=REASONS["polygon"])
    return f"POLYGON(({','.join('{1} {0}'.format(*_degrees(one[1], one[2], where)) for one in points if one)}))"


def _ring(polygon: str) -> list[tuple[float, float]]:
    """The points of a polygon that ``_polygon`` wrote."""
    points = (point.split() for point in polygon.removeprefix("POLYGON((").removesuffix("))").split(","))
    return [(float(lon), float(lat)) for lon, lat in points]


def _circle(given: str, where: str) -> tuple[float, float, float]:
    found = _CIRCLE.fullmatch(given.strip())
    if found is None or float(found[3]) > MOST_KM:
        raise BadNotice(where=f"{where}, circle", reason=REASONS["circle"])
    lat, lon = _degrees(found[1], found[2], where)
    return lon, lat, float(found[3]) * 1000


def _degrees(lat: str, lon: str, where: str) -> tuple[float, float]:
    at = float(lat), float(lon)
    if abs(at[0]) > 90 or abs(at[1]) > 180:
        raise BadNotice(where=f"{where}, area", reason=REASONS["degrees"])
    return at
