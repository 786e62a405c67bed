"""A point on an area or a category that changed beyond its usual variation."""

from dataclasses import replace

from layers.style.numbers import whole
from reports.content import Piece, Sentence
from reports.summary.citing import Citing
from reports.summary.findings import Finding, list_contributions
from reports.summary.inputs import Part, Shares
from reports.summary.pieces import fill, join
from reports.summary.sentences import INSIDE_SENTENCES, PART_SENTENCES, PART_SHARE_SENTENCES, REASON_SENTENCES
from reports.summary.whole import LEAST_CONTRIBUTION, count_places, direction, outcome


def write_part(citing: Citing, finding: Finding, inside: tuple[Part, ...] = ()) -> Sentence:
    """What changed in one area or category, and what in it makes most of that.

    Args:
        citing: makes numbers with figures.
        finding: a real one.
        inside: of an area its categories, of a category the areas.
    """
    part = finding.part
    assert part is not None  # noqa: S101 - for the type checker: only the whole area's own have none
    if finding.kind == "area_share":
        assert part.on_time is not None  # noqa: S101 - for the type checker: it was judged
        return _write_share(citing, finding, part, part.on_time)
    lang, counts, judged = citing.lang, part.reported, finding.judged
    if not any(counts.history):
        key = "new_category" if finding.kind == "category" else "new_area"
        named = fill(lang, PART_SENTENCES[key], True, name=part.name, n=citing.reported(part), spans=citing.spans(len(counts.history)))
        return join(lang, named, *_inside(citing, finding, inside))
    key = outcome(finding, direction(counts.now - counts.history[-1]))
    found = [fill(lang, PART_SENTENCES[key], True, name=part.name, **count_places(citing, key, part))]
    if judged.method != "before":
        found.append(fill(lang, REASON_SENTENCES["range"], **citing.usual(judged, "reported", part)))
    return join(lang, *found, *_inside(citing, finding, inside))


def _inside(citing: Citing, finding: Finding, inside: tuple[Part, ...]) -> list[list[Piece]]:
    """What makes most of the change: the category or the area that lies farthest from its own average, by arithmetic."""
    size, part = finding.size, finding.part
    found = [(one, n) for one, n in list_contributions(inside, citing.inputs) if n * size > 0]
    if not found or len(inside) < 2 or part is None or abs(found[0][1]) < LEAST_CONTRIBUTION * abs(size):
        return []
    one, n = found[0]
    named = Part(f"{part.code}/{one.code}", citing.join_names(part.name, one.name), one.reported)
    named = replace(named, area=part.area or one.area, category=part.category or one.category)
    key = "more" if size > 0 else "fewer"
    return [fill(citing.lang, INSIDE_SENTENCES[key], name=one.name, n=citing.difference(n, named))]


def _write_share(citing: Citing, finding: Finding, part: Part, shares: Shares) -> Sentence:
    lang, judged, now = citing.lang, finding.judged, shares.now
    before = next((one for one in reversed(shares.history) if one[1]), (0, 0))
    key = outcome(finding, direction(now[0] * before[1] - before[0] * now[1]))
    places: dict[str, str | Piece] = {"n": citing.share(now, part)}
    if "_" in key:
        places |= {"before": citing.before(), **({} if key.startswith("daily") else {"difference": citing.points(now, before, part)})}
    found = [fill(lang, PART_SHARE_SENTENCES[key], True, name=part.name, **places)]
    if judged.method != "before":
        found.append(fill(lang, REASON_SENTENCES["share_range"], **citing.usual(judged, "share", part)))
    due, late = now[1], now[1] - now[0]
    usual = round((1 - (judged.expected or 0)) * due)
    found.append(
        fill(
            lang,
            REASON_SENTENCES["late"],
            due=Piece(whole(due), figure=places["n"].figure if isinstance(places["n"], Piece) else None),
            n=citing.count("late", late, part),
            usual=whole(usual),
        )
    )
    return join(lang, *found)
