"""`{ip...}`: IP addresses as text and as bytes (language.md 5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from relayscript.interpreter.transformations.arguments import Args, Unfit, text_argument, text_input
from relayscript.interpreter.values import Value

PRIVATE = tuple(
    IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8")
)
"""RFC 1918, RFC 6598 and the loopback."""
LONGEST = 64
"""More characters than any address has."""

_FAMILIES = {4: "INET", 16: "INET6"}


def address(text: str) -> IPv4Address | IPv6Address | None:
    """The address a text is, brackets around IPv6 allowed; None if it is none."""
    return _known(text) if len(text) <= LONGEST else None


@lru_cache(maxsize=4096)
def _known(text: str) -> IPv4Address | IPv6Address | None:
    if text.startswith("[") and text.endswith("]") and ":" in text:
        text = text[1:-1]
    try:
        return ip_address(text) if "%" not in text else None
    except ValueError:
        return None


def _input(value: Value) -> IPv4Address | IPv6Address | None:
    """The address; None for other text. Raises Unfit for an empty one."""
    text = text_input(value)
    if not text:
        raise Unfit
    return address(text)


def pton(value: Value, args: Args) -> Value:
    """`{ip.pton}`: the 4 or 16 bytes of an address."""
    found = _input(value)
    return None if found is None else found.packed.decode("latin-1")


def ntop(value: Value, args: Args) -> Value:
    """`{ip.ntop}`: the text of 4 or 16 bytes; IPv6 in eight upper-case groups, not compressed."""
    text = text_input(value)
    if len(text) == 4:
        return str(IPv4Address(text.encode("latin-1")))
    if len(text) == 16:
        return ":".join(f"{ord(text[i]) << 8 | ord(text[i + 1]):X}" for i in range(0, 16, 2))
    return None


def family(value: Value, args: Args) -> Value:
    """`{ip.family}`: `INET` or `INET6` for 4 or 16 bytes."""
    return _FAMILIES.get(len(text_input(value)))


def isip(value: Value, args: Args) -> Value:
    """`{ip.isip}`: 1 for an address, 0 for other text."""
    return 0 if _input(value) is None else 1


def isip4(value: Value, args: Args) -> Value:
    """`{ip.isip4}`: 1 for an IPv4 address."""
    return 1 if isinstance(_input(value), IPv4Address) else 0


def isip6(value: Value, args: Args) -> Value:
    """`{ip.isip6}`: 1 for an IPv6 address."""
    return 1 if isinstance(_input(value), IPv6Address) else 0


def isprivate(value: Value, args: Args) -> Value:
    """`{ip.isprivate}`: 1 for a private, shared or loopback IPv4 address."""
    found = _input(value)
    return 1 if isinstance(found, IPv4Address) and any(found in network for network in PRIVATE) else 0


def matches(value: Value, args: Args) -> Value:
    """`{ip.matches,ip/len}`: 1 if the address is in the network; NULL if one of them is none, or families differ."""
    found, network = _input(value), _network(text_argument(args, 0))
    if found is None or network is None or found.version != network.version:
        return None
    return 1 if found in network else 0


@lru_cache(maxsize=1024)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    host, slash, length = text.strip().partition("/")
    if not slash or not (length.isascii() and length.isdigit()):
        return None
    try:
        return ip_network(f"{host.strip('[]')}/{length}", strict=False)
    except ValueError:
        return None


IP: dict[tuple[str, str], Callable[[Value, Args], Value]] = {
    ("ip", "pton"): pton,
    ("ip", "ntop"): ntop,
    ("ip", "family"): family,
    ("ip", "isip"): isip,
    ("ip", "isip4"): isip4,
    ("ip", "isip6"): isip6,
    ("ip", "isprivate"): isprivate,
    ("ip", "matches"): matches,
}
