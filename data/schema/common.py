"""Common parts of the tables: their metadata, and types of columns."""

import re

from geoalchemy2 import Geometry
from sqlalchemy import Column, MetaData, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import UserDefinedType


class Ltree(UserDefinedType[str]):
    """PostgreSQL's ``ltree``: a path of labels from the root."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "ltree"


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def point(srid: int = 4326) -> Geometry:
    """Type of a column of points; indexes are named by the tables."""
    return Geometry("POINT", srid=srid, spatial_index=False)


def polygons(srid: int = 4326) -> Geometry:
    """Type of a column of polygons with one or more parts."""
    return Geometry("MULTIPOLYGON", srid=srid, spatial_index=False)


def attributes() -> Column[dict[str, object]]:
    """Further fields of the publisher, unchanged."""
    return Column("attributes", JSONB, nullable=False, server_default=text("'{}'"))


def area_label(code: str) -> str:
    """The ltree label of an area code: letters and digits stay, every other character becomes its hex code point between ``_``.

    Distinct codes give distinct labels, because ``_`` itself is escaped too.
    """
    if code.isascii() and code.isalnum():
        return code  # nearly all codes; a page needs thousands of them
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in code)


def area_code(label: str) -> str:
    """The code of an area from its ltree label: the way back from ``area_label``."""
    return re.sub("_([0-9a-f]+)_", lambda found: chr(int(found[1], 16)), label)
