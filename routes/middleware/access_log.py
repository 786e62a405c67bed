"""The server's access log holds who asked, how, and the path, but no query.

One-time links, device tokens, codes of the identity provider and words that people search for all stand in queries.
"""

import logging

ACCESS = "uvicorn.access"
_ADDRESS = 2
"""Which argument of uvicorn's line is the address: client, method, address, version of HTTP, status."""


class _WithoutQuery(logging.Filter):
    """Cuts the address in uvicorn's line at its “?”."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and len(record.args) > _ADDRESS:
            args = list(record.args)
            args[_ADDRESS] = str(args[_ADDRESS]).partition("?")[0]
            record.args = tuple(args)
        return True


_FILTER = _WithoutQuery()


def hide_queries() -> None:
    """Keep queries out of the access log, whoever starts the server and at whatever level. Calling it again changes nothing."""
    logging.getLogger(ACCESS).addFilter(_FILTER)
