"""What a page has to say about what was just done, and where on the page it says it."""

from dataclasses import dataclass

from data.core.errors import GridwellError
from data.core.i18n import t, tell


@dataclass(frozen=True, slots=True)
class Said:
    """What the page has to say.

    Attributes:
        done: a sentence about what was done.
        refused: one about what was not.
        secret: a token or address that is shown this once.
        at: id of the field that was refused; ``None`` where it was no field, and the sentence stands above everything.
    """

    done: str | None = None
    refused: str | None = None
    secret: str | None = None
    at: str | None = None

    @property
    def above(self) -> str | None:
        """What was refused and belongs to no field."""
        return None if self.at else self.refused

    def error(self, *fields: str) -> str | None:
        """What is wrong with a field, or one of several."""
        return self.refused if self.at in fields else None

    @classmethod
    def of(cls, lang: str, error: GridwellError) -> "Said":
        """An error in words: beside its field, where it has one, its reason alone."""
        at, reason = error.facts.get("field"), error.facts.get("reason")
        sentence = t(lang, str(reason)) if at and reason else tell(lang, error)
        return cls(refused=sentence[:1].upper() + sentence[1:], at=str(at) if at else None)


NOTHING = Said()
