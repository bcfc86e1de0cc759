"""Where a request goes next: from `$du` or the R-URI to one of our sockets and an address (RFC 3263)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

from relayscript.interpreter.blacklists import USED
from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.waiting import wait
from relayscript.sip.errors import SipError
from relayscript.sip.locating import Hop, Policy, Question, Records, Silence, Target, is_ip, locate
from relayscript.sip.transport import Address, Listener
from relayscript.sip.uri import parse_uri

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

NO_DESTINATION = -3
BAD_URI = -4
NO_ADDRESS = -4
FILTERED = -5
NO_SOCKET = -6
UNREACHED = -6
"""What `t_relay` returns if there is nowhere to send to (tm manual, `t_relay`)."""


class Unreachable(Exception):  # noqa: N818 - a finding, not a fault of ours
    """A request cannot be sent; `code` is what `t_relay` returns for it."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


class Way:
    """The places that a branch may be sent to, the best first (RFC 3263 4.3); each is looked for when it is asked for.

    Left out are those that a blacklist forbids for `run`, for which we have no socket, and to which no connection can
    be made. Raises Unreachable for a URI that leads nowhere. Without `fails_over` there is one place at most.
    """

    __slots__ = (
        "_branch", "_direct", "_fails_over", "_hops", "_reason", "_received_on", "_run", "_runtime", "_target",
    )  # fmt: skip

    def __init__(
        self,
        runtime: Runtime,
        branch: Branch,
        received_on: Listener | None = None,
        run: Context | None = None,
        *,
        fails_over: bool = True,
    ) -> None:
        self._runtime = runtime
        self._branch = branch
        self._received_on = received_on
        self._run = run
        self._target, self._direct = _target_of(branch)
        self._fails_over = fails_over and not runtime.globals.disable_dns_failover
        self._hops = iter((self._direct,)) if self._direct is not None else self._found()
        if not self._fails_over:
            self._hops = islice(self._hops, 1)
        self._reason: Unreachable | None = None

    @property
    def may_go_on(self) -> bool:
        """There may be another place behind those that were given."""
        return self._direct is None and self._fails_over

    def first(self) -> tuple[Listener, Address]:
        """The place to try first. Raises Unreachable."""
        found = self.next()
        if found is None:
            raise self._reason or Unreachable(NO_ADDRESS, f"the name {self._target.host[:80]} has no address")
        return found

    def next(self) -> tuple[Listener, Address] | None:
        """The next place, None behind the last; the run gives way while names are looked up and connections made."""
        for hop in self._hops:
            listener = self._listener(hop)
            if listener is None or not self._is_allowed(hop):
                continue
            if listener.protocol == "udp" or self._is_reached(listener, hop):
                return listener, hop.address
        return None

    def shun(self, listener: Listener, address: Address) -> None:
        """A place is out of order: let nobody use it for a while, if the script wants that."""
        if self.may_go_on:
            self._runtime.blacklists.shun(address, listener.protocol)

    # ---- inside

    def _found(self) -> Iterator[Hop]:
        """The hops of a name, the questions of the search being asked on the way."""
        search = locate(self._target, self._policy())
        try:
            step = next(search)
            while True:
                if isinstance(step, Hop):
                    yield step
                    step = next(search)
                else:
                    records = self._ask(step)
                    step = search.throw(Silence()) if records is None else search.send(records)
        except StopIteration:
            return

    def _ask(self, question: Question) -> Records | None:
        def start(done: Callable[[Records | None], None]) -> None:
            self._runtime.host.look_up(question, done)

        return wait(start)

    def _policy(self) -> Policy:
        listeners, own = self._runtime.listeners, self._runtime.globals
        narrow = any(":" not in each.host for each in listeners)
        kinds = ("A", "AAAA") if own.dns_try_ipv6 else ("A",)
        return Policy(
            frozenset(each.protocol for each in listeners),
            lambda limit: self._runtime.ids.number("srv", limit),
            bool(own.dns_try_naptr),
            kinds if narrow else ("AAAA",),
        )

    def _listener(self, hop: Hop) -> Listener | None:
        try:
            return choose_listener(
                self._runtime, hop.protocol, hop.address[0], self._branch.socket, self._received_on
            )
        except Unreachable as reason:
            self._reason = reason
            return None

    def _is_allowed(self, hop: Hop) -> bool:
        run, lists = self._run, self._runtime.blacklists
        used = run.local.get(USED) if run is not None else None
        if not used and not lists.act_by_default:
            return True
        text = run.message.data.decode("latin-1") if run is not None else ""
        forbidding = lists.forbidding(used, hop.address[0], hop.address[1], hop.protocol, text)
        if forbidding:
            self._reason = Unreachable(FILTERED, f"the blacklist {forbidding} forbids {_shown(hop)}")
        return not forbidding

    def _is_reached(self, listener: Listener, hop: Hop) -> bool:
        """A connection leads there."""
        connect = self._runtime.globals.tcp_no_new_conn_bflag not in self._branch.flags

        def start(done: Callable[[bool], None]) -> None:
            self._runtime.host.reach(listener, hop.address, done, connect=connect)

        reached = wait(start)
        if not reached:
            self._reason = Unreachable(UNREACHED, f"no connection to {_shown(hop)}")
            if connect:
                self.shun(listener, hop.address)
        return reached


def next_hop(
    runtime: Runtime, branch: Branch, received_on: Listener | None = None, run: Context | None = None
) -> tuple[Listener, Address]:
    """The socket and address to try first for a branch; gives way to others while it is looked for.

    Raises Unreachable.
    """
    place = only_place(runtime, branch, received_on, run)
    return place if place is not None else Way(runtime, branch, received_on, run).first()


def only_place(
    runtime: Runtime, branch: Branch, received_on: Listener | None, run: Context | None
) -> tuple[Listener, Address] | None:
    """Where a branch goes whose URI has an address to be reached over UDP; None if a `Way` is to be looked for.

    Raises Unreachable.
    """
    hop = _target_of(branch)[1]
    if hop is None or hop.protocol != "udp" or runtime.blacklists.act_by_default:
        return None
    if run is not None and run.local.get(USED):
        return None
    return choose_listener(runtime, "udp", hop.address[0], branch.socket, received_on), hop.address


KNOWN_UP_TO = 256
"""How long a URI may be for its target to be remembered."""


def _target_of(branch: Branch) -> tuple[Target, Hop | None]:
    uri = branch.duri or branch.uri
    return _target(uri) if len(uri) <= KNOWN_UP_TO else _target.__wrapped__(uri)


@lru_cache(maxsize=1024)
def _target(text: str) -> tuple[Target, Hop | None]:
    """What a URI leads to, and if that needs no question, where. Raises Unreachable."""
    try:
        target = Target.of(parse_uri(text))
    except SipError as error:
        raise Unreachable(BAD_URI, f"bad URI {text[:80]!r}: {error}") from None
    if not target.host:
        raise Unreachable(BAD_URI, f"no host in URI {text[:80]!r}")
    if ":" in target.host and not is_ip(target.host):
        raise Unreachable(BAD_URI, f"the host of URI {text[:80]!r} is no IPv6 address")
    return target, target.direct()


def _shown(hop: Hop) -> str:
    return str(Listener(hop.protocol, *hop.address))


def choose_listener(
    runtime: Runtime, protocol: str, host: str, forced: Listener | None, received_on: Listener | None
) -> Listener:
    """The socket to send from: the forced one, else the receiving one, else the first that fits.

    With `mhomed` it is, unless one is forced, that of the interface that leads to the host. Raises Unreachable.
    """
    if forced is not None and forced.protocol == protocol:
        return forced
    version = 6 if ":" in host else 4
    if runtime.globals.mhomed and is_ip(host) and (found := _on_the_way(runtime, protocol, host)) is not None:
        return found
    if received_on is not None and _fits(received_on, protocol, version):
        return received_on
    for listener in runtime.listeners:
        if _fits(listener, protocol, version):
            return listener
    raise Unreachable(NO_SOCKET, f"no socket of ours for {protocol} to {host}")


def _on_the_way(runtime: Runtime, protocol: str, host: str) -> Listener | None:
    own = runtime.host.outbound((host, 9))
    return next((each for each in runtime.listeners if each.protocol == protocol and each.host == own), None)


def _fits(listener: Listener, protocol: str, version: int) -> bool:
    return listener.protocol == protocol and (6 if ":" in listener.host else 4) == version


def look_up(runtime: Runtime, host: str) -> list[str]:
    """The IP addresses of a host: itself if it is one, else those that the host's resolver knows."""
    if is_ip(host):
        return [host]
    found: list[str] = wait(lambda done: runtime.host.resolve(host, done))
    if not found:
        raise Unreachable(NO_ADDRESS, f"the name {host[:80]} has no address")
    return found
