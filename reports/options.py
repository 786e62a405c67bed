"""What a kind may choose of a section: each section declares a model, and it is checked when a kind is loaded."""

from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from data.core.nearest import find_nearest_word
from data.schema import LEVELS


class SectionOptions(BaseModel):
    """Options of a section; of this one itself: nothing can be chosen. A name or a type that is not declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def one_of(names: Iterable[str]) -> AfterValidator:
    """Only these names; another one is refused with the nearest of them."""
    known = tuple(names)

    def check(value: str) -> str:
        if value not in known:
            raise ValueError(f"there is no {value[:60]!r}; the nearest is {find_nearest_word(value, known)!r}")
        return value

    return AfterValidator(check)


Level = Annotated[str, one_of(LEVELS)]
Title = Annotated[str, Field(max_length=60)]
Limit = Annotated[int, Field(ge=1, le=200)]
"""How many rows at most."""
