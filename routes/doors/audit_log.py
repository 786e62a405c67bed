"""The auditor's page: the log, filtered; what leaves it as a file; whom a record is wanted of; what the retention job did."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from data.auditing.reader import Filter, Page
from data.core.i18n import t
from data.schema.audit_actions import GROUP_TITLES, GROUPS
from data.upkeep.retention import LOG_DAYS
from routes.doors.audit_rows import action_title, facts, row_cells, shown_moment
from routes.doors.frame import Look, column
from routes.doors.markup import Content, Markup, tag
from routes.doors.said import NOTHING, Said
from routes.doors.words import button, field, form, hidden, section, wrong

Row = Mapping[str, Any]
LOG, EXPORT, RECORD = "/audit", "/audit/export", "/audit/record"


def log_page(look: Look, csrf: str, wanted: Filter, page: Page, clock: tzinfo, said: Said = NOTHING) -> HTMLResponse:
    """The whole page."""
    lang = look.lang
    return column(
        look,
        t(lang, "Audit log"),
        wrong(said.refused),
        tag("p", _promise(lang, page), class_="muted"),
        section(
            t(lang, "Rows"), _filter(lang, wanted), _table(lang, page.rows, clock), _pager(lang, wanted, page), _export(lang, csrf, wanted)
        ),
        _ask_record(lang, csrf, wanted),
        _retention(lang, page.reports, clock),
        status=422 if said.refused else 200,
    )


def _promise(lang: str, page: Page) -> Content:
    kept = t(
        lang, "Nobody can change or delete a row; the law wants them kept for {days} days, and here they stay for good.", days=LOG_DAYS
    )
    if page.head is None:
        return kept
    number, hashed = page.head
    head = t(lang, "Newest row {no}, its seal {hash}.", no=number, hash=hashed.hex()[:16])
    return [kept, " ", tag("span", head, title=hashed.hex())]


def _filter(lang: str, wanted: Filter) -> Markup:
    day = {"type": "date", "autocomplete": "off"}
    return tag(
        "form",
        tag(
            "div",
            field(t(lang, "From"), "since", value=wanted.since and wanted.since.isoformat(), **day),
            field(t(lang, "To"), "until", value=wanted.until and wanted.until.isoformat(), **day),
            field(t(lang, "Account"), "account", value=wanted.account, maxlength=100, autocomplete="off"),
            _actions(lang, wanted.action),
            field(t(lang, "Person"), "person", value=wanted.person, maxlength=200, autocomplete="off"),
            tag("div", button(t(lang, "Show"), "small"), tag("a", t(lang, "All rows"), href=LOG, class_="quiet"), class_="actions"),
            class_="filter",
        ),
        method="get",
        action=LOG,
        role="search",
    )


def _actions(lang: str, chosen: str) -> Markup:
    def option(value: str, text: str) -> Markup:
        return tag("option", text, value=value, selected=value == chosen)

    groups = [
        tag(
            "optgroup",
            option(group, t(lang, "All: {group}", group=t(lang, GROUP_TITLES[group]))),
            [option(one, action_title(lang, one)) for one in actions],
            label=t(lang, GROUP_TITLES[group]),
        )
        for group, actions in GROUPS.items()
    ]
    box = tag("select", option("", t(lang, "Everything")), groups, id="action", name="action")
    return tag("div", tag("label", t(lang, "What"), for_="action"), box, class_="field")


def _table(lang: str, rows: Sequence[Row], clock: tzinfo) -> Markup:
    if not rows:
        return tag("p", t(lang, "No row fits."), class_="muted nothing")
    heads = (t(lang, "When"), t(lang, "Who"), t(lang, "What"), t(lang, "What for"), t(lang, "From where"), t(lang, "No."))
    return tag(
        "table",
        tag("thead", tag("tr", [tag("th", head, scope="col") for head in heads])),
        tag("tbody", [tag("tr", [tag("td", cell) for cell in row_cells(lang, row, clock)]) for row in rows]),
        class_="log",
    )


def _pager(lang: str, wanted: Filter, page: Page) -> Markup | None:
    first = tag("a", t(lang, "Newest rows"), href=_address(wanted)) if wanted.before is not None else None
    older = tag("a", t(lang, "Older rows"), href=_address(wanted, page.rows[-1]["no"]), rel="next") if page.more else None
    return tag("nav", first, older, class_="pager", aria_label=t(lang, "More rows")) if first or older else None


def _address(wanted: Filter, before: int | None = None) -> str:
    kept = {**wanted.said(), **({} if before is None else {"before": str(before)})}
    return f"{LOG}?{urlencode(kept)}" if kept else LOG


def _export(lang: str, csrf: str, wanted: Filter) -> Markup:
    kept = [hidden(name, text) for name, text in wanted.said().items()]
    ways = [button(text, "second small", name="format", value=form_) for form_, text in (("csv", "CSV"), ("xlsx", "XLSX"))]
    inside = form(EXPORT, csrf, kept, _purpose(lang, "export-purpose"), tag("div", ways, class_="actions"), class_="inline")
    note = tag(
        "p", t(lang, "All rows that fit what is chosen above. That they were exported, and what for, is written down."), class_="hint"
    )
    return tag("details", tag("summary", t(lang, "Export these rows")), note, inside)


def _ask_record(lang: str, csrf: str, wanted: Filter) -> Markup:
    told = t(lang, "Who opened a person's data, when, and what for: to be printed and handed to that person.")
    whom = field(
        t(lang, "Whose data"),
        "sought",
        hint=t(lang, "The whole identity or telephone number, or the key of a row above."),
        value=wanted.person or None,
        maxlength=200,
        autocomplete="off",
        required=True,
    )
    asked = tag("div", whom, _purpose(lang, "record-purpose"), class_="fields")
    made = form(RECORD, csrf, asked, tag("div", button(t(lang, "Make the record"), "small"), class_="actions"))
    return section(t(lang, "Access record of a person"), tag("p", told, class_="muted"), made, id="record")


def _purpose(lang: str, id_: str) -> Markup:
    label = tag("label", t(lang, "What for"), for_=id_)
    box = tag("input", type="text", id=id_, name="purpose", maxlength=200, minlength=2, autocomplete="off", required=True)
    return tag("div", label, box, class_="field")


def _retention(lang: str, reports: Sequence[Row], clock: tzinfo) -> Markup:
    told = t(lang, "Rows of the register and reporters of cases are deleted once a day when their last day is over; figures follow.")
    rows = [_report(lang, row, clock) for row in reports]
    done: Content = tag("div", rows, class_="rows") if rows else tag("p", t(lang, "It has not run yet."), class_="muted")
    return section(t(lang, "Retention"), tag("p", told, class_="muted"), done)


def _report(lang: str, row: Row, clock: tzinfo) -> Markup:
    detail: Mapping[str, Any] = row["detail"]
    if row["action"] == "retention":
        people, reporters = detail.get("people", 0), detail.get("reporters", 0)
        told = t(lang, "{people} people, {reporters} reporters deleted", people=people, reporters=reporters)
    else:
        told = " · ".join([action_title(lang, row["action"]), *facts(lang, detail)])
    moment: datetime = row["at"]
    return tag("div", tag("div", tag("b", row["subject"]), tag("span", told, class_="hint")), shown_moment(moment, clock), class_="row")
