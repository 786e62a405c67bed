"""Numbers of rows in paths: ``/accounts/{number:id}``.

Starlette's own ``int`` calls Python's ``int()``, which raises for more than 4,300 digits.
"""

from starlette.convertors import Convertor, register_url_convertor

from data.core.text import parse_whole_number

NO_ROW = 0
"""No row has this number: PostgreSQL counts from 1."""


class IdConvertor(Convertor[int]):
    """A number of a row; one that PostgreSQL could not hold is that of no row."""

    regex = "[0-9]+"

    def convert(self, value: str) -> int:
        """From a path."""
        return parse_whole_number(value) or NO_ROW

    def to_string(self, value: int) -> str:
        """Into a path."""
        return str(value)


def register_id_numbers() -> None:
    """Let paths name such numbers as ``{number:id}``; to be called before the first route that does."""
    register_url_convertor("id", IdConvertor())
