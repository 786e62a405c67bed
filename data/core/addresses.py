"""Addresses of callers, as limits count them."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address

_HOST_BITS = 64
"""Bits of an IPv6 address that a subscriber chooses freely (RFC 6177, RFC 4291): as many addresses as it likes."""


@lru_cache(10_000)
def caller_of(address: str) -> str:
    """Whom an address stands for: itself for IPv4, the first 64 bits for IPv6, and the text as it is where it is no address.

    >>> caller_of("192.0.2.7"), caller_of("::ffff:192.0.2.7"), caller_of("2001:db8:1:2:3::4"), caller_of("a socket")
    ('192.0.2.7', '192.0.2.7', '2001:db8:1:2::/64', 'a socket')
    """
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> _HOST_BITS << _HOST_BITS)}/{_HOST_BITS}"
