"""The pages of reports: where one is chosen, and where one is read, whatever its state. Programs are told in ``routes.report.api``."""

import asyncio
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from data.core.i18n import t
from data.core.text import could_be_code
from data.core.viewer import Viewer
from data.figures.reports import fetch_start
from data.reports.issued import Chosen, Issued, list_issued, read_content, read_issued
from data.reports.requests import Request as Asked
from data.reports.requests import list_own
from data.reports.sending.receipts import list_receipts
from data.reports.statements import KEPT_H
from reports.making import unpack
from reports.periods import write_moment
from reports.writers.numbers import write_number
from routes.desk.chart_files import plotly_address
from routes.middleware.guard import inside
from routes.people.pages import parse_number, reader_language, respond
from routes.report.answers import ChangedFigure, ReportAnswer, tell_report
from routes.report.bodies import read_id
from routes.report.frame import REPORT, Asker, ChoicePage, Listed, Own, ReadingPage, Standing, WaitingPage, describe_kinds
from routes.report.receipts import describe_receipts
from routes.report.shown import show_report
from routes.shared import csrf, scripts

router = APIRouter(include_in_schema=False)

MOST_LISTED, MOST_OWN = 30, 20


@router.get(REPORT)
async def choose(request: Request) -> Response:
    """Where a report is chosen, beside the issued ones of the area in the address."""
    asker = await _ask(request)
    given = request.query_params.get("area", "")
    area = given if could_be_code(given) else asker.start
    before = parse_number(request.query_params.get("before", "")) or None
    found = await list_issued(asker.viewer, Chosen(area=area, before=before, most=MOST_LISTED + 1))
    listed = tuple(_list(one, asker.lang) for one in found[:MOST_LISTED])
    kinds = describe_kinds(asker.lang)
    titles = {one["code"]: one["title"] for one in kinds}
    own = tuple(_list_own(one, titles, asker.lang) for one in await list_own(asker.viewer, MOST_OWN))
    older = _older(request, area, listed[-1].no) if len(found) > MOST_LISTED else ""
    return respond(request, ChoicePage(area=area, listed=listed, older=older, own=own, **asker.frame(kinds=kinds)))


def _older(request: Request, area: str, before: int) -> str:
    """Where older issued reports of an area stand, with the rest of the choice."""
    kept = {name: request.query_params[name] for name in ("kind", "period", "beside", "lang") if name in request.query_params}
    return f"{REPORT}?{urlencode({'area': area, 'before': before, **kept})}"


@router.get(f"{REPORT}/{{report}}")
async def read(request: Request, report: str) -> Response:
    """A report: read, if it is made; otherwise how far it is, or why it was not made.

    Raises:
        UnknownReport: there is none that opens for this reader.
    """
    asker, of_id = await _ask(request), read_id(report)
    told = await tell_report(asker.viewer, of_id)
    again = _again(told, asker.lang)
    if told["state"] not in ("done", "issued"):
        problem = told["problem"]["sentence"] if told["problem"] else ""
        return respond(request, WaitingPage(id=told["id"], problem=problem, again=again, **asker.frame()))
    content, _ = await read_content(asker.viewer, of_id)
    shown = await asyncio.to_thread(lambda: show_report(unpack(content), asker.lang, asker.opens_cases))
    issued = await read_issued(asker.viewer, of_id)
    received = await list_receipts(asker.viewer, of_id) if issued else ()
    standing = _stand(told, issued, received, asker.viewer, asker.lang)
    return respond(request, ReadingPage(shown=shown, standing=standing, again=again, **asker.frame()))


async def _ask(request: Request) -> Asker:
    viewer = inside(request).viewer
    return Asker(
        lang=reader_language(request),
        viewer=viewer,
        start=await fetch_start(viewer),
        csrf=csrf.token(viewer.session),
        script=scripts.address(scripts.REPORT),
        plotly=plotly_address(),
    )


def _list(one: Issued, lang: str) -> Listed:
    facts: dict[str, Any] = dict(one.facts)
    told = t(lang, "issued {moment}", moment=_moment(one.issued_at, lang, _clock(facts.get("as_of"))))
    area, period = str(facts.get("area_name", one.order.area)), str(facts.get("period", one.order.period))
    return Listed(f"{REPORT}/{one.id}?lang={lang}", one.no, str(facts.get("title", one.order.kind)), area, period, told)


def _list_own(one: Asked, titles: Mapping[str, str], lang: str) -> Own:
    facts: dict[str, Any] = dict(one.facts)
    title, area = str(facts.get("title") or titles.get(one.order.kind, one.order.kind)), str(facts.get("area_name") or one.order.area)
    if one.state == "done" and one.done_at is not None:
        until = _moment(one.done_at + timedelta(hours=KEPT_H), lang, _clock(facts.get("as_of")))
        told = t(lang, "preview, kept until {moment}", moment=until)
    else:
        told = t(lang, _OWN_WORDS[one.state])
    return Own(f"{REPORT}/{one.id}?lang={lang}", title, area, str(facts.get("period") or one.order.period or ""), told)


_OWN_WORDS = {
    "queued": "waits for its turn",
    "making": "being made",
    "failed": "could not be made",
}


def _clock(as_of: str | None) -> tzinfo | None:
    """The city's, in which the moment of a report's data is written."""
    return datetime.fromisoformat(as_of).tzinfo if as_of else UTC


def _moment(at: datetime | str | None, lang: str, clock: tzinfo | None) -> str:
    if not at:
        return ""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return write_moment(moment.astimezone(clock).isoformat(), "zh" if lang == "zh" else "en")


def _again(told: ReportAnswer, lang: str) -> str:
    """Where another report like this one is chosen."""
    given = {"area": told["area"], "kind": told["kind"], "period": told["period"] or "", "beside": ",".join(told["beside"])}
    return f"{REPORT}?{urlencode({**{name: value for name, value in given.items() if value}, 'lang': lang}, safe=',')}"


def _stand(told: ReportAnswer, issued: Issued | None, received: Sequence[Mapping[str, Any]], viewer: Viewer, lang: str) -> Standing:
    clock = _clock(told["as_of"])
    made = _moment(told["issued_at"] or told["made_at"], lang, clock)
    if issued is not None:
        said = t(lang, "No. {no}, issued {moment} by {who}.", no=issued.no, moment=made, who=_name_issuer(issued.issuer, lang))
    elif told["approval"]:
        said = t(
            lang,
            "Made {moment}, not approved yet: it is issued when somebody lets it go. Until then only those read it who may do that.",
            moment=made,
        )
    else:
        said = t(lang, "Made {moment}; kept for a day, for you alone.", moment=made)
    changes = tuple((one["label"], _number(one["old"], one), _number(one["new"], one)) for one in told["changes"] or [])
    return Standing(
        id=told["id"],
        issued=issued is not None,
        told=said,
        as_of=t(lang, "Data as of {moment}.", moment=_moment(told["as_of"], lang, clock)) if told["as_of"] else "",
        sha256=(told["sha256"] or "") if issued else "",
        approval=told["approval"],
        may_issue=viewer.may("issue_reports") and not told["corrected_by"] and not told["approval"],
        corrects=_address(told["corrects"], lang),
        reason=told["reason"] or "",
        changes=changes,
        corrected_by=_address(told["corrected_by"], lang),
        receipts=describe_receipts(lang, uuid.UUID(told["id"]), received, viewer.name, clock),
    )


def _name_issuer(issuer: str, lang: str) -> str:
    """An account; of a schedule, as which no account is called, its number."""
    kind, _, number = issuer.partition(":")
    return t(lang, "schedule {number}", number=number) if kind == "schedule" else issuer


def _number(value: float | None, changed: ChangedFigure) -> str:
    return write_number(value, changed["unit"] == "share")


def _address(of_id: str | None, lang: str) -> str:
    return f"{REPORT}/{of_id}?lang={lang}" if of_id else ""
