"""The OpenAPI document holds for generated requests: no server error, and answers in the promised shape."""

from collections.abc import Iterator
from typing import Any

import httpx
import hypothesis
import pytest
from serving import Server, serving

from routes.middleware.identification import STREAM

pytestmark = pytest.mark.slow

TRIES = 25


@pytest.fixture(scope="module")
def unhurried(demo_city: str) -> Iterator[Server]:
    """A server that does not count requests."""
    with serving(demo_city, GRIDWELL_RATE_FACTOR="0") as server:
        yield server


def test_nothing_that_may_be_asked_fails(unhurried: Server) -> None:
    import schemathesis  # a second, which a run without this test need not wait

    headers = {"Authorization": f"Bearer {unhurried.token}", "Accept-Language": "en"}
    document = httpx.get(f"{unhurried.url}/openapi.json", headers=headers).json()
    schema: Any = schemathesis.openapi.from_dict(document)
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        _try(operation, unhurried.url, headers)
        asked += 1
    assert asked >= 8, "the document tells of every address"


def _try(operation: Any, url: str, headers: dict[str, str]) -> None:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]

    @hypothesis.given(case=operation.as_strategy())
    @hypothesis.settings(max_examples=TRIES, suppress_health_check=list(hypothesis.HealthCheck), derandomize=True, database=None)
    def tried(case: Any) -> None:
        if case.operation.path == STREAM:
            case.query = {**(case.query or {}), "wait": "false"}  # otherwise the answer has no end
        case.validate_response(case.call(base_url=url, headers=headers), checks=checks)

    tried()
