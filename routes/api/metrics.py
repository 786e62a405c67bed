"""``GET /metrics``: numbers in Prometheus' text format, for programs on this machine, or with the secret ``GRIDWELL_METRICS_TOKEN``."""

import asyncio
import hmac
from collections.abc import Iterator
from ipaddress import ip_address

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

from data.core.errors import NotOpen
from data.core.meters import read_meters
from data.core.settings import settings
from data.core.supervision import supervision
from data.upkeep.conditions import CONDITION_REASONS, read_conditions

PATH = "/metrics"
router = APIRouter(include_in_schema=False)
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers with which a proxy on this machine says that somebody else asks."""
_COUNTED = {
    "workers_ended": "Processes that ended by themselves since the start",
    "workers_stuck": "Processes that hung and were replaced since the start",
    "database_starts": "Times that the embedded database server died and was started again",
}
_HELD = {"workers": "Processes that there should be, keeper and crew included", "workers_ready": "Processes that run"}


@router.get(PATH)
async def show_metrics(request: Request) -> Response:
    """The numbers of all processes together."""
    _check_reader(request)
    text = await asyncio.to_thread(_read)
    return Response(text, media_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _check_reader(request: Request) -> None:
    """Let in whoever knows the token; without one, only programs on this machine."""
    token = settings().metrics_token
    if token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode()):
            return
    elif request.client is not None and _is_here(request.client.host) and not any(name in request.headers for name in _FORWARDED):
        return
    raise NotOpen()


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _read() -> bytes:
    registry = CollectorRegistry()
    registry.register(_Conditions())
    return read_meters() + generate_latest(registry)


class _Conditions(Collector):
    """What the keeper found, and what the parent knows of its processes."""

    def collect(self) -> Iterator[Metric]:
        """Every number once."""
        found = read_conditions()
        there = {reason.code for reason in found.reasons}
        reasons = GaugeMetricFamily("gridwell_reason", "1 while there is this reason for worry; see /status", labels=["code"])
        for code in CONDITION_REASONS:
            reasons.add_metric([code], float(code in there))
        yield reasons
        for name, value in sorted(found.figures.items()):
            yield GaugeMetricFamily(f"gridwell_{name}", f"{name.replace('_', ' ').capitalize()}, as the keeper last saw it", value)
        yield GaugeMetricFamily("gridwell_looked_timestamp_seconds", "When the keeper last looked", found.at)
        for figure, told in _COUNTED.items():
            yield CounterMetricFamily(f"gridwell_{figure}", told, supervision.get(figure))  # type: ignore[arg-type]
        for figure, told in _HELD.items():
            yield GaugeMetricFamily(f"gridwell_{figure}", told, supervision.get(figure))  # type: ignore[arg-type]
