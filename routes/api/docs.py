"""``GET /docs``: the machine door, documented from the app's own OpenAPI document, in one page without a request of its own."""

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from data.core.errors import GridwellError
from data.core.i18n import languages, t
from data.core.viewer import Viewer
from data.figures.reports import fetch_start
from routes.api.docs_example import DEMO_CITY, EXAMPLES
from routes.api.docs_style import PAGE
from routes.middleware.headers import nonce
from routes.shared.language import asking, language

router = APIRouter()

SHOWN_METHODS = ("get", "post")
_FRAMEWORKS_WORD = "Successful Response"
"""What FastAPI says of an answer that nothing else is said of."""
_OWN_NAMES = {"zh": "中文", "en": "English"}


@router.get("/docs", include_in_schema=False)
async def documentation(request: Request, who: Annotated[Viewer, Depends(asking)]) -> HTMLResponse:
    """The page, in the reader's language."""
    lang = language(request)
    document: dict[str, Any] = request.app.openapi()
    try:
        city = await fetch_start(who)
    except GridwellError:  # without data the page still tells the shapes
        city = DEMO_CITY
    made = page(document, lang, str(request.base_url).rstrip("/"), city, nonce(request.scope))
    return HTMLResponse(made, headers={"Cache-Control": "private, no-cache"})


def page(document: dict[str, Any], lang: str, base: str, city: str, nonce: str = "") -> str:
    """The whole page.

    Args:
        document: an OpenAPI 3.1 document.
        lang: language of the page; summaries and descriptions are msgids.
        base: address of this server, for the examples.
        city: code of a city, for addresses that can be tried.
        nonce: by which the browser knows the page's style for ours.
    """
    operations = list(_operations(document))
    switches = " · ".join(
        escape(_OWN_NAMES.get(code, code)) if code == lang else f'<a href="?lang={code}">{escape(_OWN_NAMES.get(code, code))}</a>'
        for code in languages()
    )
    return PAGE.substitute(
        lang=lang,
        nonce=nonce,
        title=escape(t(lang, "Machine door")),
        switches=switches,
        intro=_intro(lang, base),
        contents="".join(f'<li><a href="#{_anchor(path)}"><code>{escape(path)}</code></a></li>' for path, _, _ in operations),
        operations="".join(_operation(lang, path, method, operation, city) for path, method, operation in operations),
        shapes_title=escape(t(lang, "Shapes")),
        shapes="".join(_shape(lang, name, schema) for name, schema in sorted(_schemas(document).items())),
    )


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What the house itself offers to machines (it has a tag); the page's own traffic is left out."""
    for path, methods in sorted(document["paths"].items()):
        for method in SHOWN_METHODS:
            if methods.get(method, {}).get("tags"):
                yield path, method, methods[method]


def _schemas(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The shapes that the shown operations answer with."""
    known = document.get("components", {}).get("schemas", {})
    wanted: dict[str, dict[str, Any]] = {}
    waiting = [name for _, _, operation in _operations(document) for name in _references(operation)]
    while waiting:
        name = waiting.pop()
        if name in known and name not in wanted and "Validation" not in name:
            wanted[name] = known[name]
            waiting.extend(_references(known[name]))
    return wanted


def sentences(document: dict[str, Any]) -> Iterator[str]:
    """Every summary and description that the page shows: the msgids it needs, for the test of the catalogues."""
    shown: list[Any] = [operation for _, _, operation in _operations(document)]
    for operation in list(shown):
        shown.extend([*operation.get("parameters", []), *operation["responses"].values()])
        yield operation.get("summary", "")
    for schema in _schemas(document).values():
        shown.extend([schema, *schema.get("properties", {}).values()])
    yield from (first for part in shown if (first := _first(part.get("description"))) and first != _FRAMEWORKS_WORD)


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield str(part["$ref"]).rsplit("/", 1)[-1]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def _intro(lang: str, base: str) -> str:
    told = (
        t(lang, "Everything answers in JSON (tiles: Mapbox Vector Tiles). Version 1: fields are added, never changed or taken away."),
        t(lang, "Sign in with the token as a Bearer token; a signed-in browser needs nothing more."),
    )
    example = f'curl -H "Authorization: Bearer $TOKEN" {base}/api/areas'
    document = f'<a href="/openapi.json">{escape(t(lang, "The same as an OpenAPI document"))}</a>'
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in told) + f"<pre>{escape(example)}</pre><p>{document}</p>"


def _anchor(path: str) -> str:
    return quote(path.strip("/").replace("/", "-").replace("{", "").replace("}", ""), safe="")


def _operation(lang: str, path: str, method: str, operation: dict[str, Any], city: str) -> str:
    example = EXAMPLES.get(path)
    address = example.address.replace("{city}", quote(city, safe="")) if example else ""
    tried = f'<a class="try" href="{escape(address)}">{escape(t(lang, "Try it"))}</a>' if example else ""
    answer = f"<h4>{escape(t(lang, 'Example'))}</h4><pre>GET {escape(address)}\n\n{escape(example.text())}</pre>" if example else ""
    return (
        f'<section id="{_anchor(path)}"><h3><span class="method">{method.upper()}</span> <code>{escape(path)}</code>{tried}</h3>'
        f"<p><b>{escape(t(lang, operation.get('summary', '')))}</b><br>{_told(lang, operation.get('description'))}</p>"
        f"{_parameters(lang, operation.get('parameters', []))}{_answers(lang, operation['responses'])}{answer}</section>"
    )


def _parameters(lang: str, parameters: list[dict[str, Any]]) -> str:
    if not parameters:
        return ""
    rows = "".join(
        _row(
            one["name"],
            escape(_type(one["schema"])) + (" *" if one.get("required") else ""),
            _told(lang, one.get("description")) + _default(lang, one["schema"]),
        )
        for one in parameters
    )
    return f"<h4>{escape(t(lang, 'Parameters'))}</h4><table>{rows}</table>"


def _row(name: str, kind: str, told: str) -> str:
    """A row of a table: a name, and two cells that are HTML already."""
    return f"<tr><td><code>{escape(name)}</code></td><td>{kind}</td><td>{told}</td></tr>"


def _default(lang: str, schema: dict[str, Any]) -> str:
    value = schema.get("default")
    return f" <i>{escape(t(lang, 'default: {value}', value=json.dumps(value)))}</i>" if value not in (None, []) else ""


def _answers(lang: str, responses: dict[str, Any]) -> str:
    rows = "".join(
        _row(status, _shape_link(answer), _told(lang, answer.get("description"))) for status, answer in sorted(responses.items())
    )
    return f"<h4>{escape(t(lang, 'Answers'))}</h4><table>{rows}</table>"


def _shape_link(answer: dict[str, Any]) -> str:
    kinds = answer.get("content", {})
    return _linked(_type(next(iter(kinds.values())).get("schema", {}))) if kinds else ""


def _shape(lang: str, name: str, schema: dict[str, Any]) -> str:
    rows = "".join(
        _row(field, _linked(_type(part)), _told(lang, part.get("description"))) for field, part in schema.get("properties", {}).items()
    )
    told = _told(lang, schema.get("description"))
    return f'<section id="{escape(name)}"><h4>{escape(name)}</h4><p>{told}</p><table>{rows}</table></section>'


def _told(lang: str, text: str | None) -> str:
    """A description in the reader's language, as HTML: its first paragraph, with what stands in double backticks as code."""
    first = "" if text == _FRAMEWORKS_WORD else _first(text)
    return re.sub(r"``(.+?)``", r"<code>\1</code>", escape(t(lang, first))) if first else ""


def _first(text: str | None) -> str:
    return " ".join((text or "").split("\n\n")[0].split())


def _type(schema: dict[str, Any]) -> str:
    """A type in few letters: ``Unit[]``, ``integer | null``."""
    if "$ref" in schema:
        return "#" + str(schema["$ref"]).rsplit("/", 1)[-1]
    for together in ("anyOf", "allOf", "oneOf"):
        if together in schema:
            return " | ".join(_type(part) for part in schema[together])
    if schema.get("type") == "array":
        inside = [_type(part) for part in schema["prefixItems"]] if "prefixItems" in schema else [_type(schema.get("items", {}))]
        return f"[{', '.join(inside)}]" if len(inside) > 1 else f"{inside[0]}[]"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{{code: {_type(schema['additionalProperties'])}}}"
    return str(schema.get("type", ""))


def _linked(text: str) -> str:
    """A type whose shapes (``#Unit``) are links."""
    out = []
    for word in text.replace("[", " [").replace("}", " }").split(" "):
        out.append(f'<a href="{escape(word)}">{escape(word[1:])}</a>' if word.startswith("#") else escape(word))
    return " ".join(out).replace(" [", "[").replace(" }", "}")
