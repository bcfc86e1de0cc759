"""From an operation to the dictionary that is sent to rtpengine (reference 6.2, tags in 4)."""

from __future__ import annotations

from relayscript.engines.contract import Exchange, Removal, Session
from relayscript.engines.errors import EngineError
from relayscript.engines.rtpengine.flags import NO_VIAS, ViaBranches, Words, parse_words
from relayscript.engines.rtpengine.ng import NgDict
from relayscript.sip.sdp import family_of

_NEGOTIATING = ("offer", "answer")
_TAGLESS = frozenset(
    f"{verb} {what}"
    for what, verbs in (
        ("media", ("play", "stop", "block", "unblock")),
        ("DTMF", ("play", "block", "unblock")),
        ("forwarding", ("start", "stop")),
    )
    for verb in verbs
)


def media_dictionary(session: Session, exchange: Exchange, is_offer: bool) -> NgDict:
    """Of an offer or an answer. EngineError if a flag is wrong or the author has no tag."""
    words = Words(in_iface=exchange.in_iface, out_iface=exchange.out_iface)
    if exchange.ip:
        words.keys["media-address"] = exchange.ip.strip("[]")
    flags = f"{exchange.type} {exchange.ctx_flags} {exchange.flags} {exchange.peer_flags}"
    parse_words(flags, ViaBranches(exchange.vias, exchange.extra_id, exchange.in_reply), words)
    if words.force_answer and not is_offer:
        raise EngineError("'force-answer' is for offers")
    is_offer = is_offer and not words.force_answer
    author, receiver = exchange.from_tag, exchange.to_tag
    from_tag, to_tag = (author, receiver) if is_offer else (receiver, author)
    if not author and not words.from_tag:
        raise EngineError("the author of the session description has no tag")
    if session.branch >= 0:
        words.via_branch = f"br{session.branch}"
    dictionary: NgDict = {"sdp": exchange.body}
    dictionary |= _common(words, "offer" if is_offer else "answer")
    dictionary |= _named(words, session.call_id, exchange.source)
    dictionary |= _tags(words.from_tag or from_tag, words.to_tag or to_tag)
    dictionary["command"] = "offer" if is_offer else "answer"
    return dictionary


def delete_dictionary(session: Session, removal: Removal) -> NgDict:
    """Of a delete: the whole call by its call-id alone, one branch by its offerer's tag and its via-branch.

    The offerer of a late branch was the callee; the branch cannot be named by via-branch then.
    """
    words = parse_words(f"{removal.ctx_flags} {removal.flags}")
    from_tag, to_tag = words.from_tag, words.to_tag or (session.to_tag if words.with_to_tag else "")
    if not removal.whole_call:
        offerer, other = (session.to_tag, "") if removal.late else (session.from_tag, session.to_tag)
        from_tag = from_tag or offerer
        if session.branch < 0:
            to_tag = to_tag or other
        elif not removal.late:
            words.via_branch = f"br{session.branch}"
    dictionary = _common(words, "delete") | _named(words, session.call_id, removal.source)
    return dictionary | _tags(from_tag, to_tag) | {"command": "delete"}


def command_dictionary(
    command: str,
    flags: str,
    call_id: str,
    from_tag: str = "",
    to_tag: str = "",
    source: str = "",
    vias: ViaBranches = NO_VIAS,
    more: NgDict | None = None,
) -> NgDict:
    """Of a command of a direct function; `more` is put in front. EngineError if a flag is wrong.

    A delete is for the whole call unless the flags name a tag.
    """
    words = parse_words(flags, vias)
    if words.force_answer:
        raise EngineError("'force-answer' is for offers")
    if command == "delete":
        tags = _tags(words.from_tag, words.to_tag or (to_tag if words.with_to_tag else ""))
    elif command in _TAGLESS:
        tags = _tags(words.from_tag or (from_tag if words.direct else ""), "")
    else:
        tags = _tags(words.from_tag or from_tag, words.to_tag or to_tag)
    dictionary = (more or {}) | _common(words, command) | _named(words, call_id, source)
    return dictionary | tags | {"command": command}


def _common(words: Words, command: str) -> NgDict:
    dictionary = dict(words.keys)
    if bool(words.in_iface) != bool(words.out_iface):
        raise EngineError("one of 'in-iface' and 'out-iface' is missing")
    if words.in_iface:
        dictionary["direction"] = [words.in_iface, words.out_iface]
    if words.flags:
        dictionary["flags"] = list(words.flags)
    if words.replace and command in _NEGOTIATING:
        dictionary["replace"] = list(words.replace)
    if words.rtcp_mux and command in _NEGOTIATING:
        dictionary["rtcp-mux"] = list(words.rtcp_mux)
    if words.profile:
        dictionary["transport-protocol"] = str(words.profile)
    return dictionary


def _named(words: Words, call_id: str, source: str) -> NgDict:
    dictionary: NgDict = {"call-id": words.call_id or call_id}
    if words.via_branch:
        dictionary["via-branch"] = words.via_branch
    address = words.received_from or source.strip("[]")
    dictionary["received-from"] = [family_of(address), address] if address else []
    return dictionary


def _tags(from_tag: str, to_tag: str) -> NgDict:
    tags: NgDict = {}
    if from_tag:
        tags["from-tag"] = from_tag
    if to_tag:
        tags["to-tag"] = to_tag
    return tags
