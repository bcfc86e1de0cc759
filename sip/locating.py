"""Where a SIP URI leads, in order of preference (RFC 3263 4): a search that asks for DNS records, and never looks.

`locate()` yields a `Question` and is sent the records that answer it, or yields a `Hop`, the next one to try.
Nothing is asked before it is needed, and never more than `MOST_QUESTIONS`: a zone can neither hold the search
up nor lead it round in circles.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

from relayscript.sip.transport import DEFAULT_PORTS, Address
from relayscript.sip.uri import Uri

MOST_QUESTIONS = 32
"""How many questions one search asks."""

MOST_HOPS = 12
"""How many places one search leads to."""

MOST_ALIASES = 8
"""How many aliases (CNAME) are followed behind one another."""

SECURE = frozenset(("tls", "wss"))
"""The transports that a `sips` URI may use (RFC 3261 26.2.2)."""

SERVICES = {
    "sip+d2u": "udp", "sip+d2t": "tcp", "sips+d2t": "tls", "sip+d2s": "sctp", "sip+d2w": "ws", "sips+d2w": "wss",
}  # fmt: skip
"""Transports by the service field of a NAPTR record (RFC 3263 4.1, RFC 7118 10.4)."""

PREFIXES = {
    "udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp", "sctp": "_sip._sctp", "ws": "_sip._ws",
    "wss": "_sips._ws",
}  # fmt: skip
"""What the names of SRV records begin with, by transport; in the order in which they are looked for."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of DNS: a name without final dot, and `NAPTR`, `SRV`, `A`, `AAAA` or `PTR`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Naptr:
    """A NAPTR record, without its regular expression (RFC 3403 4.1)."""

    order: int
    preference: int
    flags: str
    service: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Srv:
    """An SRV record (RFC 2782); an empty target says that there is no such service."""

    priority: int
    weight: int
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class Alias:
    """A CNAME record: ask for the target instead. A PTR record: the target is the host of an address."""

    target: str


Record = Naptr | Srv | Alias | str
"""A text is the IP address of an A or AAAA record."""

Records = tuple[Record, ...]
"""All records that answer a question; none if the name has no such ones."""


class Silence(Exception):  # noqa: N818 - what happens to a question, not a fault of ours
    """No name server answers: what is thrown into a search, which then is over."""


@dataclass(frozen=True, slots=True)
class Hop:
    """A place to send to: transport, IP address and port."""

    protocol: str
    address: Address


@dataclass(frozen=True, slots=True)
class Target:
    """What a URI says of where it leads: host without brackets, port and transport if it gives them."""

    host: str
    port: int | None = None
    protocol: str = ""
    is_secure: bool = False

    @classmethod
    def of(cls, uri: Uri) -> Target:
        """That of a URI; a `tel` URI has no host. `maddr` is taken for the host (RFC 3261 19.1.1)."""
        host = (uri.param("maddr") or uri.host).strip("[]")
        protocol = (uri.param("transport") or "").lower()
        secure = uri.scheme == "sips"
        if secure and protocol:
            protocol = "wss" if protocol in ("ws", "wss") else "tls"
        return cls(host, uri.port, protocol, secure)

    @property
    def default_protocol(self) -> str:
        """The transport if neither the URI nor DNS names one (RFC 3263 4.1)."""
        return self.protocol or ("tls" if self.is_secure else "udp")

    def direct(self) -> Hop | None:
        """The one place that it leads to without any question; None if the host is a name."""
        if not is_ip(self.host):
            return None
        protocol = self.default_protocol
        port = default_port(protocol) if self.port is None else self.port
        return Hop(protocol, (self.host, port))


@dataclass(frozen=True, slots=True)
class Policy:
    """What a search may use: our transports, whether NAPTR records are asked for, the kinds of address records in the
    order in which they are asked for until one has addresses, and a number from 0 up to, not including, a limit.
    """

    transports: frozenset[str]
    draw: Callable[[int], int]
    asks_naptr: bool = True
    kinds: tuple[str, ...] = ("A",)


Search = Generator[Question | Hop, Records, None]


def locate(target: Target, policy: Policy) -> Search:
    """The hops of a target, best first, at most `MOST_HOPS`, none of them twice.

    Without a name server that answers (`Silence` thrown in) the search ends: to ask on would take as long again.
    """
    given: set[Hop] = set()
    steps = _Search(policy).steps(target)
    try:
        step = next(steps)
        while len(given) < MOST_HOPS:
            records: Records = ()
            if isinstance(step, Question):
                records = yield step
            elif step not in given:
                given.add(step)
                yield step
            step = steps.send(records)
    except (StopIteration, Silence):
        return


class _Search:
    """The questions of one search, counted."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._left = MOST_QUESTIONS

    def steps(self, target: Target) -> Search:
        """All hops of a target (RFC 3263 4.1, 4.2)."""
        direct = target.direct()
        if direct is not None:
            yield direct
        elif target.port is not None:
            yield from self._addresses(target.host, target.port, target.default_protocol)
        elif target.protocol:
            yield from self._by_transport(target)
        else:
            yield from self._by_preference(target)

    def _by_transport(self, target: Target) -> Search:
        """The transport is given: its servers, else the host itself."""
        prefix = PREFIXES.get(target.protocol)
        servers = (yield from self._servers(f"{prefix}.{target.host}")) if prefix else ()
        if servers:
            yield from self._at(servers, target.protocol)
        else:
            yield from self._at_default_port(target)

    def _by_preference(self, target: Target) -> Search:
        """The domain says which transport it prefers, in NAPTR records, else by what SRV records it has."""
        offers = (yield from self._offers(target)) if self._policy.asks_naptr else []
        for protocol, name in offers:
            yield from self._at((yield from self._servers(name)), protocol)
        if offers:
            return
        for protocol in self._guessed(target):
            servers = yield from self._servers(f"{PREFIXES[protocol]}.{target.host}")
            if servers:
                yield from self._at(servers, protocol)
                return
        yield from self._at_default_port(target)

    def _offers(self, target: Target) -> Generator[Question, Records, list[tuple[str, str]]]:
        """Transport and name of the SRV records that NAPTR records offer and we can use, best first."""
        records = yield from self._ask(target.host, "NAPTR")
        found = sorted((each for each in records if isinstance(each, Naptr)), key=lambda r: (r.order, r.preference))
        offers = [(SERVICES.get(each.service.lower(), ""), each) for each in found if each.flags.lower() == "s"]
        return [
            (protocol, each.replacement)
            for protocol, each in offers
            if protocol in self._policy.transports and (protocol in SECURE or not target.is_secure)
        ]

    def _guessed(self, target: Target) -> Iterator[str]:
        """The transports whose SRV records are looked for without a word from the domain."""
        for protocol in PREFIXES:
            if protocol in self._policy.transports and (protocol in SECURE) == target.is_secure:
                yield protocol

    def _servers(self, name: str) -> Generator[Question, Records, tuple[Srv, ...]]:
        records = yield from self._ask(name, "SRV")
        return tuple(each for each in records if isinstance(each, Srv))

    def _at(self, servers: Sequence[Srv], protocol: str) -> Search:
        for each in in_order(servers, self._policy.draw):
            if each.target:
                yield from self._addresses(each.target, each.port, protocol)

    def _at_default_port(self, target: Target) -> Search:
        protocol = target.default_protocol
        yield from self._addresses(target.host, default_port(protocol), protocol)

    def _addresses(self, name: str, port: int, protocol: str) -> Search:
        if is_ip(name):
            yield Hop(protocol, (name, port))
            return
        for kind in self._policy.kinds:
            found = [each for each in (yield from self._ask(name, kind)) if isinstance(each, str)]
            for address in found:
                yield Hop(protocol, (address, port))
            if found:
                return

    def _ask(self, name: str, kind: str) -> Generator[Question, Records, Records]:
        """The records of a name, or of what it is an alias for."""
        for _ in range(MOST_ALIASES):
            if self._left == 0:
                break
            self._left -= 1
            records = yield Question(name.removesuffix("."), kind)
            aliases = [each.target for each in records if isinstance(each, Alias)]
            if not aliases or len(aliases) < len(records):
                return records
            name = aliases[0]
        return ()


def in_order(servers: Sequence[Srv], draw: Callable[[int], int]) -> list[Srv]:
    """Servers by priority; those of one priority by chance, the more weight the earlier (RFC 2782)."""
    ordered: list[Srv] = []
    for priority in sorted({each.priority for each in servers}):
        left = sorted((each for each in servers if each.priority == priority), key=lambda each: each.weight > 0)
        while left:
            drawn = draw(sum(each.weight for each in left) + 1) if len(left) > 1 else 0
            ordered.append(left.pop(_reaching(left, drawn)))
    return ordered


def _reaching(servers: Sequence[Srv], drawn: int) -> int:
    """The index of the first server at which the running sum of weights is at least the number drawn."""
    total = 0
    for index, each in enumerate(servers):
        total += each.weight
        if total >= drawn:
            return index
    return len(servers) - 1


def default_port(protocol: str) -> int:
    """The port of a transport if nothing says another."""
    return DEFAULT_PORTS.get(protocol, 5060)


def is_ip(host: str) -> bool:
    """Whether a host is an address, not a name. What has only digits and dots is never looked up."""
    if host.replace(".", "").isdigit():
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
