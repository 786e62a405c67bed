"""Reads single headers of a request. Starlette's ``Headers`` copies and encodes more than the many requests for tiles need."""

from starlette.types import Scope


def find_header(scope: Scope, name: bytes) -> str:
    """The first header of a name (in small letters), or an empty text if there is none."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value, "latin-1")
    return ""
