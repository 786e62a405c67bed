"""What the server's log may hold of a request: who, how, and the path. What stands behind the “?” can let somebody in, or be a name."""

import logging

ACCESS = "uvicorn.access"
_TARGET = 2
"""Which argument of uvicorn's line is the address: client, method, address, version of HTTP, status."""


class _WithoutQuery(logging.Filter):
    """One-time links, device tokens, codes of the identity provider and words that are searched for all stand in queries."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and len(record.args) > _TARGET:
            args = list(record.args)
            args[_TARGET] = str(args[_TARGET]).partition("?")[0]
            record.args = tuple(args)
        return True


_FILTER = _WithoutQuery()


def install() -> None:
    """Keep queries out of the access log, whoever starts the server and at whatever level. Doing it again changes nothing."""
    logging.getLogger(ACCESS).addFilter(_FILTER)
