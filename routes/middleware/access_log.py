"""The server's access log holds the client, the method and the path of a request, but never its query, nor a token in a path.

Queries hold one-time links, device tokens, codes of the identity provider, and the words that people search for. The address of a calendar
is its token.
"""

import logging

from routes.shared.hidden_tokens import hide_token

ACCESS = "uvicorn.access"
_ADDRESS = 2
"""Position of the address among the arguments of uvicorn's log line: client, method, address, version of HTTP, status."""


class _WithoutQuery(logging.Filter):
    """Cuts off the address in uvicorn's log line at its “?”, and takes out a token."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and len(record.args) > _ADDRESS:
            args = list(record.args)
            args[_ADDRESS] = hide_token(str(args[_ADDRESS]).partition("?")[0])
            record.args = tuple(args)
        return True


_FILTER = _WithoutQuery()


def hide_queries() -> None:
    """Keep queries out of the access log, however the server is started and at every log level. A second call changes nothing."""
    logging.getLogger(ACCESS).addFilter(_FILTER)
