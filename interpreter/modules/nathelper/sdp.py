"""Session descriptions of phones behind NAT: another address for the media (nathelper manual)."""

from __future__ import annotations

from collections.abc import Iterable

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.modules.sipmsgops import body
from relayscript.sip.sdp import Description

FLAGS = ("add-dir-active", "rewrite-media-ip", "add-no-rtpproxy", "rewrite-origin-ip", "rewrite-null-ips")
"""The flags of fix_nated_sdp(); in old scripts their numbers are 1, 2, 4, 8 and 16."""


class SdpFunctions(Module):
    """Rewrites the session description."""

    @function()
    def fix_nated_sdp(self, context: Context, flags: str, ip: str | None = None, fields: str | None = None) -> int:
        """Change the session description as the flags say, with the source address if none is given.

        1; -1 without a session description, or for an unknown flag. `fields` are lines to add along with
        those of `add-dir-active` and `add-no-rtpproxy`, each with its CRLF in front.
        """
        wanted, text = named_flags(flags, FLAGS), body.sdp(context)
        if wanted is None or text is None:
            context.log(-1, f"fix_nated_sdp: no session description, or an unknown flag in {flags!r}")
            return -1
        description = Description(text)
        added = self._added(wanted, fields or "")
        skipped = set(self.settings["oldip_skip"])
        host = ip or context.message.source[0]
        for flag, letter, lines in (
            ("rewrite-origin-ip", "o", _origins(description)),
            ("rewrite-media-ip", "c", _connections(description)),
        ):
            if flag in wanted:
                old = _move(description, lines, host, null="rewrite-null-ips" in wanted)
                added += [f"a=old{letter}ip:{each}" for each in old if letter not in skipped]
        for line in added:
            description.append(line)
        body.put_sdp(context, str(description))
        return 1

    def _added(self, wanted: frozenset[str], fields: str) -> list[str]:
        lines = [self.settings["nortpproxy_str"].strip("\r\n")] if "add-no-rtpproxy" in wanted else []
        lines += ["a=direction:active"] if "add-dir-active" in wanted else []
        return lines + [each for each in fields.splitlines() if each] if lines else []


def named_flags(text: str, names: tuple[str, ...]) -> frozenset[str] | None:
    """The flags in a list of names, or in the sum of their bits; None if one is unknown."""
    if text.strip().isdigit():
        number = int(text)
        return (
            frozenset(name for bit, name in enumerate(names) if number >> bit & 1)
            if number >> len(names) == 0
            else None
        )
    given = frozenset(each.strip() for each in text.split(",") if each.strip())
    return given if given <= set(names) else None


def _origins(description: Description) -> list[int]:
    return [section.origin for section in description.sections if section.origin is not None]


def _connections(description: Description) -> list[int]:
    found = (
        line
        for section in description.sections
        for line in (section.connection, *(stream.connection for stream in section.streams))
    )
    return [line for line in found if line is not None]


def _move(description: Description, lines: Iterable[int], host: str, *, null: bool) -> list[str]:
    """Give lines another address; the different ones they had before. Null ones stay unless `null`."""
    before: dict[str, None] = {}
    for line in lines:
        address = description.address(line)
        if address is None or address.host == host or (address.is_null and not null):
            continue
        before[address.host] = None
        description.set_address(line, host)
    return list(before)
