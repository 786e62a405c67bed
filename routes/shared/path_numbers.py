"""Numbers of rows in paths: ``/accounts/{number:id}``.

Starlette's own ``int`` calls Python's ``int()``, which raises for more than 4,300 digits.
"""

from starlette.convertors import Convertor, register_url_convertor

from data.core.text import parse_whole_number

NO_ROW = 0
"""No row has this number: PostgreSQL counts from 1."""


class IdConvertor(Convertor[int]):
    """The number of a row; a number too large for PostgreSQL belongs to no row."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """Read the number in a path."""
        return parse_whole_number(value) or NO_ROW

    def to_string(self, value: int) -> str:
        """Write the number into a path."""
        return str(value)


def register_id_numbers() -> None:
    """Let paths contain such numbers as ``{number:id}``; must be called before the first route that uses it."""
    register_url_convertor("id", IdConvertor())
