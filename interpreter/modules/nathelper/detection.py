"""Whether a phone is behind NAT (nathelper manual; RFC 1918, RFC 6598, RFC 6333)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, ip_address

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.modules.nathelper.contact import contacts
from relayscript.interpreter.modules.nathelper.sdp import named_flags
from relayscript.sip.bodies import sdp_parts
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.sdp import Description
from relayscript.sip.transport import DEFAULT_PORTS
from relayscript.sip.uri import Uri

PRIVATE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
"""RFC 1918 and RFC 6598 3."""

DS_LITE = (IPv4Network("192.0.0.0/29"),)
"""RFC 6333 5.7: between a carrier's translator and its customers."""


class DetectionFunctions(Module):
    """Tests of where a message says that it comes from."""

    @function()
    def nat_uac_test(self, context: Context, flags: str) -> int:
        """Whether any of the tests finds signs of NAT: 1 or -1 (also for a message that cannot be read)."""
        wanted = named_flags(flags, tuple(TESTS))
        if wanted is None:
            context.log(-1, f"nat_uac_test: unknown test in {flags!r}")
            return -1
        try:
            return 1 if any(test(context.message) for name, test in TESTS.items() if name in wanted) else -1
        except SipError as error:
            context.log(-1, f"nat_uac_test: {error}")
            return -1


def is_in(host: str, networks: tuple[IPv4Network, ...]) -> bool:
    """Whether a host is an address in one of the networks; a name is not."""
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        return False
    return isinstance(address, IPv4Address) and any(address in network for network in networks)


def _contact_uris(message: Message) -> list[Uri]:
    return [each.parsed_uri for each in contacts(message)]


def _port(port: int | None, protocol: str) -> int:
    return DEFAULT_PORTS.get(protocol.lower(), 5060) if port is None else port


def private_contact(message: Message) -> bool:
    """A contact has a private address."""
    return any(is_in(uri.host, PRIVATE) for uri in _contact_uris(message))


def carrier_contact(message: Message) -> bool:
    """A contact has an address of a carrier's own network."""
    return any(is_in(uri.host, DS_LITE) for uri in _contact_uris(message))


def private_via(message: Message) -> bool:
    """The topmost Via has a private address."""
    return is_in(message.top_via.host, PRIVATE)


def other_ip_than_via(message: Message) -> bool:
    """The message came from another address than its topmost Via says."""
    return message.top_via.host.strip("[]") != message.source[0]


def other_port_than_via(message: Message) -> bool:
    """The message came from another port than its topmost Via says."""
    via = message.top_via
    return _port(via.port, via.transport) != message.source[1]


def private_sdp(message: Message) -> bool:
    """The session description has a private address for media."""
    for part in sdp_parts(message.header("content-type") or "", message.body):
        description = Description(part.of(message.body))
        for line, text in enumerate(description.lines):
            address = description.address(line) if text.startswith("c=") else None
            if address is not None and is_in(address.host, PRIVATE):
                return True
    return False


def other_ip_than_contact(message: Message) -> bool:
    """The message came from another address than its first contact has."""
    found = _contact_uris(message)[:1]
    return any(uri.host.strip("[]") != message.source[0] for uri in found)


def other_port_than_contact(message: Message) -> bool:
    """The message came from another port than its first contact has."""
    found = _contact_uris(message)[:1]
    return any(_port(uri.port, uri.transport or "udp") != message.source[1] for uri in found)


TESTS: dict[str, Callable[[Message], bool]] = {
    "private-contact": private_contact, "diff-ip-src-via": other_ip_than_via, "private-via": private_via,
    "private-sdp": private_sdp, "diff-port-src-via": other_port_than_via,
    "diff-ip-src-contact": other_ip_than_contact, "diff-port-src-contact": other_port_than_contact,
    "carrier-grade-nat": carrier_contact,
}  # fmt: skip
"""In old scripts their numbers are 1, 2, 4 and so on."""
