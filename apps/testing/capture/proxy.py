"""Who was the proxy in a capture, and a script that takes its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from relayscript.apps.testing.capture.reading import Carried
from relayscript.dsl import nodes
from relayscript.sip.transport import Address, Listener


@dataclass(frozen=True, slots=True)
class Proxy:
    """The address of the recorded proxy; it may have more, at the same host."""

    address: Address

    def has(self, address: Address, other: Address) -> bool:
        """An address is the proxy's, in traffic with another one: where both are on one host, it is exactly this."""
        return address == self.address or (address[0] == self.address[0] != other[0])

    def gets(self, carried: Carried) -> bool:
        """A message came to the proxy."""
        return self.has(carried.destination, carried.source) and carried.source != self.address

    def sends(self, carried: Carried) -> bool:
        """A message came from the proxy."""
        return self.has(carried.source, carried.destination)


def proxy_in(messages: Iterable[Carried], host: str = "", port: int = 0) -> Proxy | None:
    """The address that most messages go to or come from, at this host and port if they are given; None if there is
    none. Of addresses with as many messages the one that got the first request."""
    counts: Counter[Address] = Counter()
    asked: dict[Address, None] = {}
    for each in messages:
        counts.update((each.source, each.destination))
        if each.message.is_request:
            asked.setdefault(each.destination)
    fit = [address for address in counts if host in ("", address[0]) and port in (0, address[1])]
    order = list(asked)
    fit.sort(key=lambda each: (-counts[each], order.index(each) if each in asked else len(order)))
    return Proxy(fit[0]) if fit else None


def local_addresses(messages: Iterable[Carried], proxy: Proxy) -> list[tuple[str, Address]]:
    """Protocols and addresses at which the proxy got messages, or sent them over UDP; in the order they appear."""
    found: dict[tuple[str, Address], None] = {}
    for each in messages:
        if proxy.gets(each):
            found.setdefault((each.protocol, each.destination))
        elif proxy.sends(each) and each.protocol == "udp":
            found.setdefault((each.protocol, each.source))
    return list(found)


def moved(script: nodes.Script, wanted: list[tuple[str, Address]]) -> nodes.Script:
    """The script at these addresses: where none of its sockets is at one of them, one of the same protocol that is
    at none goes there. A socket with several ports stays."""
    taken = {place for item in script.items if (place := _place(item)) in wanted}
    left = [place for place in wanted if place not in taken]
    items = []
    for item in script.items:
        place = _place(item)
        goal = next((each for each in left if place and each[0] == place[0]), None) if place not in wanted else None
        if goal is not None and isinstance(item, nodes.Socket):
            left.remove(goal)
            host, port = goal[1]
            shown = f"[{host}]" if ":" in host else host
            item = replace(item, endpoint=replace(item.endpoint, host=shown, ports=((port, port),)))
        items.append(item)
    return replace(script, items=tuple(items))


def _place(item: nodes.Item) -> tuple[str, Address] | None:
    """Protocol and address of a socket with one port."""
    if not isinstance(item, nodes.Socket) or item.members:
        return None
    endpoint = item.endpoint
    ports = endpoint.ports or ((5060, 5060),)
    if len(ports) > 1 or ports[0][0] != ports[0][1]:
        return None
    return endpoint.protocol.lower(), (endpoint.host.strip("[]"), ports[0][0])


def socket_for(listeners: tuple[Listener, ...], protocol: str, address: Address) -> Listener:
    """The socket of a script that gets what came to an address: the one there, or else one of the protocol."""
    ranks = (
        lambda each: each.address == address and each.protocol == protocol,
        lambda each: each.address == address,
        lambda each: each.protocol == protocol,
    )
    for fits in ranks:
        if (found := next(filter(fits, listeners), None)) is not None:
            return found
    return listeners[0]
