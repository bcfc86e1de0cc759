"""Where a request goes next: from `$du` or the R-URI to one of our sockets and an address (RFC 3263)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from relayscript.interpreter.context import Branch
from relayscript.interpreter.waiting import wait
from relayscript.sip.errors import SipError
from relayscript.sip.transport import DEFAULT_PORTS, Address, Listener
from relayscript.sip.uri import Uri, parse_uri

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

NO_DESTINATION = -3
BAD_URI = -4
NO_ADDRESS = -4
NO_SOCKET = -6
"""What `t_relay` returns if there is nowhere to send to (tm manual, `t_relay`)."""


class Unreachable(Exception):  # noqa: N818 - a finding, not a fault of ours
    """A request cannot be sent; `code` is what `t_relay` returns for it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def next_hop(
    runtime: Runtime, branch: Branch, received_on: Listener | None = None
) -> tuple[Listener, Address]:
    """The socket and address for a branch; looks a host name up, giving way to others meanwhile.

    Raises Unreachable.
    """
    listener, addresses = next_hops(runtime, branch, received_on)
    return listener, addresses[0]


def next_hops(
    runtime: Runtime, branch: Branch, received_on: Listener | None = None
) -> tuple[Listener, list[Address]]:
    """The socket for a branch, and all addresses of its next hop, the one to try first in front (RFC 3263 4.3).

    Looks a host name up, giving way to others meanwhile. Raises Unreachable.
    """
    protocol, host, port = _target(branch.duri or branch.uri)
    listener = choose_listener(runtime, protocol, host, branch.socket, received_on)
    return listener, [(found, port) for found in look_up(runtime, host)]


@lru_cache(maxsize=1024)
def _target(text: str) -> tuple[str, str, int]:
    """Transport, host (without brackets) and port that a URI leads to. Raises Unreachable."""
    try:
        uri = parse_uri(text)
    except SipError as error:
        raise Unreachable(BAD_URI, f"bad URI {text[:80]!r}: {error}") from None
    protocol = transport(uri)
    host = (uri.param("maddr") or uri.host).strip("[]")
    if not host:
        raise Unreachable(BAD_URI, f"no host in URI {text[:80]!r}")
    return protocol, host, uri.port or DEFAULT_PORTS.get(protocol, 5060)


def transport(uri: Uri) -> str:
    """The transport a URI asks for: its parameter, else UDP; for `sips:` the secure one (RFC 3261 26.2.2, RFC 7118)."""
    asked = (uri.param("transport") or "udp").lower()
    if uri.scheme == "sips":
        return "wss" if asked in ("ws", "wss") else "tls"
    return asked


def choose_listener(
    runtime: Runtime, protocol: str, host: str, forced: Listener | None, received_on: Listener | None
) -> Listener:
    """The socket to send from: the forced one, else the receiving one, else the first that fits."""
    if forced is not None and forced.protocol == protocol:
        return forced
    version = 6 if ":" in host else 4
    if received_on is not None and _fits(received_on, protocol, version):
        return received_on
    for listener in runtime.listeners:
        if _fits(listener, protocol, version):
            return listener
    raise Unreachable(NO_SOCKET, f"no socket of ours for {protocol} to {host}")


def _fits(listener: Listener, protocol: str, version: int) -> bool:
    return listener.protocol == protocol and (6 if ":" in listener.host else 4) == version


def look_up(runtime: Runtime, host: str) -> list[str]:
    """The IP addresses of a host: itself if it is one, else those that the host's resolver knows."""
    if _is_ip(host):
        return [host]
    found: list[str] = wait(lambda done: runtime.host.resolve(host, done))
    if not found:
        raise Unreachable(NO_ADDRESS, f"the name {host[:80]} has no address")
    return found


def _is_ip(host: str) -> bool:
    if host.replace(".", "").isdigit():
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
