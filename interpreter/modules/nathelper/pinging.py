"""Pings that keep the way to registered phones open, and tell which are gone (nathelper manual, "NAT pinging")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.declaration import Module, Parameter, command
from relayscript.interpreter.destination import Unreachable, next_hop
from relayscript.interpreter.modules.usrloc import Binding, Domain, Record, Usrloc
from relayscript.interpreter.variables.sources import find_socket
from relayscript.sip.errors import SipError
from relayscript.sip.timers import Timer
from relayscript.sip.transport import Address, Listener
from relayscript.sip.uri import parse_uri

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

KEEPALIVE = b"\0\0\0\0"


@dataclass(slots=True)
class Ping:
    """A SIP ping on its way: to which binding, since when (seconds of the timers' clock)."""

    domain: Domain
    record: Record
    binding: Binding
    sent: float
    timer: Timer


class Pinging(Module):
    """Pings the contacts of usrloc every `natping_interval` seconds, in `natping_partitions` portions."""

    parameters = (
        Parameter("natping_interval", 0), Parameter("natping_partitions", 1), Parameter("natping_socket"),
        Parameter("natping_tcp", 0), Parameter("ping_nated_only", 0), Parameter("ping_threshold", 3),
        Parameter("max_pings_lost", 3), Parameter("force_socket"), Parameter("sipping_bflag"),
        Parameter("sipping_from"), Parameter("sipping_method", "OPTIONS"), Parameter("sipping_ignore_rpl_codes"),
        Parameter("sipping_latency_flag"), Parameter("remove_on_timeout_bflag"), Parameter("received_avp"),
        Parameter("nortpproxy_str", "a=nortpproxy:yes"), Parameter("oldip_skip", None, repeatable=True),
        Parameter("cluster_id", 0), Parameter("cluster_sharing_tag"),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self.enabled = True
        self._portion = 0
        self._timer: Timer | None = None
        self._waiting: dict[str, Ping] = {}
        self._lost: dict[int, int] = {}
        ignored = (settings["sipping_ignore_rpl_codes"] or "").split(",")
        self._ignored = frozenset(int(each) for each in ignored if each.strip().isdigit())

    def start(self) -> None:
        """Start to ping, if that is asked for; say what has no effect."""
        if self.settings["cluster_id"]:
            self.runtime.log(1, "nathelper: no clusters here: this server pings its contacts whatever cluster_id says")
        usrloc = self.runtime.module(Usrloc)
        if self.settings["natping_interval"] > 0 and usrloc is not None:
            self.runtime.before_reply.append(self._is_for_script)
            usrloc.on_gone.append(lambda domain, record, binding: self._lost.pop(binding.number, None))
            self._schedule(usrloc)

    def stop(self) -> None:
        """No more pings."""
        for timer in (self._timer, *(ping.timer for ping in self._waiting.values())):
            if timer is not None:
                timer.cancel()

    @command("nathelper:enable_ping")
    def enable_ping(self, status: int | None = None) -> dict[str, int] | str:
        """Turn pings on (1) or off (0), or tell which it is."""
        if status is None:
            return {"Status": int(self.enabled)}
        self.enabled = bool(status)
        return "OK"

    # ---- sending

    def _schedule(self, usrloc: Usrloc) -> None:
        portions = max(1, self.settings["natping_partitions"])
        self._timer = self.runtime.timers.start(
            self.settings["natping_interval"] / portions, lambda: self._round(usrloc, portions)
        )

    def _round(self, usrloc: Usrloc, portions: int) -> None:
        self._schedule(usrloc)
        self._portion = (self._portion + 1) % portions
        if not self.enabled:
            return
        now = self.runtime.host.wall()
        for domain in usrloc.domains.values():
            for record in domain:
                for binding in record.live(now):
                    if binding.number % portions == self._portion and self._is_due(usrloc, binding):
                        self.runtime.spawn(self._ping, domain, record, binding)

    def _is_due(self, usrloc: Usrloc, binding: Binding) -> bool:
        return not self.settings["ping_nated_only"] or usrloc.settings["nat_bflag"] in binding.flags

    def _ping(self, domain: Domain, record: Record, binding: Binding) -> None:
        target = Branch(binding.next_hop or binding.uri)
        target.socket = self._socket("natping_socket") or binding.socket or self._socket("force_socket")
        packets = _takes_packets(target)
        if not packets and not self.settings["natping_tcp"]:
            return
        asks = self.settings["sipping_from"] and (not packets or self.settings["sipping_bflag"] in binding.flags)
        try:
            listener, address = next_hop(self.runtime, target, target.socket)
        except Unreachable as reason:
            self.runtime.log(1, f"nathelper: no ping to {binding.uri}: {reason}")
            if asks:
                self._lose(domain, record, binding)
            return
        if asks:
            self._ask(domain, record, binding, listener, address)
        elif listener.protocol == "udp":
            self.runtime.send_data(listener, address, KEEPALIVE)

    def _socket(self, setting: str) -> Listener | None:
        return find_socket(self.runtime.listeners, self.settings[setting] or "")

    def _ask(self, domain: Domain, record: Record, binding: Binding, listener: Listener, address: Address) -> None:
        """Send a SIP request, whose answer is waited for."""
        ids, method = self.runtime.ids, self.settings["sipping_method"]
        token, path = f"z9hG4bK{ids.token('branch')}", f"Route: {binding.path}\r\n" if binding.path else ""
        text = (
            f"{method} {binding.uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/{listener.protocol.upper()} {listener.sent_by};branch={token}\r\n{path}"
            f"From: <{self.settings['sipping_from']}>;tag={ids.token('tag')}\r\nTo: <{binding.uri}>\r\n"
            f"Call-ID: {ids.token('call-id')}\r\nCSeq: 1 {method}\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        )
        timer = self.runtime.timers.start(max(1, self.settings["ping_threshold"]), lambda: self._unanswered(token))
        self._waiting[token] = Ping(domain, record, binding, self.runtime.timers.now, timer)
        self.runtime.send(listener, address, text)

    # ---- answers

    def _is_for_script(self, context: Context) -> bool:
        """False for the answer to a ping: it ends here."""
        message = context.message
        try:
            token = message.top_via.branch
        except SipError:
            return True
        ping = self._waiting.get(token)
        if ping is None:
            return True
        if message.status >= 200 and message.status not in self._ignored:
            self._answered(token, ping)
        return False

    def _answered(self, token: str, ping: Ping) -> None:
        del self._waiting[token]
        ping.timer.cancel()
        self._lost.pop(ping.binding.number, None)
        usrloc = self.runtime.module(Usrloc)
        if usrloc is not None and self.settings["sipping_latency_flag"] in ping.binding.flags:
            latency = int((self.runtime.timers.now - ping.sent) * 1_000_000)
            usrloc.set_latency(ping.domain, ping.record, self._present(ping) or ping.binding, latency)

    def _unanswered(self, token: str) -> None:
        ping = self._waiting.pop(token)
        binding = self._present(ping)
        if binding is not None:
            self._lose(ping.domain, ping.record, binding)

    def _lose(self, domain: Domain, record: Record, binding: Binding) -> None:
        """A ping was not answered: too many of them in a row, and the binding goes if that is wanted."""
        usrloc = self.runtime.module(Usrloc)
        if usrloc is None or self.settings["remove_on_timeout_bflag"] not in binding.flags:
            return
        lost = self._lost[binding.number] = self._lost.get(binding.number, 0) + 1
        if lost >= self.settings["max_pings_lost"] and binding in record.bindings:
            usrloc.remove(domain, record, binding)

    @staticmethod
    def _present(ping: Ping) -> Binding | None:
        """The binding as it is now; None if it is gone."""
        return next((each for each in ping.record.bindings if each.number == ping.binding.number), None)


def _takes_packets(target: Branch) -> bool:
    """Over UDP: neither its URI nor the socket that the phone registered through names a connection."""
    try:
        uri = parse_uri(target.uri)
    except SipError:
        return True
    if uri.transport:
        return uri.transport == "udp"
    return target.socket is None or target.socket.protocol == "udp"
