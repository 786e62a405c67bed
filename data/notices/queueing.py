"""Puts messages that are not about late cases into the queue of notices."""

from collections.abc import Mapping
from datetime import datetime

from psycopg.types.json import Jsonb

from data.database.connections import Connection
from data.notices.addresses import is_address
from data.notices.escalation import is_allowed

_QUEUE = "INSERT INTO notice (city, channel, target, body, given_up_at, failure) VALUES (%s, %s, %s, %s, %s, %s)"
_WARNED = """
SELECT DISTINCT r.mail, r.hook FROM escalation_rule r JOIN area a ON a.code = r.area WHERE r.city = %s AND a.level = 'city'
"""


def queue_notice(connection: Connection, city: str, target: str, body: Mapping[str, object], now: datetime) -> None:
    """Queue a message in the caller's transaction; where its address can be none, or no setting allows its way out, it is kept as given up.

    Args:
        connection: the owner's.
        city: code.
        target: address for e-mail, or of a web hook.
        body: nothing personal; ``type`` says what it is about.
        now: the moment.
    """
    channel = "hook" if "://" in target else "mail"
    refused = "bad_address" if not is_address(target) else None if is_allowed(channel) else "not_set"
    connection.execute(_QUEUE, [city, channel, target, Jsonb(dict(body)), now if refused else None, refused])


def list_warned(connection: Connection, city: str) -> list[str]:
    """Addresses that are told of late cases of a city as a whole."""
    rows = connection.execute(_WARNED, [city]).fetchall()
    return list(dict.fromkeys(one for row in rows for one in row if one))
