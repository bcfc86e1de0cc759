"""From a body under way to the commands for its streams (reference 5.3)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.engines.contract import Exchange, Session
from relayscript.engines.rtpproxy import commands
from relayscript.engines.rtpproxy.commands import MediaCommand, session_name, word
from relayscript.engines.rtpproxy.flags import Options
from relayscript.engines.rtpproxy.rewriting import Relayed
from relayscript.engines.rtpproxy.settings import RtpproxySettings

Warn = Callable[[str], None]


def letters_of(exchange: Exchange) -> str:
    """All letters for an exchange, in their order; `type` is for other relays."""
    parts = (exchange.in_iface, exchange.out_iface, exchange.ctx_flags, exchange.flags, exchange.peer_flags)
    return "".join(parts)


def media_command(
    session: Session,
    exchange: Exchange,
    is_offer: bool,
    options: Options,
    relayed: Relayed,
    capabilities: frozenset[str],
    settings: RtpproxySettings,
    warn: Warn,
) -> MediaCommand:
    """The command for one stream on a node with these capabilities. EngineError if a name cannot be sent."""
    host = relayed.address.host if options.trust or not exchange.source else exchange.source.strip("[]")
    tag, other = _tags(exchange, is_offer, options)
    socket, notify_tag, dtmf_tag = _notification(
        session, exchange, is_offer, options, capabilities, settings, warn
    )
    return MediaCommand(
        verb="U" if is_offer and not options.lookup else "L",
        options=_option_letters(exchange, options, relayed, host, capabilities, settings),
        call_id=session_name(session.call_id, session.branch),
        host=word(host),
        port=relayed.stream.port,
        number=relayed.number,
        tag=word(tag),
        other_tag=other and word(other),
        notify_socket=socket,
        notify_tag=notify_tag,
        dtmf_tag=dtmf_tag,
        dtmf_type=(options.dtmf or "") if dtmf_tag else "",
    )


def _tags(exchange: Exchange, is_offer: bool, options: Options) -> tuple[str, str]:
    author, receiver = exchange.from_tag, exchange.to_tag
    if not is_offer:
        return receiver, author
    return (receiver or "dummy", author) if options.lookup else (author, receiver)


def _option_letters(
    exchange: Exchange,
    options: Options,
    relayed: Relayed,
    host: str,
    capabilities: frozenset[str],
    settings: RtpproxySettings,
) -> str:
    letters = options.letters + ("6" if ":" in host else "")
    if exchange.bind:
        letters += f"l{exchange.bind}"
    if commands.REPACKETIZE in capabilities:
        letters += options.repacketize
    if settings.rtpproxy_autobridge and exchange.next_hop and commands.AUTO_BRIDGE in capabilities:
        letters += f"R{exchange.next_hop}"
    if relayed.payload_types and commands.CODECS in capabilities:
        letters += f"c{','.join(relayed.payload_types)}"
    if commands.TTL_CHANGE in capabilities:
        letters += options.ttl
    return letters


def _notification(
    session: Session,
    exchange: Exchange,
    is_offer: bool,
    options: Options,
    capabilities: frozenset[str],
    settings: RtpproxySettings,
    warn: Warn,
) -> tuple[str, str, str]:
    """Socket and tag for the notification of a timeout, and the tag for that of digits; "" without."""
    of_timeout = options.notify is not None and is_offer and commands.TIMEOUT_NOTIFICATION in capabilities
    of_digits = options.dtmf is not None and commands.SUB_COMMANDS in capabilities
    if not (of_timeout or of_digits):
        return "", "", ""
    socket = options.notify or settings.rtpp_notify_socket
    if not socket:
        warn("no socket for the notifications of rtpproxy")
        return "", "", ""
    if not options.notify and commands.WILDCARD_NOTIFICATION not in capabilities:
        socket = socket.removeprefix("tcp:")
    if of_timeout and not exchange.dialog_id:
        warn("no dialog to end when rtpproxy notifies a timeout")
        of_timeout = False
    digits = f"d{exchange.dialog_id}" if exchange.dialog_id else f"c{session.call_id}"
    if not of_timeout and not of_digits:
        return "", "", ""
    return socket, f"T{exchange.dialog_id}" if of_timeout else "I", digits if of_digits else ""
