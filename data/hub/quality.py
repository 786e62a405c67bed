"""A feed's quality after the six properties of GB/T 36344, each as a fraction of what was counted. Pure."""

from collections.abc import Mapping
from typing import Any

from data.core.i18n import t
from data.hub.matrix import make_share
from data.hub.types import Quality

DAYS = 90
"""Days that are looked at, up to the day that is asked for."""


def tell_quality(lang: str, rows: Mapping[str, Any], days: Mapping[str, Any]) -> list[Quality]:
    """The six properties, in the order of the standard.

    Args:
        lang: of the sentences.
        rows: sums over deliveries: rows, loaded, quarantined, and of their reports filled, fields, consistent and compared.
        days: counts of days: days, open, due and timely.
    """
    fields = rows["fields"]
    return [
        {
            "property": "normative",
            "name": t(lang, "Normative"),
            "share": make_share(rows["loaded"], rows["rows"]),
            "sentence": t(lang, "Rows with the agreed form, of all rows that were read."),
        },
        {
            "property": "complete",
            "name": t(lang, "Complete"),
            "share": make_share(rows["filled"] if fields else None, fields),
            "sentence": t(lang, "Declared fields that are filled, of those in all rows that were loaded."),
        },
        {
            "property": "accurate",
            "name": t(lang, "Accurate"),
            "share": make_share(rows["loaded"] - rows["quarantined"], rows["loaded"]),
            "sentence": t(lang, "Rows that break no rule, of all rows that were loaded."),
        },
        {
            "property": "consistent",
            "name": t(lang, "Consistent"),
            "share": make_share(rows["consistent"] if rows["compared"] else None, rows["compared"]),
            "sentence": t(lang, "Links that lead to a record, of all that were looked up in other kinds and registers."),
        },
        {
            "property": "timely",
            "name": t(lang, "Timely"),
            "share": make_share(days["timely"], days["due"]),
            "sentence": t(lang, "Due days at whose end nothing was late or missing, of all due days."),
        },
        {
            "property": "accessible",
            "name": t(lang, "Accessible"),
            "share": make_share(days["open"], days["days"]),
            "sentence": t(lang, "Days on which its newest delivery could be read, of all days since something was due."),
        },
    ]
