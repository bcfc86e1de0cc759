"""The global parameters of a script that act here, and the sockets and names it declares as its own."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

from relayscript.dsl import nodes
from relayscript.sip.transport import DEFAULT_PORTS, Listener

Alias = tuple[str, str, int]
"""Protocol, host (lower case) and port of a name of ours; "" and 0 stand for any."""


@dataclass(slots=True)
class Globals:
    """Global parameters by their names (Script manual, "Global parameters"); defaults as there.

    Times are seconds (`tcp_connect_timeout`, `max_queue_delay`: milliseconds), sizes bytes (`max_memory`: MB).
    Those without a meaning here are accepted and not kept. Ours, not of the manual: `loop_detection`,
    `shed_retry_after`, and `max_*` but for `max_while_loops` (docs/overload.md).
    """

    advertised_address: str = ""
    advertised_port: int = 0
    check_via: int = 0
    db_default_url: str = ""
    disable_503_translation: int = 0
    disable_dns_blacklist: int = 1
    disable_dns_failover: int = 0
    disable_stateless_fwd: int = -1
    dns: int = 0
    dns_retr_no: int = 0
    dns_retr_time: int = 0
    dns_servers_no: int = 0
    dns_try_ipv6: int = 0
    dns_try_naptr: int = 1
    dns_use_search_list: int = 1
    enable_asserts: int = 0
    log_event_enabled: int = 0
    log_event_level_filter: int = 0
    log_level: int = 2
    log_prefix: str = ""
    loop_detection: int = 1
    max_hops: int = 256
    max_memory: int = 2048
    max_pending: int = 5000
    max_queue_delay: int = 1000
    max_transactions: int = 50000
    max_while_loops: int = 10000
    mhomed: int = 0
    pv_print_buf_size: int = 20000
    rev_dns: int = 0
    server_header: str = "Server: relayscript"
    server_signature: int = 1
    stderror_enabled: int = 1
    stderror_level_filter: int = 0
    stderror_log_format: str = "plain_text"
    shed_retry_after: int = 10
    tcp_accept_aliases: int = 0
    tcp_connect_timeout: int = 100
    tcp_connection_lifetime: int = 120
    tcp_keepalive: int = 1
    tcp_max_connections: int = 2048
    tcp_max_msg_time: int = 4
    tcp_socket_backlog: int = 10
    tcp_no_new_conn_bflag: str = ""
    tcp_no_new_conn_rplflag: str = ""
    user_agent_header: str = "User-Agent: relayscript"
    xlog_buf_size: int = 4096
    xlog_force_color: int = 0
    xlog_level: int = 2
    xlog_print_level: int = 2
    listeners: tuple[Listener, ...] = field(default=())
    aliases: tuple[Alias, ...] = field(default=())

    @property
    def signature(self) -> str:
        """The Server header line of replies made here, with its CRLF; empty if the script wants none."""
        return f"{self.server_header}\r\n" if self.server_signature else ""

    @classmethod
    def acting(cls) -> frozenset[str]:
        """The names of the global parameters that have an effect; `socket`, `alias`, `dst_blacklist` among them."""
        own = {each.name for each in fields(cls)} - {"listeners", "aliases"}
        return frozenset(own | {"socket", "alias", "dst_blacklist"})

    @classmethod
    def of(cls, script: nodes.Script) -> Globals:
        """The parameters that a script sets; of repeated ones the last."""
        made = cls()
        known = {each.name for each in fields(cls)}
        for item in script.items:
            if isinstance(item, nodes.Global) and item.name in known and item.values:
                first = item.values[0]
                setattr(made, item.name, first.text if isinstance(first, nodes.Word) else first.value)
        made.listeners = tuple(
            listener
            for item in script.items
            if isinstance(item, nodes.Socket) and not item.members
            for listener in _listeners(item, made)
        )
        made.aliases = tuple(
            alias
            for item in script.items
            if isinstance(item, nodes.Alias)
            for each in item.endpoints
            for alias in _aliases(each)
        )
        return made


def _ports(endpoint: nodes.Endpoint) -> list[int]:
    default = DEFAULT_PORTS.get(endpoint.protocol.lower(), 5060)
    return [port for first, last in endpoint.ports for port in range(first, last + 1)] or [default]


def _listeners(item: nodes.Socket, settings: Globals) -> list[Listener]:
    """One listener per port; advertised ports of `as` pair up with them one by one."""
    host, port, tag = settings.advertised_address, settings.advertised_port, ""
    advertised: list[int] = []
    for option in item.options:
        if option.name == "tag":
            tag = str(option.value)
        elif option.name == "as" and isinstance(option.value, nodes.Endpoint):
            host = option.value.host
            advertised = [p for a, b in option.value.ports for p in range(a, b + 1)]
    found = []
    for index, each in enumerate(_ports(item.endpoint)):
        shown = advertised[min(index, len(advertised) - 1)] if advertised else port
        local = item.endpoint.host.strip("[]")
        found.append(Listener(item.endpoint.protocol.lower(), local, each, host, shown, tag))
    return found


def _aliases(endpoint: nodes.Endpoint) -> list[Alias]:
    protocol = "" if endpoint.protocol.lower() == "any" else endpoint.protocol.lower()
    ports = [port for first, last in endpoint.ports for port in range(first, last + 1)]
    return [(protocol, endpoint.host.lower(), port) for port in ports or [0]]
