"""Somebody at a page of the desk without a browser: the app over the small city, signing in, and what a page tells its script."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import psycopg
import pytest_asyncio
from fastapi import FastAPI
from signin_forms import account, sign_in, visitor

from data.core.settings import settings


@pytest_asyncio.fixture
async def app(small: str) -> AsyncIterator[FastAPI]:
    from whole_app import started_app

    with psycopg.connect(small) as owner:
        owner.execute("TRUNCATE account, unit_member CASCADE")
    async with started_app() as made:
        yield made
    settings.cache_clear()


async def enter(app: FastAPI, name: str, role: str, **more: Any) -> httpx.AsyncClient:
    """Somebody who has signed in."""
    account(name, role=role, **more)
    http = visitor(app)
    assert (await sign_in(http, name)).status_code == 303
    return http


def facts_of(page: str) -> dict[str, Any]:
    found = re.search(r'data-desk="([^"]*)"', page)
    assert found
    told: dict[str, Any] = json.loads(unescape(found[1]))
    return told
