"""What a page says about the last request, and at which place on the page."""

from dataclasses import dataclass

from data.core.errors import GridwellError
from data.core.i18n import t, tell


@dataclass(frozen=True, slots=True)
class Message:
    """What a page says about the last request.

    Attributes:
        success: a sentence about what was done.
        error: a sentence about what was refused.
        secret: a token or address that is shown only once.
        field: id of the field that was refused; ``None`` if no field was refused; the sentence is then at the top of the page.
    """

    success: str | None = None
    error: str | None = None
    secret: str | None = None
    field: str | None = None

    @property
    def general_error(self) -> str | None:
        """The error that belongs to no field."""
        return None if self.field else self.error

    def field_error(self, field: str) -> str | None:
        """The error of one field."""
        return self.error if self.field == field else None

    @classmethod
    def from_error(cls, lang: str, error: GridwellError) -> "Message":
        """An error in words: next to its field only the reason, otherwise the whole sentence."""
        field, reason = error.facts.get("field"), error.facts.get("reason")
        sentence = t(lang, str(reason)) if field and reason else tell(lang, error)
        return cls(error=sentence[:1].upper() + sentence[1:], field=str(field) if field else None)


NO_MESSAGE = Message()
