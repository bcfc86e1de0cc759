"""Sockets and global parameters: values that the grammar cannot judge (language.md 7)."""

from __future__ import annotations

from relayscript.dsl.checks.findings import Check
from relayscript.dsl.checks.spelling import did_you_mean
from relayscript.dsl.nodes import Alias, Endpoint, Global, Number, Socket, Text, Word
from relayscript.dsl.source import Span

PROTOCOLS = {
    "udp": "proto_udp", "tcp": "proto_tcp", "tls": "proto_tls", "sctp": "proto_sctp", "ws": "proto_ws",
    "wss": "proto_wss", "bin": "proto_bin", "bins": "proto_bins", "hep_udp": "proto_hep",
    "hep_tcp": "proto_hep", "hep_tls": "proto_hep", "smpp": "proto_smpp", "msrp": "proto_msrp",
    "msrps": "proto_msrp", "ipsec": "proto_ipsec",
}  # fmt: skip
"""The protocols of sockets, and the module that each needs."""

_MOST_PORT = 65535
_TOS = ("IPTOS_LOWDELAY", "IPTOS_THROUGHPUT", "IPTOS_RELIABILITY", "IPTOS_MINCOST")
_WORDS = {
    "poll_method": ("poll", "epoll", "select", "sigio_rt", "kqueue", "/dev/poll"),
    "stderror_log_format": ("plain_text", "json", "json_cee"),
    "syslog_log_format": ("plain_text", "json", "json_cee"),
    "syslog_facility": (
        "LOG_AUTH", "LOG_AUTHPRIV", "LOG_CRON", "LOG_DAEMON", "LOG_FTP", "LOG_KERN", "LOG_LPR", "LOG_MAIL",
        "LOG_NEWS", "LOG_SYSLOG", "LOG_USER", "LOG_UUCP", *(f"LOG_LOCAL{n}" for n in range(8)),
    ),
}  # fmt: skip


_RANGES = {
    "event_pkg_threshold": (0, 100), "event_shm_threshold": (0, 100), "tcp_accept_aliases": (0, 2),
    "tcp_connect_timeout": (1, None), "tcp_threads": (1, None),
}  # fmt: skip
"""The smallest and the largest value, None for none."""


class Settings:
    """Checks `socket`, `alias` and the other global parameters."""

    def __init__(self, check: Check) -> None:
        self._check = check

    def socket(self, item: Socket) -> None:
        """A `socket` line."""
        if not item.members:
            self._endpoint(item.endpoint)
            module = PROTOCOLS.get(item.endpoint.protocol.lower())
            if module is not None and module not in self._check.all_loaded:
                self._check.error("RS281", f"a socket of {item.endpoint.protocol} needs module {module}",
                                  item.endpoint.span, f'add loadmodule "{module}.so"')  # fmt: skip
        for option in item.options:
            if isinstance(option.value, Endpoint):
                self._ports(option.value.ports, option.value.span)

    def alias(self, item: Alias) -> None:
        """An `alias` line."""
        for endpoint in item.endpoints:
            if endpoint.protocol not in ("", "any"):
                self._endpoint(endpoint)

    def _endpoint(self, endpoint: Endpoint) -> None:
        if endpoint.protocol.lower() not in PROTOCOLS:
            self._check.error("RS280", f"there is no protocol {endpoint.protocol}", endpoint.span,
                              did_you_mean(endpoint.protocol, PROTOCOLS))  # fmt: skip
        parts = endpoint.host.split(".")
        if len(parts) == 4 and all(part.isdigit() for part in parts) and any(int(part) > 255 for part in parts):
            self._check.error("RS106", f"{endpoint.host} is no address: a part is above 255", endpoint.span)
        self._ports(endpoint.ports, endpoint.span)

    def _ports(self, ports: tuple[tuple[int, int], ...], span: Span) -> None:
        for first, last in ports:
            if not (0 < first <= _MOST_PORT and 0 < last <= _MOST_PORT):
                bad = first if not 0 < first <= _MOST_PORT else last
                self._check.error("RS282", f"{bad} is no port", span)
            elif first > last:
                self._check.error("RS282", f"the port range {first}-{last} is the wrong way round", span)

    def parameter(self, item: Global) -> None:
        """Any other global parameter."""
        acting = self._check.acting
        if acting is not None and item.name not in acting:
            self._check.note("RS286", f"{item.name} has no effect in relayscript", item.span)
        if not item.values:
            return
        value = item.values[0]
        text = "" if isinstance(value, Number) else value.value if isinstance(value, Text) else value.text
        allowed = _WORDS.get(item.name)
        if allowed and text not in allowed:
            self._check.error("RS283", f"{item.name} cannot be {text}", value.span,
                              did_you_mean(text, allowed) or "it can be " + ", ".join(allowed))  # fmt: skip
        elif item.name == "tos" and isinstance(value, Word) and text not in _TOS:
            self._check.warning("RS284", f"{text} is no type of service; IPTOS_LOWDELAY is taken", value.span,
                                did_you_mean(text, _TOS))  # fmt: skip
        elif item.name == "advertised_port" and isinstance(value, Number):
            self._ports(((value.value, value.value),), value.span)
        elif item.name in _RANGES and isinstance(value, Number):
            self._range(item.name, value)

    def _range(self, name: str, value: Number) -> None:
        lowest, highest = _RANGES[name]
        if value.value < lowest or (highest is not None and value.value > highest):
            wanted = f"{lowest} to {highest}" if highest is not None else f"at least {lowest}"
            self._check.error("RS287", f"{name} cannot be {value.value}, it is to be {wanted}", value.span)

    def needed(self) -> None:
        """A script that is to receive anything has a socket."""
        if not any(isinstance(item, Socket) for item in self._check.script.items):
            self._check.warning("RS285", "the script has no socket", None, "add socket = udp:127.0.0.1:5060")
