"""What a page says about what was just done, and where on the page it says it."""

from dataclasses import dataclass

from data.core.errors import GridwellError
from data.core.i18n import t, tell


@dataclass(frozen=True, slots=True)
class Message:
    """What a page says about the last request.

    Attributes:
        success: a sentence about what was done.
        error: a sentence about what was refused.
        secret: a token or address that is shown this once.
        field: id of the field that was refused; ``None`` where it was no field, and the sentence stands above everything.
    """

    success: str | None = None
    error: str | None = None
    secret: str | None = None
    field: str | None = None

    @property
    def general_error(self) -> str | None:
        """What was refused, where it belongs to no field."""
        return None if self.field else self.error

    def field_error(self, field: str) -> str | None:
        """What is wrong with a field."""
        return self.error if self.field == field else None

    @classmethod
    def from_error(cls, lang: str, error: GridwellError) -> "Message":
        """An error in words: beside its field only its reason, otherwise its whole sentence."""
        field, reason = error.facts.get("field"), error.facts.get("reason")
        sentence = t(lang, str(reason)) if field and reason else tell(lang, error)
        return cls(error=sentence[:1].upper() + sentence[1:], field=str(field) if field else None)


NO_MESSAGE = Message()
