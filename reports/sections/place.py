"""The area itself: who is responsible, residents, buildings, facilities."""

import re
from collections.abc import Mapping

from data.core.i18n import t
from data.core.viewer import Lang
from data.figures.types import AreaReport
from layers.style.numbers import percent, whole
from layers.style.wording import level_name, local_label
from reports.citing import define_people
from reports.content import Block, Cell, Column, Note, Number, Paragraph, Piece, Section, Table
from reports.content import Unit as Counted
from reports.context import Context
from reports.figures import NOW
from reports.options import SectionOptions

MOST_KINDS = 12
_CODES: Mapping[Counted, str] = {"people": "residents", "households": "households", "buildings": "buildings"}
_PART_WORDS = {"residents": "Residents", "facilities": "Facilities"}
_AGES_WORDS = {"young": "aged 0 to 14", "middle": "aged 15 to 64", "old": "aged 65 and over"}
_AGES = ((_AGES_WORDS["young"], 0, 14), (_AGES_WORDS["middle"], 15, 64), (_AGES_WORDS["old"], 65, 199))


Options = SectionOptions


async def make(context: Context, _options: Options) -> Section | None:
    """Nothing can be chosen. Telephone numbers are never printed."""
    lang, report = context.lang, await context.report()
    blocks: list[Block] = []
    if said := _say_head(context, report):
        blocks.append(Paragraph((Piece(said),)))
    columns = (Column(t(lang, "What is there"), stretch=1), Column(t(lang, "How many"), "right"))
    blocks.append(Table(columns, tuple(await _rows(context, report))))
    kinds = sorted(report["facilities"]["by_kind"].items(), key=lambda one: -one[1])
    if kinds:
        names = [(code, local_label(code, report["kinds"].get(code), lang), n) for code, n in kinds if n]
        rows: list[tuple[Cell, ...]] = []
        for code, name, n in names[:MOST_KINDS]:
            no = _cite_part(
                context, "facilities", name, n, t(lang, "Facilities of the base map and of the city's lists."), "count", kind=code
            )
            rows.append((name, Number(whole(n), n, figure=no)))
        blocks.append(Table(columns, tuple(rows), t(lang, "Facilities")))
        if more := names[MOST_KINDS:]:
            once = len(more) == 1
            blocks.append(Note(t(lang, "1 more kind is left out.") if once else t(lang, "{n} more kinds are left out.", n=len(more))))
    named = level_name(report, report["level"], lang)
    title = t(lang, "The {level} itself", level=named.lower() if lang == "en" else named)
    return Section(title, tuple(blocks))


def _say_head(context: Context, report: AreaReport) -> str:
    lang, head = context.lang, report["head"]
    name = context.name({"name": head["name"], "name_en": head["name_en"]})
    if not name:
        return t(lang, "No head is named.")
    title = context.name({"name": head["title"], "name_en": head["title_en"]}) or t(lang, "Head")
    body = context.name({"name": head["body"], "name_en": head["body_en"]})
    return t(lang, "{title}: {name}. {body}", title=title, name=name, body=body).strip()


async def _rows(context: Context, report: AreaReport) -> list[tuple[Cell, ...]]:
    lang, people, buildings = context.lang, report["population"], report["buildings"]
    rows: list[tuple[str, float | None, Counted]] = [(t(lang, "Residents"), people["total"], "people")]
    rows.append((t(lang, "Households"), people["households"], "households"))
    rows.append((t(lang, "Buildings"), buildings["total"], "buildings"))
    made: list[tuple[Cell, ...]] = []
    for label, value, unit in rows:
        no = None
        if value is not None:
            counted = define_people(people, lang, unit) if unit != "buildings" else t(lang, "Buildings of the base map.")
            no = context.cite(context.key(_CODES[unit], NOW), label, value, unit, definition=counted)
        made.append((label, Number(whole(value), value, figure=no)))
    if people["total"] and people["ages"]:
        for words, n in group_ages(people["ages"], lang):
            no = _cite_part(context, "residents", words, n, define_people(people, lang), "people", age=words)
            made.append((words, Number(f"{whole(n)} ({percent(n / people['total'])}%)", n, figure=no)))
    if report["area_m2"]:
        made.append((t(lang, "Area, km²"), Number(f"{report['area_m2'] / 1e6:,.2f}", report["area_m2"] / 1e6)))
    return made


def _cite_part(context: Context, code: str, name: str, n: int, definition: str, unit: Counted, **which: str) -> int:
    lang, label = context.lang, t(context.lang, _PART_WORDS[code])
    named = t(lang, "{figure}: {name}", figure=label, name=name)
    return context.cite(context.key(code, NOW, **which), named, n, unit, definition=definition, group=label)


def group_ages(ages: Mapping[str, int], lang: Lang) -> list[tuple[str, int]]:
    """Children, people of working age and the old; the published groups, youngest first, where these do not fit into those three."""
    spans = {group: _read_span(group) for group in ages}
    known = sorted((span, group) for group, span in spans.items() if span is not None)
    whole_groups = [(words, [(lo, group) for (lo, hi), group in known if first <= lo and hi <= last]) for words, first, last in _AGES]
    if len(known) < len(ages) or sum(len(found) for _, found in whole_groups) < len(known):
        return [
            (t(lang, "aged {group}", group=group), ages[group])
            for group in [*(group for _, group in known), *(group for group in ages if spans[group] is None)]
        ]
    return [(t(lang, words), sum(ages[group] for _, group in found)) for words, found in whole_groups]


def _read_span(group: str) -> tuple[int, int] | None:
    """First and last year of an age group, such as 5-9 or 85+; ``None`` where it is written in another way."""
    found = re.fullmatch(r"(\d+)(?:-(\d+)|\+)?", group)
    return None if found is None else (int(found[1]), int(found[2] or (199 if group.endswith("+") else found[1])))
