"""The app's OpenAPI 3.1 document: completes it, and reads its operations and the shapes of their answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI

METHODS = ("get", "post")
_OF_FRAMEWORK = "Successful Response"
"""FastAPI's text for an answer without a description."""

Schema = Mapping[str, Any]
"""A JSON Schema, or another part of the document: any JSON object."""


def install(app: FastAPI) -> None:
    """Keep examples complete in an app's document: FastAPI removes every null, so required fields would be missing."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            restore_nulls(generate())
        return generate()

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI's documentation describes


def restore_nulls(document: Schema) -> None:
    """Put null for each required field that is missing from an example of an answer."""
    schemas = document.get("components", {}).get("schemas", {})
    for _, _, operation in list_operations(document):
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        if "example" in content:
            _restore(content["example"], content.get("schema", {}), schemas)


def _restore(value: object, schema: Schema, schemas: Mapping[str, Schema]) -> None:
    schema = schemas[str(schema["$ref"]).rsplit("/", 1)[-1]] if "$ref" in schema else schema
    if isinstance(value, dict):
        properties, other = schema.get("properties", {}), schema.get("additionalProperties")
        whole = {name: value.get(name) for name in properties if name in value or name in schema.get("required", [])}
        rest = {name: part for name, part in value.items() if name not in whole}
        value.clear()
        value.update(whole | rest)
        for name, part in value.items():
            _restore(part, properties.get(name) or (other if isinstance(other, Mapping) else {}), schemas)
    elif isinstance(value, list):
        for part in value:
            _restore(part, schema.get("items", {}), schemas)
    for choice in schema.get("anyOf", []):
        _restore(value, choice, schemas)


def list_operations(document: Schema) -> Iterator[tuple[str, str, Schema]]:
    """Path, method and operation of each route for programs (these have a tag); routes that only the page uses are left out."""
    for path, methods in sorted(document["paths"].items()):
        for method in METHODS:
            if methods.get(method, {}).get("tags"):
                yield path, method, methods[method]


def list_schemas(document: Schema) -> dict[str, Schema]:
    """The shapes that these operations answer with, by name."""
    known = document.get("components", {}).get("schemas", {})
    wanted: dict[str, Schema] = {}
    waiting = [name for _, _, operation in list_operations(document) for name in _references(operation)]
    while waiting:
        name = waiting.pop()
        if name in known and name not in wanted and "Validation" not in name:
            wanted[name] = known[name]
            waiting.extend(_references(known[name]))
    return wanted


def _references(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        if "$ref" in part:
            yield str(part["$ref"]).rsplit("/", 1)[-1]
        for value in part.values():
            yield from _references(value)
    elif isinstance(part, list):
        for value in part:
            yield from _references(value)


def first_paragraph(text: str | None) -> str:
    """The first paragraph of a description on one line; empty if the framework wrote the description."""
    return "" if text == _OF_FRAMEWORK else " ".join((text or "").split("\n\n")[0].split())


def name_type(schema: Schema) -> str:
    """A short name of a type, with a mark before names of shapes: ``#Unit[]``, ``integer | null``."""
    if "$ref" in schema:
        return "#" + str(schema["$ref"]).rsplit("/", 1)[-1]
    for together in ("anyOf", "allOf", "oneOf"):
        if together in schema:
            return " | ".join(name_type(part) for part in schema[together])
    if schema.get("type") == "array":
        inside = [name_type(part) for part in schema["prefixItems"]] if "prefixItems" in schema else [name_type(schema.get("items", {}))]
        return f"[{', '.join(inside)}]" if len(inside) > 1 else f"{inside[0]}[]"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"{{code: {name_type(schema['additionalProperties'])}}}"
    return str(schema.get("type", ""))
