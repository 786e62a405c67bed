"""Requests as Dash's own script sends them."""

from typing import Any

import httpx

CALLBACK = "/_dash-update-component"


async def asking(client: httpx.AsyncClient, search: object) -> dict[str, Any]:
    """The body with which the page asks to be filled for an address."""
    known = (await client.get("/_dash-dependencies")).json()
    wired = next(one for one in known if "spec.data" in one["output"] and one["inputs"][0]["id"] == "url")
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in wired["output"].strip(".").split("...")]
    values = (search, None)
    inputs = [{"id": one["id"], "property": one["property"], "value": value} for one, value in zip(wired["inputs"], values, strict=True)]
    return {"output": wired["output"], "outputs": outputs, "inputs": inputs, "changedPropIds": ["url.search"], "state": []}
