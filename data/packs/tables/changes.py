"""What installing a pack changes in its tables: each change with one sentence. Nothing is ever dropped, and nothing is narrowed."""

from dataclasses import dataclass, field
from typing import Literal

from data.core.errors import GridwellError
from data.core.i18n import t

What = Literal["table", "column", "wider", "kept_column", "kept_table", "narrower", "key", "foreign"]

CHANGE_SENTENCES: dict[What, str] = {
    "table": "Makes the table of “{kind}”: {table}.",
    "column": "Adds the column “{field}” to “{kind}”; records that are there have nothing in it.",
    "wider": "Widens “{field}” of “{kind}” from {before} to {after}; what is there stays as it is.",
    "kept_column": "Keeps the column “{field}” of “{kind}”, which is no longer declared, and what is in it.",
    "kept_table": "Keeps the table of “{kind}”, which is no longer declared, and its records.",
    "narrower": "“{field}” of “{kind}” cannot become {after}: it holds {before}, and some of it might not fit. "
    "Declare a field with another name.",
    "key": "The key of “{kind}” cannot change from {before} to {after}: records that are there would no longer be told apart as they were. "
    "Declare a kind with another name.",
    "foreign": "“{kind}” cannot have the table {table}: that one belongs to {owner}. Give the kind another name.",
}
REFUSALS: tuple[What, ...] = ("narrower", "key", "foreign")


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        what: which it is; see ``CHANGE_SENTENCES``.
        kind: code of the kind.
        facts: what the sentence names beside the kind.
    """

    what: What
    kind: str
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def is_refused(self) -> bool:
        """Whether it is not made, nor any other one beside it."""
        return self.what in REFUSALS

    @property
    def is_work(self) -> bool:
        """Whether anything is done; what is kept only is told."""
        return self.what in ("table", "column", "wider")

    def tell(self, lang: str) -> str:
        """Its sentence in ``lang``."""
        return t(lang, CHANGE_SENTENCES[self.what], kind=self.kind, **self.facts)


class ChangesRefused(GridwellError):
    """A pack whose tables cannot follow it; everything is as it was."""

    status, code, sentence = 422, "pack_changes_refused", "The pack “{pack}” was not installed, and everything is as it was: {first}"

    def __init__(self, pack: str, changes: list[Change]) -> None:
        self.changes = changes
        super().__init__(pack=pack, first=changes[0].tell("en"))


class PackIsOlder(GridwellError):
    """A version that was installed before."""

    status, code = 409, "pack_is_older"
    sentence = "Version {found} of the pack “{pack}” is older than version {installed}, which is installed."


class VersionNotCounted(GridwellError):
    """A declaration that changed without its version."""

    status, code = 409, "pack_version"
    sentence = (
        "The pack “{pack}” has changed since its version {installed} was installed. Count `version` up, so that both can be told apart."
    )
