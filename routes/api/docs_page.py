"""What the documentation page shows, read from an OpenAPI 3.1 document.

Summaries and descriptions of the document are msgids; the page shows them in the reader's language.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote, urlencode

from data.core.i18n import languages, t
from routes.api.openapi import Schema, first_paragraph, list_operations, list_schemas, name_type
from routes.shared.language import LANGUAGE_NAMES

CITY = "city"
"""Name of examples that can be replaced by any city."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a description: plain text or code."""

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class TypeWord:
    """A piece of a type; ``shape`` is the name of the shape that it links to."""

    text: str
    shape: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """An address that can be tried, and its answer as JSON; empty where there is no example of an answer."""

    address: str
    answer: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an operation; ``default`` is JSON."""

    name: str
    type: str
    required: bool
    description: Sequence[Piece]
    default: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an operation with one status code."""

    status: str
    type: Sequence[TypeWord]
    description: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Operation:
    """One request that the interface offers."""

    anchor: str
    method: str
    path: str
    summary: str
    description: Sequence[Piece]
    parameters: Sequence[Parameter]
    answers: Sequence[Answer]
    example: Example | None


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a shape."""

    name: str
    type: Sequence[TypeWord]
    description: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of object that answers contain."""

    name: str
    description: Sequence[Piece]
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class DocsPage:
    """The whole page.

    Attributes:
        server: address of this server, for the example of a command.
        languages: in which the page can be shown, as code and name.
        operations: the requests that the interface offers.
        shapes: the objects in the answers.
    """

    template: ClassVar[str] = "api/docs.html"
    server: str
    languages: Sequence[tuple[str, str]]
    operations: Sequence[Operation]
    shapes: Sequence[Shape]


def read_document(document: Schema, lang: str, server: str, city: str) -> DocsPage:
    """The page for an OpenAPI document.

    Args:
        document: an OpenAPI 3.1 document.
        lang: language of the page.
        server: address of this server.
        city: code of a city that the reader may see, for addresses that can be tried.
    """
    return DocsPage(
        server=server,
        languages=[(code, LANGUAGE_NAMES.get(code, code)) for code in languages()],
        operations=[_operation(lang, *found, city) for found in list_operations(document)],
        shapes=[_shape(lang, name, schema) for name, schema in sorted(list_schemas(document).items())],
    )


def _operation(lang: str, path: str, method: str, operation: Schema, city: str) -> Operation:
    return Operation(
        anchor=quote(path.strip("/").replace("/", "-").replace("{", "").replace("}", ""), safe=""),
        method=method.upper(),
        path=path,
        summary=t(lang, operation.get("summary", "")),
        description=_prose(lang, operation.get("description")),
        parameters=[_parameter(lang, one) for one in operation.get("parameters", [])],
        answers=[_answer(lang, status, answer) for status, answer in sorted(operation["responses"].items())],
        example=make_example(path, operation, city),
    )


def _parameter(lang: str, parameter: Schema) -> Parameter:
    default = parameter["schema"].get("default")
    return Parameter(
        name=parameter["name"],
        type=name_type(parameter["schema"]),
        required=bool(parameter.get("required")),
        description=_prose(lang, parameter.get("description")),
        default=None if default in (None, []) else json.dumps(default),
    )


def _answer(lang: str, status: str, answer: Schema) -> Answer:
    kinds = answer.get("content", {})
    schema = next(iter(kinds.values())).get("schema", {}) if kinds else {}
    return Answer(status, _type(schema), _prose(lang, answer.get("description")))


def _shape(lang: str, name: str, schema: Schema) -> Shape:
    fields = [Field(field, _type(part), _prose(lang, part.get("description"))) for field, part in schema.get("properties", {}).items()]
    return Shape(name, _prose(lang, schema.get("description")), fields)


def make_example(path: str, operation: Schema, city: str) -> Example | None:
    """An address that can be tried; ``None`` if a required parameter has no example. An optional one is in it if it has an example.

    An operation without parameters can always be tried, but not one that needs a body.
    """
    if "requestBody" in operation:
        return None
    address, query = path, {}
    for parameter in operation.get("parameters", []):
        if not parameter.get("required") and "examples" not in parameter:
            continue
        if (value := _example_value(parameter, city)) is None:
            return None
        if parameter["in"] == "path":
            address = address.replace(f"{{{parameter['name']}}}", quote(value, safe=""))
        else:
            query[parameter["name"]] = value
    return Example(f"{address}?{urlencode(query)}" if query else address, _example_answer(operation))


def _example_value(parameter: Schema, city: str) -> str | None:
    for name, example in parameter.get("examples", {}).items():
        return city if name == CITY else str(example["value"])
    return None


def _example_answer(operation: Schema) -> str:
    content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
    return json.dumps(content["example"], ensure_ascii=False, indent=2) if "example" in content else ""


def _prose(lang: str, text: str | None) -> list[Piece]:
    """The first paragraph of a description in the reader's language; text in double backticks is code."""
    first = first_paragraph(text)
    parts = re.split(r"``(.+?)``", t(lang, first)) if first else []
    return [Piece(part, bool(number % 2)) for number, part in enumerate(parts) if part]


def _type(schema: Schema) -> list[TypeWord]:
    """A type whose shapes (``#Unit``) are links."""
    words = (word for word in re.split(r"(#\w+)", name_type(schema)) if word)
    return [TypeWord(word.removeprefix("#"), word[1:] if word.startswith("#") else None) for word in words]
