"""The page's requests as its script sends them, to measure the cost of a click on the map."""

import json
from dataclasses import dataclass

from bench.client import Connection, Reply
from bench.model import Json, Unmeasured

ENDPOINT = "/_dash-update-component"


@dataclass(frozen=True, slots=True)
class Wire:
    """The two callbacks of a click: the first turns the pick into an address, the second turns the address into the page.

    Attributes:
        picked, shown: Dash's own description of them.
    """

    picked: Json
    shown: Json

    def pick(self, code: str, search: str) -> bytes:
        """Body of the first callback: a click on an area while the page shows ``search``."""
        values = {"pick.data": {"kind": "area", "code": code, "key": code}, "url.search": search}
        return _body(self.picked, values, "pick.data")

    def show(self, search: str) -> bytes:
        """Body of the second callback: everything on the page for an address."""
        return _body(self.shown, {"url.search": search, "webgl.data": {"ok": True}}, "url.search")


async def wire(http: Connection) -> Wire:
    """Ask the server for the names of its callbacks."""
    known = json.loads((await http.get("/_dash-dependencies")).text)
    found = {name: one for name in ("goal.data", "panel.children") for one in known if name in one["output"]}
    if len(found) < 2:
        raise Unmeasured("the page has no callbacks that fill its panels")
    return Wire(found["goal.data"], found["panel.children"])


async def ask(http: Connection, body: bytes) -> Reply:
    """Send a callback's body.

    Raises:
        Unmeasured: the server refuses it.
    """
    reply = await http.post(ENDPOINT, body)
    if reply.status not in (200, 204):
        raise Unmeasured(f"a callback was answered {reply.status}: {reply.text[:200].decode('utf-8', 'replace')}")
    return reply


def spec_of(reply: Reply) -> Json:
    """The map's specification in the answer to ``Wire.show``."""
    found: Json = json.loads(reply.text)["response"]["spec"]["data"]
    return found


def addresses(spec: Json) -> tuple[list[str], list[str]]:
    """Addresses that the map would fetch: templates of tiles, and JSON files."""
    data = [layer["data"] for layer in spec["layers"] if isinstance(layer.get("data"), str)]
    tiles = [one for one in data if "{z}" in one]
    return tiles, list(dict.fromkeys(one for one in data if "{z}" not in one))


def _body(callback: Json, values: Json, changed: str) -> bytes:
    def with_value(part: Json) -> Json:
        name = f"{part['id']}.{part['property']}"
        return {"id": part["id"], "property": part["property"], "value": values.get(name)}

    names = callback["output"].strip(".").split("...")
    outputs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in names]
    return json.dumps(
        {
            "output": callback["output"],
            "outputs": outputs if callback["output"].startswith("..") else outputs[0],
            "inputs": [with_value(one) for one in callback["inputs"]],
            "state": [with_value(one) for one in callback.get("state", [])],
            "changedPropIds": [changed],
        }
    ).encode()
