"""Names that are nearly right, and those of older scripts with what they are called now (language.md 7)."""

from __future__ import annotations

from collections.abc import Iterable

OLD_FUNCTIONS = {
    "append_branch": 'append_msg_branch("uri"), or append_branch_old() to keep the old meaning',
    "remove_branch": "remove_msg_branch(index)",
    "move_branch": "move_msg_branch([source], [destination])",
    "swap_branches": "swap_msg_branches([first], [second])",
    "setdebug": "assign to $log_level",
    "search": "$rb =~ ... or has_body()",
    "use_media_proxy": "engage_media_proxy(), or rtp_relay_engage(\"mediaproxy\")",
    "force_rtp_proxy": "rtpproxy_engage(), or rtp_relay_engage(\"rtpproxy\")",
    "sl_reply_error": "t_reply(code, \"reason\")",
    "continue": "there is no continue; put the rest of the body into an if",
}  # fmt: skip
"""Functions of older versions, and what to write now."""

OLD_VARIABLES = {
    "br": "$msg.branch.uri", "fs": "$socket_out", "Ri": "$socket_in(ip)", "Rp": "$socket_in(port)",
    "proto": "$socket_in(proto)", "pr": "$socket_in(proto)", "bR": "$msg.branch.uri", "Rn": "$socket_in(port)",
    "mk": "$mf", "bF": "$msg.branch.flags", "ruri.q": "$ru_q",
}  # fmt: skip
"""Variables of older versions, and what to write now."""

OLD_GLOBALS = {
    "listen": "socket = udp:address:port",
    "children": "udp_workers = number",
    "tcp_children": "tcp_workers = number",
    "log_stderror": "stderror_enabled = yes, syslog_enabled = no",
    "debug": "log_level = number",
    "log_facility": "syslog_facility = LOG_...",
    "log_name": 'syslog_name = "name"',
    "fork": "it is gone: use debug_mode = yes, or start with -F",
    "port": "the port is part of socket = udp:address:port",
    "disable_tcp": "it is gone: do not load proto_tcp",
    "disable_tls": "it is gone: do not load proto_tls",
    "reply_to_via": 'it is gone: use set_via_handling("reply-to-via")',
    "user": "it is gone: start with -u",
    "uid": "it is gone: start with -u",
    "group": "it is gone: start with -g",
    "gid": "it is gone: start with -g",
    "avp_aliases": "it is gone, without a replacement",
}  # fmt: skip
"""Global parameters of older versions, and what to write now."""

OLD_WORDS = {
    "method": "$rm", "uri": "$ru", "from_uri": "$fu", "to_uri": "$tu", "src_ip": "$si", "src_port": "$sp",
    "dst_ip": "$socket_in(ip)", "dst_port": "$socket_in(port)", "proto": "$socket_in(proto)",
    "af": "$socket_in(af)", "status": "$rs", "retcode": "$rc", "myself": "is_myself(\"host\")",
}  # fmt: skip
"""Words that older scripts use in conditions, and what to write now."""

_SHORT = 4
_LIKE, _LIKE_IF_SHORT = 0.75, 0.6


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name most like a name; empty if none is like it."""
    from difflib import get_close_matches

    lower = {each.lower(): each for each in known}
    found = get_close_matches(name.lower(), lower, n=1, cutoff=_LIKE if len(name) > _SHORT else _LIKE_IF_SHORT)
    return lower[found[0]] if found else ""


def did_you_mean(name: str, known: Iterable[str], before: str = "") -> str:
    """A hint with the known name most like a name; empty if none is like it."""
    found = nearest(name, known)
    return f"did you mean {before}{found}?" if found else ""
