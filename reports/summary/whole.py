"""The two points on the area as a whole: how many cases were reported, and how many were closed on time."""

from data.core.intervals import wilson_interval
from layers.style.numbers import percent, whole
from reports.content import Piece, Sentence
from reports.summary.citing import Citing, points_between
from reports.summary.findings import FEWEST_DUE, Finding, Findings, list_contributions
from reports.summary.inputs import Counts, Part
from reports.summary.pieces import fill, join
from reports.summary.sentences import FEWER_SENTENCES, MORE_SENTENCES, REASON_SENTENCES, SHARE_SENTENCES, WHOLE_SENTENCES

LEAST_CONTRIBUTION = 0.25
"""A part that makes less of a change than this share of it is not named as where it comes from."""


_SAID = {"up": "more", "down": "less"}


def direction(difference: float) -> str:
    """``up``, ``down`` or ``same``."""
    return "up" if difference > 0 else "down" if difference < 0 else "same"


def outcome(finding: Finding, way: str) -> str:
    """Which sentence tells a finding that has something to be compared with; ``way`` is that from the period before."""
    judged = finding.judged
    if judged.p is None:
        return f"few_{way}"
    if finding.real and judged.method == "before":
        # Spans of different lengths are compared by day: then the numbers alone may say the opposite, or nothing.
        return f"beyond_{way}" if _SAID.get(way) == judged.verdict else f"daily_{judged.verdict}"
    if finding.real:
        return judged.verdict
    if judged.method == "before":
        return f"chance_{way}"
    return f"usual_{way}" if judged.verdict == "usual" else f"few_{way}"


# ---- Cases reported ----


def write_whole(citing: Citing, findings: Findings) -> Sentence:
    """How many cases were reported, whether that is usual, and where a change comes from."""
    counts, finding, lang = citing.inputs.reported, findings.whole, citing.lang
    if not counts.now:
        return join(lang, fill(lang, WHOLE_SENTENCES["none"], True), _why_none(citing, finding))
    if not counts.history:
        why = REASON_SENTENCES["nothing" if citing.inputs.over else "unfinished"]
        return join(lang, fill(lang, WHOLE_SENTENCES["alone"], True, n=citing.reported(None)), fill(lang, why))
    key = outcome(finding, direction(counts.now - counts.history[-1]))
    return join(lang, fill(lang, WHOLE_SENTENCES[key], True, **count_places(citing, key, None)), *_why(citing, findings))


def count_places(citing: Citing, key: str, part: Part | None) -> dict[str, str | Piece]:
    """The places of a sentence on cases reported."""
    places: dict[str, str | Piece] = {"n": citing.reported(part)}
    if "_" in key:
        places |= {"before": citing.before(), **({} if key.startswith("daily") else {"difference": citing.change(part)})}
    return places


def _why_none(citing: Citing, finding: Finding) -> list[Piece]:
    """Without any case: whether that is as usual, or perhaps a source is silent."""
    counts: Counts = citing.inputs.reported
    if counts.history and not any(counts.history):
        return fill(citing.lang, REASON_SENTENCES["still"], spans=citing.spans(len(counts.history)))
    if finding.real and finding.judged.method != "before":
        return fill(citing.lang, REASON_SENTENCES["silent"], **citing.usual(finding.judged, "reported", None, at="high"))
    return []


def _why(citing: Citing, findings: Findings) -> list[list[Piece]]:
    """What is usual, and where a real change comes from."""
    finding, lang = findings.whole, citing.lang
    judged = finding.judged
    if judged.p is None:
        return [fill(lang, REASON_SENTENCES["few"])]
    if judged.method == "before":
        return [fill(lang, REASON_SENTENCES["short"])]
    found = [fill(lang, REASON_SENTENCES["range"], **citing.usual(judged, "reported", None))]
    if finding.real:
        return found + write_contributions(citing, finding)
    if judged.verdict != "usual":
        found.append(fill(lang, REASON_SENTENCES["edge"]))
    return found


def write_contributions(citing: Citing, finding: Finding) -> list[list[Piece]]:
    """Which category and which area makes most of a change: what each lies above its own average, by arithmetic."""
    inputs, lang, size = citing.inputs, citing.lang, finding.size
    words = MORE_SENTENCES if size > 0 else FEWER_SENTENCES
    kinds = {kind: parts for kind, parts in (("category", inputs.categories), ("area", inputs.areas)) if len(parts) > 1}
    largest = {kind: _largest(citing, parts, size) for kind, parts in kinds.items()}
    named = {kind: found for kind, found in largest.items() if found is not None}
    alone = [(part, n) for part, n in named.values() if abs(n) > abs(size)]
    if alone:
        part, n = alone[0]
        return [fill(lang, words["alone"], name=part.name, n=citing.difference(n, part))]
    if not named:
        return [fill(lang, words["spread"])] if kinds else []
    places: dict[str, str | Piece] = {"all": citing.difference(size, None)}
    for place, (part, n) in zip((("name", "n"), ("other", "m")), named.values(), strict=False):
        places |= {place[0]: part.name, place[1]: citing.difference(n, part)}
    return [fill(lang, words["both" if len(named) == 2 else next(iter(named))], **places)]


def _largest(citing: Citing, parts: tuple[Part, ...], size: float) -> tuple[Part, float] | None:
    """The part that makes most of a change; ``None`` where none makes much of it."""
    found = [(part, n) for part, n in list_contributions(parts, citing.inputs) if n * size > 0]
    return found[0] if found and abs(found[0][1]) >= LEAST_CONTRIBUTION * abs(size) else None


# ---- Closed on time ----


def write_share(citing: Citing, findings: Findings) -> Sentence:
    """Which share of the cases due was closed on time, whether that is usual, and which areas have the most and the least."""
    shares, finding, lang = citing.inputs.on_time, findings.share, citing.lang
    part, due = shares.now
    if not due:
        return join(lang, fill(lang, SHARE_SENTENCES["none"], True)) if citing.inputs.reported.now else ()
    if due < FEWEST_DUE:
        figure = citing.share(shares.now, None).figure
        places: dict[str, str | Piece] = {"part": Piece(whole(part), figure=figure), "whole": Piece(whole(due), figure=figure)}
        why = fill(lang, REASON_SENTENCES["share_few"], fewest=str(FEWEST_DUE))
        return join(lang, fill(lang, SHARE_SENTENCES["few"], True, **places), why)
    key = "alone"
    places = {"n": citing.share(shares.now, None)}
    if shares.history and shares.history[-1][1]:
        before = shares.history[-1]
        same = points_between(shares.now, before) == "0.0"
        key = outcome(finding, "same" if same else direction(part / due - before[0] / before[1])).replace("few", "edge")
        if "_" in key:
            difference = {} if key.startswith("daily") else {"difference": citing.points(shares.now, before, None)}
            places |= {"before": citing.before(), **difference}
    elif finding.real:
        key = finding.judged.verdict
    return join(lang, fill(lang, SHARE_SENTENCES[key], True, **places), *_why_share(citing, findings))


def _why_share(citing: Citing, findings: Findings) -> list[list[Piece]]:
    judged, lang = findings.share.judged, citing.lang
    found: list[list[Piece]] = []
    if judged.p is not None and judged.method != "before":
        found.append(fill(lang, REASON_SENTENCES["share_range"], **citing.usual(judged, "share", None)))
        if judged.verdict != "usual" and not findings.share.real:
            found.append(fill(lang, REASON_SENTENCES["edge"]))
    return found + _ends(citing)


def _ends(citing: Citing) -> list[list[Piece]]:
    """The areas with the highest and the lowest share, of those with enough cases due."""
    shares, lang = citing.inputs.on_time, citing.lang
    ranked = [(one, one.on_time.now) for one in citing.inputs.areas if one.on_time is not None and one.on_time.now[1] >= FEWEST_DUE]
    ranked.sort(key=lambda pair: (pair[1][0] / pair[1][1], pair[0].code))
    if len(ranked) < 2:
        return []
    (worst, low), (best, high) = ranked[0], ranked[-1]
    if percent(low[0] / low[1]) == percent(high[0] / high[1]):
        return []
    below = wilson_interval(*low)[1] < shares.now[0] / shares.now[1]
    places: dict[str, str | Piece] = {"high": citing.share(high, best), "low": citing.share(low, worst)}
    return [fill(lang, REASON_SENTENCES["ends_below" if below else "ends"], best=best.name, worst=worst.name, **places)]
