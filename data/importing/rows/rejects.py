"""Rows that cannot be used, and repairs of those that can: collected while an import goes on."""

from collections import Counter
from dataclasses import dataclass, field

from data.core.text import defuse
from data.importing.common.sentences import FORGIVEN, ImportRefused, Sentence
from data.importing.profile.source import Source, allowed_rows

_REPEATED: dict[str, tuple[str, ...]] = {"reject": (), "first": ("duplicate_key",), "last": ("superseded",)}
"""Reasons that a source forgives by what it says of rows with one key."""
MOST_REJECTS = 2_000_000
"""Each takes half a kilobyte of memory, of a file whose rows may be two bytes long."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that was not loaded; ``line`` counts from 1."""

    source: str
    file: str
    line: int
    column: str | None
    value: str | None
    sentence: Sentence

    @property
    def reason(self) -> str:
        return self.sentence.reason

    def more_facts(self) -> dict[str, object]:
        """Facts of the sentence beside file, line, column and value, so that it can be told in another language later."""
        return self.sentence.plain_facts(("file", "line", "column", "value"))


@dataclass
class Tally:
    """What was read from one file."""

    subject: str
    source: str
    file: str
    read: int = 0
    rejected: int = 0
    left_out: int = 0

    @property
    def loaded(self) -> int:
        return self.read - self.rejected


@dataclass
class Ledger:
    """Everything an import counts; ``read = loaded + rejected`` holds for every file by construction."""

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    repairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    remarks: list[tuple[str, Sentence]] = field(default_factory=list)
    refusals: list[Sentence] = field(default_factory=list)

    def tally(self, source: Source, subject: str, file: str) -> Tally:
        """The count of one file of one source."""
        return self.tallies.setdefault((source.key, file), Tally(subject, source.key, file))

    def reject(
        self, source: Source, file: str, line: int, reason: str, column: str | None, value: object, wording: str = "", **facts: object
    ) -> None:
        """Note one row as not loaded.

        Raises:
            ImportRefused: there are more than anybody looks at, and than memory may hold.
        """
        shown = None if value is None else source.quote_value(defuse(str(value)[:200]), column)
        column = None if column is None else defuse(column[:200])
        told = Sentence(reason, {"file": file, "line": line, "column": column or "", "value": shown or "", **facts}, wording)
        self.rejects.append(Reject(source.key, file, line, column, shown, told))
        self.tallies[(source.key, file)].rejected += 1
        if len(self.rejects) > MOST_REJECTS:
            raise ImportRefused([Sentence("many_rejects", {"file": file, "most": f"{MOST_REJECTS:,}"})])

    def list_in_order(self) -> list[Reject]:
        """All rejects in the order of the files and their lines; they were found check by check."""
        places = {name: place for place, name in enumerate(self.tallies)}
        return sorted(self.rejects, key=lambda r: (places.get((r.source, r.file), -1), r.line))

    def repair(self, source: Source, reason: str, count: int = 1) -> None:
        """Count rows that were kept, but changed."""
        if count:
            self.repairs[(source.key, reason)] += count

    def read_rows(self, source: Source) -> int:
        """Rows read by one source."""
        return sum(t.read for (key, _), t in self.tallies.items() if key == source.key)

    def unforgiven(self, source: Source) -> list[Reject]:
        """Rejects of a source that its profile does not allow by their reason."""
        allowed = {*source.allow, *FORGIVEN, *_REPEATED[source.duplicates]}
        return [r for r in self.rejects if r.source == source.key and r.reason not in allowed]

    def verdict(self, source: Source, max_rejected: str | None) -> Sentence | None:
        """Why this source may not be imported, or ``None`` if it may."""
        found = self.unforgiven(source)
        read = self.read_rows(source)
        allowed = max_rejected if max_rejected is not None else source.max_rejected
        if len(found) <= allowed_rows(allowed, read):
            return None
        return Sentence("too_many", {"source": source.key, "rejected": len(found), "read": read, "allowed": str(allowed)})
