"""A department's program sends a file: it is kept at once, and the keeper lands it."""

from urllib.parse import quote

from sqlalchemy.exc import DBAPIError

from data.core.settings import settings
from data.core.viewer import Viewer
from data.database.transactions import write_transaction
from data.figures.types import VERSION
from data.hub.errors import EmptyPush, FeedNotForYou, KeyTaken, TooManyWaiting, UnknownFeed
from data.hub.matrix import find_city
from data.hub.types import PushAnswer
from data.queries.hub import statements as queries

_NOT_ALLOWED = "42501"


async def push(viewer: Viewer, feed: str, city: str | None, name: str, content: bytes, key: str | None) -> PushAnswer:
    """Take a file for a feed; the same key with the same file is the same delivery.

    Raises:
        UnknownHubCity, UnknownFeed: there is none, or not for this viewer.
        FeedNotForYou: it is another department's.
        KeyTaken: another file was sent with the same key.
        TooManyWaiting: the keeper has not landed what was sent before.
        EmptyPush: there is no file.
    """
    if not content:
        raise EmptyPush
    code = await find_city(viewer, city)
    bound = {"city": code, "feed": feed, "name": name, "content": content, "key": key, "via": "push"}
    try:
        async with write_transaction(viewer) as connection:
            told = (await connection.execute(queries.PUSH, bound)).scalar_one()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED:
            raise FeedNotForYou from None
        raise
    match told["result"]:
        case "unknown":
            raise UnknownFeed(code=feed[:60])
        case "key_taken":
            raise KeyTaken(id=told["id"])
        case "full":
            raise TooManyWaiting
    address = f"/api/feeds/{quote(feed)}/deliveries/{told['id']}?city={quote(code)}"
    return {"version": VERSION, "city": code, "feed": feed, "result": told["result"], "delivery": told["id"], "address": address}


def longest_push() -> int:
    """Bytes that one push may have."""
    return settings().feed_most_mb * 1_000_000
