"""The errors that people get to read. Each class has an HTTP status, a code and a sentence.

A sentence is a msgid of the catalogues with ``{named}`` places, so that it can be shown in the reader's language.
``routes/errors.py`` is the one place that turns an error into an answer.
"""

from collections.abc import Iterable
from typing import ClassVar, Self

from data.core.nearest import find_nearest_word


class GridwellError(Exception):
    """Base of all errors whose sentence is shown to a person."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = "Something went wrong."
    retry_s: int | None = None
    """Seconds after which it may help to ask again; ``None`` where waiting does not help."""

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__(self.sentence.format(**facts))


class UnknownArea(GridwellError):
    status, code, sentence = 404, "unknown_area", "There is no area with the code “{code}”."


class UnknownLayer(GridwellError):
    status, code, sentence = 404, "unknown_layer", "There is no tile layer called “{layer}”; the nearest is “{nearest}”."


class UnknownObject(GridwellError):
    status, code, sentence = 404, "unknown_object", "There is no {kind} with the key “{key}”."


class NoData(GridwellError):
    status, code, sentence = 503, "no_data", "There is no city in the database yet: import one, or make the demo city."


class BadPeriod(GridwellError):
    status, code, sentence = 422, "bad_period", "The period from “{start}” to “{end}” cannot be used: {reason}"


class BadInput(GridwellError):
    status, code, sentence = 422, "bad_input", "“{field}” cannot be “{value}”: {reason}"


class UnknownParameter(GridwellError):
    """An address has a parameter that nothing reads: leaving it out would answer something else than was asked."""

    status, code = 422, "unknown_parameter"
    sentence = "This address has no parameter “{name}”; the nearest is “{nearest}”. It reads: {known}."


class RepeatedParameter(GridwellError):
    """A parameter that holds one value is given several times: only one of them would be read."""

    status, code, sentence = 422, "repeated_parameter", "The parameter “{name}” may be given only once."


class UnknownName(GridwellError):
    """A value that must be one of some names is none of them."""

    status, code, sentence = 422, "unknown_name", "“{field}” cannot be “{value}”: there is no such name. The nearest is “{nearest}”."

    @classmethod
    def among(cls, field: str, value: str, known: Iterable[str]) -> Self:
        """The error for a value that is not among the known names."""
        return cls(field=field, value=value[:60], nearest=find_nearest_word(value, known))


class BadSetting(GridwellError):
    status, code, sentence = 500, "bad_setting", "The setting {name} cannot be “{value}”: it must be a whole number."


class TileOutOfRange(GridwellError):
    status, code, sentence = 404, "tile_out_of_range", "There is no tile {z}/{x}/{y}: {reason}"


class SignInNeeded(GridwellError):
    status, code, sentence = 401, "sign_in_needed", "Sign in first, or send a personal token as a Bearer token."


class NotOpen(GridwellError):
    status, code, sentence = 403, "not_open", "Your account has no access to this."


class Passing(GridwellError):
    """A problem that ends without anybody's help: the page keeps showing what it has, and asks again."""

    status = 503


class NotReady(Passing):
    code, sentence = "not_ready", "The database does not answer. Try again in a moment."
    retry_s = 2


class NotMigrated(NotReady):
    """The database holds none of our tables: somebody restores or re-creates it while the server runs."""

    code = "not_migrated"


class Busy(Passing):
    code, sentence = "busy", "The server is busy. Try again in a moment."
    retry_s = 1


class TooSlow(GridwellError):
    status, code, sentence = 503, "too_slow", "The answer took longer than {limit_ms} ms and was stopped."
    retry_s = 10


class TooManyRows(GridwellError):
    status, code, sentence = 422, "too_many_rows", "More than {cap} rows; ask for a smaller area or period."
