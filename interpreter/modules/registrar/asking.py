"""Questions about registrations, and their removal by the script (registrar manual)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.registrar.core import RegistrarCore
from relayscript.interpreter.modules.usrloc import Binding, Domain, Record
from relayscript.interpreter.values import Value, int_of, same_text, text_of
from relayscript.sip.errors import SipError
from relayscript.sip.nameaddr import parse_nameaddr
from relayscript.sip.routing import values
from relayscript.sip.transport import DEFAULT_PORTS
from relayscript.sip.uri import Uri, parse_uri


class Asking(RegistrarCore):
    """An address left out is that of To in a REGISTER, that of From in anything else."""

    def _live(self, context: Context, domain: str, aor: str | None) -> list[Binding]:
        _, record = self.record(domain, self.address(context, aor))
        return record.live(self.runtime.host.wall()) if record is not None else []

    @function()
    def is_registered(self, context: Context, domain: str, aor: str | None = None) -> int:
        """Whether an address has a contact: 1 or -1. What `attr_avp` had then is kept with the first branch."""
        live = self._live(context, domain, aor)
        for binding in live[:1]:
            self.put_attributes(context.branch, binding)
        return 1 if live else -1

    @function()
    def is_contact_registered(
        self,
        context: Context,
        domain: str,
        aor: str | None = None,
        contact: str | None = None,
        callid: str | None = None,
    ) -> int:
        """Whether an address has a contact, that of the message if none is given, by that call if one is: 1 or -1."""
        live = self._live(context, domain, aor)
        wanted = contact or (_contact(context) if callid is None else None)
        if wanted is None and callid is None:
            return -1
        found = any(
            (wanted is None or each.uri == wanted) and (callid is None or each.call_id == callid) for each in live
        )
        return 1 if found else -1

    @function()
    def is_ip_registered(
        self, context: Context, domain: str, aor: str | None, ip: Reference, port: Reference | None = None
    ) -> int:
        """Whether an address has a contact at that IP address (and port), or at one of them: 1 or -1."""
        hosts, numbers = ip.all(), port.all() if port is not None else []
        pairs = ((text_of(each), _number(number)) for each, number in zip_longest(hosts, numbers))
        wanted = [(host, number) for host, number in pairs if host is not None]
        live = self._live(context, domain, aor) if wanted else []
        return 1 if any(_is_at(each.source, host, number) for each in live for host, number in wanted) else -1

    # ---- removing

    @function()
    def remove(
        self,
        context: Context,
        domain: str,
        aor: str,
        contact: str | None = None,
        next_hop: str | None = None,
        instance: str | None = None,
        flag: str | None = None,
    ) -> int:
        """Remove the contacts of an address that are as the given arguments say: 1; -1 for a bad address."""
        if self.key(aor) is None:
            context.log(-1, f"remove: {aor!r} is no address-of-record")
            return -1
        table, record = self.record(domain, aor)
        for binding in list(record.bindings) if record is not None else ():
            assert record is not None
            matches = (
                contact in (None, binding.uri)
                and instance in (None, binding.instance)
                and (flag is None or flag in binding.flags)
                and (next_hop is None or _leads_to(binding, next_hop))
            )
            if matches:
                self.usrloc.remove(table, record, binding)
        return 1

    @function()
    def remove_ip_port(self, context: Context, ip: str, port: int, domain: str, aor: str | None = None) -> int:
        """Remove the contacts at an IP address and port, of one address or of all: 1; -1 if there is none."""
        removed = -1
        for table, record, binding in list(self._everywhere(domain, aor)):
            if _is_at(binding.source, ip, port):
                self.usrloc.remove(table, record, binding)
                removed = 1
        return removed

    def _everywhere(self, domain: str, aor: str | None) -> Iterator[tuple[Domain, Record, Binding]]:
        table, record = self.record(domain, aor)
        records = ([record] if record is not None else []) if aor else list(table)
        return ((table, each, binding) for each in records for binding in each.bindings)

    # ---- the socket of a REGISTER

    @function()
    def add_sock_hdr(self, context: Context, name: str) -> int:
        """Add a header that tells the next registrar on which socket of ours the REGISTER came: 1 or -1."""
        listener = context.message.listener
        if listener is None or not name:
            return -1
        context.changes.last.append(f"{name}: <{listener}>")
        return 1


def _contact(context: Context) -> str | None:
    """The URI of the message's first contact."""
    try:
        found = values(context.message, "contact")
        return parse_nameaddr(found[0]).uri if found else None
    except SipError:
        return None


def _number(value: Value) -> int | None:
    number, text = int_of(value), text_of(value)
    return int(text) if number is None and text is not None and text.isdigit() else number


def _is_at(uri: Uri | None, ip: str, port: int | None) -> bool:
    """Whether a URI names that address, and that port if one is given."""
    if uri is None or not same_text(uri.host.strip("[]"), ip.strip("[]")):
        return False
    return not port or port == (uri.port or DEFAULT_PORTS.get(uri.transport or "udp", 5060))


def _leads_to(binding: Binding, next_hop: str) -> bool:
    """Whether requests for a contact go to that host first."""
    try:
        hop = parse_uri(binding.next_hop or binding.uri)
        wanted = parse_uri(next_hop if next_hop.startswith(("sip:", "sips:")) else f"sip:{next_hop}")
    except SipError:
        return False
    return _is_at(hop, wanted.host, wanted.port)
