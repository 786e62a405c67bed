"""Reads numbered events as a viewer: one statement as that viewer's database role, whose policies decide which events there are."""

from dataclasses import dataclass

from data.core.viewer import Viewer
from data.database.transactions import fetch_row
from data.live.event_ids import decode_id, encode_id
from data.queries.live import EVENTS_AFTER

PAGE = 500
"""Most events that are read at once."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far the numbering was when a page was read.

    Attributes:
        epoch: numbers count within it.
        key: hides the numbers in ids.
        last: the newest number.
        pruned: up to this number, events cannot be replayed.
    """

    epoch: str
    key: bytes
    last: int
    pruned: int

    def encode(self, seq: int) -> str:
        """The id of a number."""
        return encode_id(self.key, self.epoch, seq)

    def decode(self, given: str) -> int | None:
        """The number of an id; ``None`` where it is of another epoch, or none of ours."""
        return decode_id(self.key, self.epoch, given)


@dataclass(frozen=True, slots=True)
class EventPage:
    """The next events that a viewer may see.

    Attributes:
        position: how far the numbering was.
        through: this page holds whatever the viewer may see up to this number.
        count: of events.
        encoded: all of them, as a stream sends them.
    """

    position: Position
    through: int
    count: int
    encoded: bytes


async def read_events(viewer: Viewer, after: int | None, upto: int | None = None, most: int = PAGE) -> EventPage:
    """The next events after a number, as a viewer may see them.

    Args:
        viewer: whose rights count.
        after: the number; ``None`` reads no events, only how far the numbering is.
        upto: the last number to read; ``None`` for the newest.
        most: events of a page.

    Raises:
        NotReady, Busy, TooSlow: see ``data.database.transactions.read_transaction``.
    """
    row = await fetch_row(EVENTS_AFTER, {"after": after, "upto": upto, "most": most}, viewer, "events")
    epoch, key, last, pruned, seqs, kinds, bodies = row
    position = Position(epoch, bytes(key), last, pruned)
    seqs = seqs or []
    through = seqs[-1] if len(seqs) == most else last if upto is None else min(last, upto)
    told = zip(seqs, kinds or (), bodies or (), strict=True)
    encoded = "".join(f"id: {position.encode(seq)}\nevent: {kind}\ndata: {body}\n\n" for seq, kind, body in told)
    return EventPage(position, through, len(seqs), encoded.encode())
