"""Notices of the Common Alerting Protocol for tests."""

from datetime import UTC, datetime, timedelta

OFFICE, OTHER = "office@example.org", "other@example.org"
NOW = datetime.now(UTC).replace(microsecond=0)


def moment(hours: float) -> str:
    """A time so many hours from now, as CAP writes it."""
    return (NOW + timedelta(hours=hours)).isoformat()


def make_info(
    event: str = "暴雨",
    severity: str = "Severe",
    language: str = "zh-CN",
    area: str = "<areaDesc>全市</areaDesc><polygon>29,119 29,122 31,122 31,119 29,119</polygon>",
    expires: float | None = 6,
    more: str = "",
) -> str:
    """One ``info``."""
    end = "" if expires is None else f"<expires>{moment(expires)}</expires>"
    return (
        f"<info><language>{language}</language><category>Met</category><event>{event}</event>{more}<urgency>Immediate</urgency>"
        f"<severity>{severity}</severity><certainty>Likely</certainty>{end}<senderName>市气象台</senderName><area>{area}</area></info>"
    )


def make_cap(
    *infos: str,
    identifier: str = "a-1",
    kind: str = "Alert",
    references: str = "",
    sent: float = 0,
    status: str = "Actual",
    scope: str = "Public",
    head: str = "",
    sender: str = OFFICE,
) -> bytes:
    """A notice."""
    named = f"<references>{references}</references>" if references else ""
    return (
        f'{head}<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{identifier}</identifier>'
        f"<sender>{sender}</sender>"
        f"<sent>{moment(sent)}</sent><status>{status}</status><msgType>{kind}</msgType><scope>{scope}</scope>{named}{''.join(infos)}</alert>"
    ).encode()


def name(identifier: str, sent: float = 0, sender: str = OFFICE) -> str:
    """How a later notice names an earlier one."""
    return f"{sender},{identifier},{moment(sent)}"
