"""Writes a summary: the largest real changes first, then what has not changed, then what is overdue, and how all was judged."""

from collections.abc import Mapping
from dataclasses import dataclass

from data.core.i18n import t
from data.core.viewer import Lang
from data.statistics.variation import METHOD_WORDS
from reports.content import Bullets, Note, Piece, Sentence
from reports.summary.citing import Cite, Citing
from reports.summary.findings import Finding, Findings, find_changes
from reports.summary.inputs import Inputs, Part
from reports.summary.parts import write_part
from reports.summary.pieces import fill, join
from reports.summary.sentences import HOLDER_WORDS, NOTE_SENTENCES, OVERDUE_SENTENCES, QUIET_SENTENCES
from reports.summary.whole import write_share, write_whole

MOST_CHANGES = 3
"""Changes of areas and categories that are told one by one."""
MOST_HOLDERS = 3

Inside = Mapping[tuple[str, str], tuple[Part, ...]]
"""What lies inside a changed part, by kind and code of it: of an area its categories, of a category the areas."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The points, and the note that says how changes were judged."""

    bullets: Bullets
    note: Note


def told_changes(findings: Findings) -> tuple[Finding, ...]:
    """The changes of parts that are told one by one: whoever asks for what lies inside them asks for these."""
    return findings.changes[:MOST_CHANGES]


def write_summary(inputs: Inputs, lang: Lang, cite: Cite, findings: Findings | None = None, inside: Inside | None = None) -> Summary:
    """Write the summary.

    Args:
        inputs: counts of the period and of earlier ones.
        lang: its language.
        cite: enters a figure, and answers its number.
        findings: of ``find_changes``, if it was asked already.
        inside: what lies inside the changed parts, for their reasons.
    """
    findings = findings or find_changes(inputs)
    citing = Citing(inputs, lang, cite)
    own = {findings.whole.kind: write_whole, findings.share.kind: write_share}
    still = [one for one in (findings.whole, findings.share) if not one.real]
    changed = [one for one in (findings.whole, findings.share) if one.real]
    if inputs.reported.now:  # without any case every part has none
        changed += told_changes(findings)
    points: list[Sentence] = []
    for finding in sorted(changed, key=lambda one: -abs(one.size)):
        if finding.part is None:
            points.append(own[finding.kind](citing, findings))
        else:
            inner = (inside or {}).get(("category" if finding.kind == "category" else "area", finding.part.code), ())
            points.append(write_part(citing, finding, inner))
    rest = _quiet(citing, findings)
    points += rest if findings.changes else []
    points += [own[finding.kind](citing, findings) for finding in still]
    points += [] if findings.changes else rest
    points += _overdue(citing)
    return Summary(Bullets(tuple(point for point in points if point)), _note(citing, findings))


def _quiet(citing: Citing, findings: Findings) -> list[Sentence]:
    """What is to be said of all the areas and categories that are not told one by one."""
    inputs, lang = citing.inputs, citing.lang
    rest = len(findings.changes) - len(told_changes(findings))
    if rest > 0 and inputs.reported.now:
        return [join(lang, fill(lang, QUIET_SENTENCES["rest_one" if rest == 1 else "rest"], n=str(rest)))]
    if findings.changes or max(len(inputs.areas), len(inputs.categories)) < 2 or not findings.spans or not any_case(inputs):
        return []
    own = sum(one.judged.p is not None for one in (findings.whole, findings.share))
    key = "few" if findings.judged == own else "chance" if findings.spans == 1 else "usual"
    return [join(lang, fill(lang, QUIET_SENTENCES[key], key != "few"))]


def any_case(inputs: Inputs) -> bool:
    """Whether any case was reported, now or before."""
    return bool(inputs.reported.now or any(inputs.reported.history))


def _overdue(citing: Citing) -> list[Sentence]:
    overdue, lang = citing.inputs.overdue, citing.lang
    if overdue is None:
        return []
    if not overdue.total:
        return [join(lang, fill(lang, OVERDUE_SENTENCES["none"], True))]
    found = [
        fill(lang, OVERDUE_SENTENCES["some"], True, n=citing.count("overdue", overdue.total, cases=overdue.cases, waiting=overdue.waiting))
    ]
    if overdue.long is not None and overdue.long:
        found.append(fill(lang, OVERDUE_SENTENCES["long"], n=citing.count("long", overdue.long)))
    holders = [one for one in overdue.holders if one[1]][:MOST_HOLDERS]
    if holders and len(overdue.holders) > 1:
        areas = {one.name: one for one in citing.inputs.areas}
        names = [fill(lang, HOLDER_WORDS, name=name, n=citing.count("overdue", n, areas.get(name, name))) for name, n in holders]
        comma = Piece("、" if lang == "zh" else ", ")
        listed = [piece for at, pieces in enumerate(names) for piece in ([comma] if at else []) + pieces]
        found.append(fill(lang, OVERDUE_SENTENCES["holders"], names=listed))
    return [join(lang, *found)]


def _note(citing: Citing, findings: Findings) -> Note:
    """How changes were judged: the methods that were used, each once."""
    judged = [one.judged for one in (findings.whole, findings.share, *findings.changes) if one.judged.p is not None]
    if not findings.judged:
        return Note(t(citing.lang, NOTE_SENTENCES["nothing"]))
    used = dict.fromkeys((one.method, one.spans) for one in judged) or {("variation", findings.spans): None}
    methods = [t(citing.lang, METHOD_WORDS[method], spans=spans) for method, spans in used]
    return Note(
        t(citing.lang, NOTE_SENTENCES["judged"], method=("；" if citing.lang == "zh" else "; ").join(methods), judged=findings.judged)
    )
