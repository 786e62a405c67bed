"""Who must act: open cases beyond their deadline by responsible unit, and those that have waited longest."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from data.cases.listing.lists import fetch_list
from data.cases.listing.question import CaseQuestion
from data.cases.listing.types import CaseRow
from data.core.i18n import t
from data.figures.scope import FiguresOnly, OutOfScope, may_see_cases
from data.indicators.types import Waiting, WaitingAnswer
from data.indicators.waiting import fetch_waiting
from data.queries.case_filters import NO_FILTERS, CaseFilters
from data.queries.case_list import Order
from layers.style.numbers import whole
from layers.style.wording import STAGE_TITLES, format_count
from reports.cases import link_overdue
from reports.citing import name_label
from reports.content import Block, Cell, Column, Note, Number, Paragraph, Piece, Section, Table
from reports.context import Context
from reports.figures import NOW
from reports.options import Limit, SectionOptions
from reports.periods import write_moment

MOST_UNITS, MOST_CASES = 20, 12


class Options(SectionOptions):
    """``units`` and ``cases``: how many at most."""

    units: Limit = MOST_UNITS
    cases: Limit = MOST_CASES
    new_page: bool = False


async def make(context: Context, options: Options) -> Section | None:
    """As it stands, whatever the period."""
    lang = context.lang
    title = t(lang, "Overdue: who must act")
    try:
        if not may_see_cases(context.viewer):
            raise FiguresOnly(who=context.viewer.shown)
        answer = await fetch_waiting(context.area, NO_FILTERS, context.viewer)
        question = CaseQuestion(context.area, CaseFilters(states=("overdue",)), Order("due_at", descending=False), limit=options.cases)
        oldest = (await fetch_list(question, context.viewer))["cases"]
    except (FiguresOnly, OutOfScope):
        return None
    if not answer["overdue"]:
        return Section(title, (Paragraph((Piece(t(lang, "No open case is beyond its deadline.")),)),))
    source = await context.source()
    no = _cite(context, answer["overdue"], source)
    units, most = _by_unit(answer), options.units
    with_unit = sum(bool(one["unit"]) for one in units)
    counts = {"n": whole(answer["overdue"]), "units": whole(with_unit)}
    first = t(lang, "Overdue at {moment}: {n} in all; units that must act: {units}.", moment=write_moment(answer["as_of"], lang), **counts)
    blocks: list[Block] = [
        Paragraph((Piece(first, figure=no),)),
        _list_units(context, units[:most], answer["as_of"], source),
    ]
    if len(units) > most:
        blocks.append(Note(t(lang, "The first {n} of {all}, by the oldest case.", n=most, all=len(units))))
    names = {one["unit"]: (one["unit_name"], one["unit_name_en"]) for one in units}
    blocks.append(_list_cases(context, oldest, names, answer["as_of"]))
    return Section(title, tuple(blocks), options.new_page)


def _cite(context: Context, n: int, source: str, of: str = "", **whose: str) -> int:
    """Enter the overdue cases as they stand, of all units or of one."""
    lang = context.lang
    label = t(lang, "Overdue as it stands")
    return context.cite(
        context.key("overdue", NOW, **whose),
        name_label(context, label, of),
        n,
        "cases",
        definition=t(lang, "Open and beyond the deadline at the moment of the data; paused cases do not count."),
        source=source,
        cases=link_overdue(context.area, whose),
        group=label if of else "",
    )


def _by_unit(answer: WaitingAnswer) -> list[Waiting]:
    """One line a unit: its own and its people's cases together, the oldest first."""
    found: dict[str | None, Waiting] = {}
    for one in answer["waiting"]:
        if not one["overdue"] or (one["person"] is not None and not answer["by_person"]):
            continue  # lines of whole units hold the reader's own cases, too
        known = found.get(one["unit"])
        if known is None:
            found[one["unit"]] = {**one, "person": None}
            continue
        known["overdue"] += one["overdue"]
        known["due_soon"] += one["due_soon"]
        if (one["oldest_due"] or "") < (known["oldest_due"] or ""):
            known["oldest_due"], known["oldest_case"] = one["oldest_due"], one["oldest_case"]
    return sorted(found.values(), key=lambda one: (one["oldest_due"] or "", one["unit"] or ""))


def _list_units(context: Context, units: Sequence[Waiting], as_of: str, source: str) -> Table:
    lang = context.lang

    def row(one: Waiting) -> tuple[Cell, ...]:
        name = context.name({"name": one["unit_name"], "name_en": one["unit_name_en"], "code": one["unit"]}) or t(
            lang, "no unit yet: dispatcher"
        )
        head = context.name({"name": one["unit_head"], "name_en": one["unit_head_en"]})
        late = _days_between(one["oldest_due"], as_of)
        no = _cite(context, one["overdue"], source, name, **({"unit": one["unit"]} if one["unit"] else {"with_unit": "false"}))
        return (
            name,
            head,
            Number(whole(one["overdue"]), one["overdue"], bold=True, figure=no),
            Number(_late(context, late), late),
            one["oldest_case"] or "",
        )

    columns = (
        Column(t(lang, "Responsible unit"), stretch=2),
        Column(t(lang, "Head"), stretch=1),
        Column(t(lang, "Overdue"), "right"),
        Column(t(lang, "Oldest"), "right"),
        Column(t(lang, "Its case"), holds="cases"),
    )
    return Table(columns, tuple(row(one) for one in units), t(lang, "By responsible unit"), t(lang, "as it stands"))


def _list_cases(context: Context, cases: Sequence[CaseRow], units: Mapping[str | None, tuple[str | None, str | None]], as_of: str) -> Table:
    lang = context.lang

    def row(one: CaseRow) -> tuple[Cell, ...]:
        category = context.name({"name": one["category_name"], "name_en": one["category_name_en"], "code": one["category"]})
        place = context.name({"name": one["above_name"], "name_en": one["above_name_en"]}) or context.name(
            {"name": one["grid_name"], "name_en": one["grid_name_en"], "code": one["grid"]}
        )
        late = _days_between(one["due_at"], as_of)
        stage = t(lang, STAGE_TITLES.get(one["stage"], "In progress"))
        if since := _days_between(one["stage_at"], as_of):
            stage = t(lang, "{stage} for {days}", stage=stage, days=format_count(since, "days", lang))
        unit, unit_en = units.get(one["unit"], (None, None))
        named = context.name({"name": unit, "name_en": unit_en}) or one["handler"] or ""
        return one["number"], category, place, named, stage, Number(_late(context, late), late)

    columns = (
        Column(t(lang, "Case"), holds="cases"),
        Column(t(lang, "Category"), stretch=1),
        Column(t(lang, "Place"), stretch=1),
        Column(t(lang, "Responsible unit"), stretch=1.4),
        Column(t(lang, "Last step"), stretch=1),
        Column(t(lang, "Late by"), "right"),
    )
    return Table(columns, tuple(row(one) for one in cases), t(lang, "Overdue for longest"), format_count(len(cases), "cases", lang))


def _days_between(since: str | None, until: str) -> int | None:
    """Whole days from one moment to another."""
    return None if since is None else (datetime.fromisoformat(until) - datetime.fromisoformat(since)).days


def _late(context: Context, days: int | None) -> str:
    if days is None:
        return ""
    return format_count(days, "days", context.lang) if days else t(context.lang, "under a day")
