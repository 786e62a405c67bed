"""What a report wears on paper beside its content: a cover with the city's emblem, or the red head of an official document."""

from dataclasses import dataclass
from datetime import date

from data.core.errors import GridwellError
from data.core.i18n import t
from data.core.viewer import Lang
from reports.content import Report
from reports.drawing.text_width import measure
from reports.emblem import find_emblem
from reports.kinds import find_kind
from reports.periods import write_moment


@dataclass(frozen=True, slots=True)
class Dress:
    """What is added.

    Attributes:
        cover: whether there is a page of its own in front.
        emblem: on it, as SVG; empty: none.
        head: name in red above an official document; empty: it has no head.
        number: such as 第 47 期; ``day`` when it was issued.
    """

    cover: bool = False
    emblem: str = ""
    head: str = ""
    number: str = ""
    day: str = ""


HEAD_SIZES: dict[Lang, float] = {"zh": 46, "en": 30}
"""Points of the letters of a red head."""
HEAD_SPREAD: dict[Lang, float] = {"zh": 0.12, "en": 0}
"""How far they stand apart, as a share of their size."""
_LEAST_HEAD = 22


def find_head_size(head: str, lang: Lang, width: float) -> float:
    """The size in which a red head stands on one line of a width, in points; a very long one goes on in another."""
    each = measure(head, 1, bold=True) + HEAD_SPREAD[lang] * len(head)
    return min(HEAD_SIZES[lang], max(int(width / max(each, 1)), _LEAST_HEAD))


def find_dress(report: Report) -> Dress:
    """The dress that the report's kind asks for; a kind that is gone asks for none.

    Raises:
        BadEmblem: the city's emblem cannot be used.
    """
    try:
        kind = find_kind(report.kind)
    except GridwellError:
        return Dress()
    if report.format == "official":
        head = (kind.head_en if report.lang == "en" else kind.head) or kind.head
        return Dress(head=head, number=_number(report), day=_day(report)) if head else Dress()
    return Dress(cover=True, emblem=find_emblem()) if kind.cover else Dress()


def _number(report: Report) -> str:
    """Its number in the year, from its period; spans of days and years have none."""
    first = date.fromisoformat(report.first)
    found = {
        "day": first.timetuple().tm_yday,
        "week": first.isocalendar().week,
        "month": first.month,
        "quarter": (first.month + 2) // 3,
    }.get(report.step)
    return t(report.lang, "No. {number}", number=found) if found else ""


def _day(report: Report) -> str:
    """The day on which it was made."""
    moment = write_moment(report.made_at or report.as_of, report.lang)
    return moment.rpartition(", " if report.lang == "en" else " ")[0]
