"""Compares stored heads of the audit log with the log itself, and judges those that do not fit.

A head that does not fit is a fault, whatever log it names: a database that was made anew, or a copy under the name of the original, must
not hide the rows that only a stored head still knows of. The one explanation is a row ``log_restored`` that names the head's log and
a row that is as new (``data.auditing.restores``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from data.auditing.anchors import Anchor
from data.auditing.identity import identity_of_restore


@dataclass(slots=True)
class HeadComparison:
    """Heads, and what is known of them so far.

    Attributes:
        own: names of this log: its present identity, and how old lines name its database.
        last: number of the last row that passed.
        unfit: heads that name a row of this log with another hash, and the name of that row.
        explained: for each log that a restore names, the newest of its rows that the restore explains.
        in_force: the identity of the rows that pass now; empty before the first one.
        begun: every identity that was in force.
    """

    own: set[str] = field(default_factory=set)
    last: int = 0
    unfit: list[tuple[Anchor, str]] = field(default_factory=list)
    explained: dict[str, int] = field(default_factory=dict)
    in_force: str = ""
    begun: set[str] = field(default_factory=set)
    _waiting: dict[int, list[Anchor]] = field(default_factory=dict)

    @classmethod
    def begin(cls, heads: Iterable[Anchor], database: str = "") -> "HeadComparison":
        """A comparison that has seen no row yet."""
        made = cls({database} if database else set())
        for head in heads:
            made._waiting.setdefault(head.no, []).append(head)
        return made

    def pass_row(self, no: int, hashed: bytes, name: str) -> None:
        """Compare one row with the heads that name it; rows pass in their order."""
        self.unfit += [(head, name) for head in self._waiting.pop(no, ()) if head.hash != hashed]
        self.last = no

    def begin_identity(self, identity: str) -> None:
        """From now on rows have this identity. Nothing that an earlier row said explains its heads."""
        self.in_force = identity
        self.begun.add(identity)
        self.explained.pop(identity, None)

    def pass_restore(self, detail: Mapping[str, Any]) -> bool:
        """A row that says that the database was restored passes.

        It explains heads of logs that it ends or replaces, never those of the log that it begins: a huge number there would explain all
        that will ever be cut off.

        Returns:
            Whether the row is one that ``data.auditing.restores`` writes: it begins an identity that was never in force, and neither it nor
            an earlier row explains that one's heads. A row that begins none explains nothing.
        """
        identity = identity_of_restore(dict(detail))
        if identity is None or identity in self.begun:
            return False
        replaces = detail.get("replaces")
        for log, no in replaces.items() if isinstance(replaces, dict) else ():
            if isinstance(no, int):
                self.explained[log] = max(no, self.explained.get(log, 0))
        sound = identity not in self.explained
        self.begin_identity(identity)
        return sound

    def rewritten(self) -> list[str]:
        """Rows of this log that are not what a stored head of it says, in their order."""
        names = {name: None for head, name in self.unfit if head.log in self.own and not self._is_explained(head)}
        return list(names)

    def missing(self) -> tuple[int, int] | None:
        """The first and the last row that the log should have after its end; ``None`` where it is as long as its heads say."""
        after = [head.no for head in self._beyond() if head.no > self.last and head.log in self.own and not self._is_explained(head)]
        return (self.last + 1, max(after)) if after else None

    def foreign(self) -> dict[str, Anchor]:
        """The newest head of each other log that no restore explains."""
        newest: dict[str, Anchor] = {}
        for head in self.all_unfit():
            if head.log not in self.own and not self._is_explained(head):
                newest[head.log] = max(head, newest.get(head.log, head), key=lambda held: held.no)
        return newest

    def all_unfit(self) -> list[Anchor]:
        """Every head that does not fit, explained or not."""
        return [head for head, _ in self.unfit] + self._beyond()

    def _beyond(self) -> list[Anchor]:
        """Heads of rows that have not passed: after the end, or removed on the way."""
        return [head for _, held in sorted(self._waiting.items()) for head in held]

    def _is_explained(self, head: Anchor) -> bool:
        return head.no <= self.explained.get(head.log, 0)
