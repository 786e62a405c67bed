"""Facilities: small round icons by kind."""

from typing import Any

from data.core.i18n import t
from data.core.viewer import Lang
from layers.spec import addresses
from layers.spec.deck import ink, layer
from layers.style.legend import Legend
from layers.style.wording import Row, name
from layers.view import View


def icons(view: View, report: Row) -> list[dict[str, Any]]:
    """The layer of icons; nothing when it is switched off."""
    if "facilities" not in view.layers:
        return []
    return [
        layer(
            "FacilityPins",
            "fg-facilities",
            addresses.facilities(report),
            size=22,
            get_color=ink("muted"),
            opacity=view.opacity.get("facilities", 100) / 100,
            pickable=True,
        )
    ]


def legend(view: View, report: Row, lang: Lang) -> Legend:
    """How many of how many kinds; the symbols where the report names them."""
    facilities = report.get("facilities") or {"total": 0, "by_kind": {}}
    kinds: dict[str, Row] = report.get("kinds") or {}
    present = [code for code, n in facilities["by_kind"].items() if n]
    return Legend(
        layer="facilities",
        title=t(lang, "Facilities"),
        count=t(lang, "{n} facilities of {kinds} kinds", n=f"{facilities['total']:,}", kinds=len(present)),
        on="facilities" in view.layers,
        opacity=view.opacity.get("facilities", 100),
        symbols=[(kinds[code].get("symbol") or "dot", name({"code": code, **kinds[code]}, lang)) for code in present if code in kinds],
    )
