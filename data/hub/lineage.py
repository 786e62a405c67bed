"""Where a feed's rows come from and what waits for them: read from the pack's declaration. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.hub.types import Lineage, LineageDown
from data.hub.words import named

SORTS = (("indicators", "indicator"), ("scores", "score"), ("lists", "list"), ("layers", "layer"))


def tell_lineage(lang: str, feed: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]]) -> Lineage:
    """The files whose rows are in the tables, the table, and what reads its kind."""
    from_files = [one for one in deliveries if one["state"] == "landed" and one["loaded"]]
    return {
        "up": [
            {"delivery": one["id"], "name": one["name"], "rows": one["loaded"], "received_at": one["received_at"].isoformat()}
            for one in from_files[:12]
        ],
        "table": f"packs.{feed['pack']}_{feed['kind']}",
        "down": list(_below(lang, feed["declared"] or {}, feed["kind"])),
    }


def _below(lang: str, declared: Mapping[str, Any], kind: str) -> Iterator[LineageDown]:
    found: dict[str, set[str]] = {}
    for part, sort in SORTS:
        for code, one in (declared.get(part) or {}).items():
            if kind in (one.get("kind"), one.get("of")) or (part == "layers" and one.get("colour") in _codes(found)):
                found.setdefault(part, set()).add(code)
                yield _told(lang, sort, code, one)
    for code, one in (declared.get("warnings") or {}).items():
        if one.get("score") in found.get("scores", ()):
            yield _told(lang, "warning", code, one)
    for code, one in (declared.get("sections") or {}).items():
        wanted = {*(one.get("indicators") or ()), *(one.get("lists") or ())}
        if wanted & (found.get("indicators", set()) | found.get("lists", set())):
            yield _told(lang, "section", code, one)
    if kind in (declared.get("public") or {}):
        yield {"sort": "public", "code": kind, "name": named(lang, ((declared.get("kinds") or {}).get(kind) or {}).get("name"))}


def _codes(found: Mapping[str, set[str]]) -> set[str]:
    return found.get("indicators", set()) | found.get("scores", set())


def _told(lang: str, sort: Any, code: str, one: Mapping[str, Any]) -> LineageDown:
    return {"sort": sort, "code": code, "name": named(lang, one.get("name")) or code}
