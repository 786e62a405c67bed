"""Rules, indicators, scores and warnings."""

from itertools import pairwise

from data.packs.declaration.locator import Path
from data.packs.declaration.looking import Look
from data.packs.declaration.model import SCORED, SECRET, Score
from data.packs.declaration.typing import names_of_warning


def check_figures(look: Look) -> None:
    """Every rule, indicator, score and warning."""
    for rule in look.pack.rules.values():
        path: Path = ("rules", rule.code)
        look.check_code(path, rule.code)
        look.check_expression((*path, "when"), rule.when, look.find_kind((*path, "kind"), rule.kind), "yes_no")
    for one in look.pack.indicators.values():
        path = ("indicators", one.code)
        look.check_code(path, one.code)
        kind = look.find_kind((*path, "kind"), one.kind)
        look.check_expression((*path, "numerator"), one.numerator, kind, "number", aggregate=True)
        look.check_expression((*path, "denominator"), one.denominator, kind, "number", aggregate=True)
        look.check_expression((*path, "where"), one.where, kind, "yes_no")
        for key, text in (("numerator", one.numerator), ("denominator", one.denominator), ("where", one.where)):
            look.check_open((*path, key), text, kind, SECRET, "indicator_secret")
    for score in look.pack.scores.values():
        _check_score(look, score, ("scores", score.code))
    for warning in look.pack.warnings.values():
        path = ("warnings", warning.code)
        look.check_code(path, warning.code)
        look.check_known((*path, "score"), "unknown_score", warning.score, look.pack.scores)
        look.check_typed((*path, "when"), warning.when, names_of_warning(), "yes_no")
        if warning.case is not None:
            look.check_department((*path, "case", "department"), warning.case.department)


def _check_score(look: Look, score: Score, path: Path) -> None:
    look.check_code(path, score.code)
    kind = look.find_kind((*path, "kind"), score.kind)
    if kind is not None and kind.subject not in SCORED:
        look.add((*path, "kind"), "score_of_person", kind=kind.code, subject=kind.subject)
    of = look.find_kind((*path, "of"), score.of)
    if of is not None and kind is not None:
        links = [field for field in of.fields.values() if field.type == "link" and field.to == kind.code]
        if not links:
            look.add((*path, "of"), "score_no_link", of=of.code, kind=kind.code)
        elif len(links) > 1:
            look.add((*path, "of"), "score_many_links", of=of.code, kind=kind.code, found=len(links))
    if of is not None and of.day is None:
        look.add((*path, "of"), "score_no_day", of=of.code)
    limits = [limit for limit in (score.levels.high, score.levels.medium, score.levels.watch) if limit is not None]
    if any(upper <= lower for lower, upper in pairwise(limits)) or (limits and limits[-1] > score.begins_at):
        look.add((*path, "levels"), "levels_order")
    for number, part in enumerate(score.parts):
        here = (*path, "parts", number)
        look.check_expression((*here, "takes"), part.takes, of, "number")
        look.check_expression((*here, "shows"), part.shows, of, None)
