"""Addresses of callers, as limits count them."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

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


_INNER_NAMES = ("localhost", "internal", "local", "localdomain", "lan", "home", "intranet", "corp")
"""Last parts of names that stand for this machine or its network."""


def is_inner_host(host: str) -> bool:
    """Whether a host is, by the form of its name or address, inside this machine or its network.

    Addresses that programs read in other ways than people, such as ``127.1`` or ``0x7f000001``, count as inside. A name may still lead
    inside: whoever connects has to look at the address that it stands for.

    >>> [is_inner_host(host) for host in ("127.1", "10.0.0.8", "data.example.org", "[fe80::1%eth0]", "printer", "2001:4860::1")]
    [True, True, False, True, True, False]
    """
    name = host.strip("[]").rstrip(".").lower().partition("%")[0]
    try:
        return is_inner_address(ip_address(name))
    except ValueError:
        last = name.rpartition(".")[2]
        return "." not in name or last in _INNER_NAMES or not last[:1].isalpha()


def is_inner_address(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is not one of the open Internet: loopback, link-local, private, shared, multicast or reserved."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is not None:
            return is_inner_address(inner)
        if int(address) >> 32 == _NAT64:
            return is_inner_address(IPv4Address(int(address) & 0xFFFFFFFF))
    return not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified


_NAT64 = 0x64_FF9B_0000_0000_0000_0000
"""First 96 bits of IPv6 addresses that stand for IPv4 ones (RFC 6052)."""
