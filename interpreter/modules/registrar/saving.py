"""save(): takes the contacts of a REGISTER and answers it (registrar manual; RFC 3261 10.3, RFC 3327)."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote as unescape

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.modules.registrar.flags import SaveFlags, save_flags
from relayscript.interpreter.modules.registrar.pushing import Pushing
from relayscript.interpreter.modules.registrar.registration import (
    Limits,
    Offered,
    Refused,
    Registration,
    granted,
    read,
    within,
)
from relayscript.interpreter.modules.signaling import Signaling
from relayscript.interpreter.modules.sl import queue_reply_headers
from relayscript.interpreter.modules.usrloc import Binding, Domain, Record, StaleRequest
from relayscript.interpreter.values import text_of
from relayscript.interpreter.variables.destination import q_text
from relayscript.interpreter.variables.sources import find_socket
from relayscript.sip.errors import SipError
from relayscript.sip.message import header_key
from relayscript.sip.nameaddr import parse_nameaddr, split_list
from relayscript.sip.params import unquote
from relayscript.sip.transport import Listener

REASONS = {
    400: "Bad Request", 420: "Bad Extension", 500: "Server Internal Error", 503: "Service Unavailable",
}  # fmt: skip
REJECTED, FAILED = -2, -1

LARGEST_ANSWER = 60_000
"""How many bytes the contacts of one address may take in an answer: a datagram has 65,507 (RFC 768)."""

OVERHEAD = 30
"""Bytes of a contact in an answer beside its addresses."""


@dataclass(slots=True)
class Plan:
    """What a REGISTER will change: all of it or nothing (RFC 3261 10.3 step 7).

    Of contacts that are named twice the last counts.
    """

    removed: dict[Binding, None] = field(default_factory=dict)
    updated: dict[Binding, Offered] = field(default_factory=dict)
    added: dict[str, Offered] = field(default_factory=dict)

    def take(self, old: Binding | None, offered: Offered) -> None:
        """A contact, and the binding it stands for if there is one."""
        if old is None:
            self.added.pop(offered.uri, None)
            if offered.seconds:
                self.added[offered.uri] = offered
            return
        self.removed.pop(old, None)
        self.updated.pop(old, None)
        if offered.seconds:
            self.updated[old] = offered
        else:
            self.removed[old] = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What comes with contacts beside their own words: the run, the Path to keep, and whom they belong to in a
    cluster."""

    context: Context
    path: str
    tag: str


class Saving(Pushing):
    """Registrations."""

    @function()
    def save(
        self,
        context: Context,
        domain: str,
        flags: str | None = None,
        aor: str | None = None,
        ownership_tag: str | None = None,
    ) -> int:
        """Take the contacts of a REGISTER, or of a reply to one, and answer it.

        1; -2 if it was refused, -1 if it could not be followed at all. Without path support where that is
        demanded it is refused, too, but the result is 1. `ownership_tag` is kept with the contacts.
        """
        try:
            wanted = save_flags(flags or "")
        except ValueError as error:
            context.log(-1, f"save: {error}")
            return FAILED
        key = self.key(aor) if aor else self._registered(context)
        if key is None:
            return self._refuse(context, wanted, Refused(400, "Failed to extract Address Of Record"), None)
        table = self.usrloc.domain(domain)
        if (record := self.usrloc.known(table, key)) is not None:
            self.usrloc.drop_expired(table, record)
        try:
            asked = self._read(context, within(self.limits, wanted.min_expires, wanted.max_expires))
        except (Refused, SipError) as error:
            reason = error if isinstance(error, Refused) else Refused(400, str(error))
            return self._refuse(context, wanted, reason, None)
        try:
            path = self._path(asked, wanted)
            self._follow(table, key, asked, wanted, Seen(context, path, ownership_tag or ""))
        except Refused as error:
            code = self._refuse(context, wanted, error, table.get(key))
            return 1 if error.status == 420 else code
        self._keep_connection(context, asked)
        self.usrloc.settle(table)
        self.runtime.count("registrar:accepted_regs")
        shown = path if asked.knows_path and wanted.path in ("lazy", "strict") else ""
        return self._accept(context, wanted, table.get(key), asked, shown)

    def _read(self, context: Context, limits: Limits) -> Registration:
        """What the message asks for. In a reply to a REGISTER of which `mcontact_avp` names the contact as it was
        sent on, that is what the REGISTER asked for, and for how long the reply grants it.

        Raises Refused or SipError if it cannot be followed.
        """
        sent = self._sent_on(context) if self.is_reply(context) else None
        if sent is None or context.request is None:
            return read(context.message, limits)
        return granted(read(context.request, limits), context.message, sent)

    def _sent_on(self, context: Context) -> str | None:
        """The contact that went out in the place of another, as the AVP of the REGISTER's own run says."""
        if self.read_forwarded is None or context.transaction is None:
            return None
        own, context.avps = context.avps, context.transaction.avps
        try:
            return text_of(self.read_forwarded(context))
        finally:
            context.avps = own

    def _keep_connection(self, context: Context, asked: Registration) -> None:
        """With `tcp_persistent_flag`, a connection stays open as long as the contacts that came over it."""
        message, flag = context.message, self.settings["tcp_persistent_flag"]
        listener, seconds = message.listener, max((each.seconds for each in asked.contacts), default=0)
        if flag in context.flags and seconds and listener is not None and listener.protocol != "udp":
            self.runtime.host.keep(listener, message.source, seconds)

    def _registered(self, context: Context) -> str | None:
        try:
            return self.key(context.message.to.uri)
        except SipError:
            return None

    # ---- path (RFC 3327 5.3)

    @staticmethod
    def _path(asked: Registration, wanted: SaveFlags) -> str:
        """The Path to keep. Raises Refused if there is one that the phone does not know how to handle."""
        if not asked.path or not wanted.path:
            return ""
        if wanted.path == "strict" and not asked.knows_path:
            headers = f"Unsupported: path\r\nPath: {asked.path}\r\n"
            raise Refused(420, "No support for found Path indicated", headers)
        return asked.path

    # ---- the change

    def _follow(self, table: Domain, key: str, asked: Registration, wanted: SaveFlags, seen: Seen) -> None:
        record = table.get(key)
        plan = self._plan(record, asked, wanted)
        self._bound(record, plan, wanted)
        for offered in plan.added.values():
            self.usrloc.insert(table, key, self._binding(asked, offered, wanted, seen))
        record = table.get(key)
        if record is None:
            return
        for old, offered in plan.updated.items():
            self.usrloc.update(table, record, old, self._binding(asked, offered, wanted, seen))
        for old in plan.removed:
            self.usrloc.remove(table, record, old)

    def _plan(self, record: Record | None, asked: Registration, wanted: SaveFlags) -> Plan:
        plan = Plan()
        if record is not None and asked.clears:
            if any(each.call_id == asked.call_id and asked.cseq < each.cseq for each in record.bindings):
                raise Refused(400, "Invalid CSeq number")
            plan.removed = dict.fromkeys(record.bindings)
        for offered in asked.contacts:
            old, repeated = self._match(record, asked, offered, wanted)
            if not repeated:
                plan.take(old, offered)
        return plan

    def _match(
        self, record: Record | None, asked: Registration, offered: Offered, wanted: SaveFlags
    ) -> tuple[Binding | None, bool]:
        if record is None:
            return None, False
        mode = self.push_mode(offered.uri) or wanted.matching_mode or self.usrloc.matching_mode
        try:
            old, repeated = self.usrloc.match(record, offered.uri, asked.call_id, asked.cseq, mode)
        except StaleRequest:
            raise Refused(400, "Invalid CSeq number") from None
        same = old is not None and (old.call_id, old.cseq) == (asked.call_id, asked.cseq)
        if same and not repeated and not self.settings["allow_dup_cseq"]:
            raise Refused(400, "Invalid CSeq number")
        return old, repeated

    def _bound(self, record: Record | None, plan: Plan, wanted: SaveFlags) -> None:
        """Keep the number of contacts within its limit: the oldest give way if that is asked for."""
        most = self.settings["max_contacts"] if wanted.max_contacts is None else wanted.max_contacts
        known = record.bindings if record is not None else []
        stay = [each for each in known if each not in plan.removed]
        over = len(stay) + len(plan.added) - most
        self._measure(stay, plan)
        if not most or not plan.added or over <= 0:
            return
        free = sorted((each for each in stay if each not in plan.updated), key=lambda each: each.modified)
        if not wanted.force or over > len(free):
            raise Refused(503, "Too many registered contacts")
        plan.removed |= dict.fromkeys(free[:over])

    @staticmethod
    def _measure(stay: list[Binding], plan: Plan) -> None:
        """Refuse contacts that no answer could list any more."""
        size = sum(len(each.uri) + len(each.received) + OVERHEAD for each in stay)
        size += sum(len(uri) + OVERHEAD for uri in plan.added)
        if plan.added and size > LARGEST_ANSWER:
            raise Refused(503, "Too many registered contacts")

    def _binding(self, asked: Registration, offered: Offered, wanted: SaveFlags, seen: Seen) -> Binding:
        context, path = seen.context, seen.path
        received, flags = self._received(context) or offered.received, set(context.branch.flags)
        if wanted.path_received and path and (by_proxy := _received_by(path)):
            received = by_proxy
            flags |= {self.usrloc.settings["nat_bflag"]} - {None}
        attributes = self.read_attributes(context) if self.read_attributes is not None else None
        return Binding(
            offered.uri, self.runtime.host.wall() + self._spread(offered.seconds), offered.q, asked.call_id,
            asked.cseq, asked.user_agent, received, path, self._socket(context, wanted), flags, offered.methods,
            offered.instance, text_of(attributes) or "", shared_tag=seen.tag, is_volatile=wanted.memory_only,
            takes_push=self.takes_push(offered.uri),
        )  # fmt: skip

    def _received(self, context: Context) -> str:
        found = self.read_received(context) if self.read_received is not None else None
        return text_of(found) or ""

    def _socket(self, context: Context, wanted: SaveFlags) -> Listener | None:
        """The socket that a header of the REGISTER names, if that is asked for; else the one it came in through."""
        message, name = context.request or context.message, self.settings["sock_hdr_name"]
        named = (message.header(header_key(name)) or "").strip(" <>") if name and wanted.socket_header else ""
        return find_socket(self.runtime.listeners, named) or message.listener

    def _spread(self, seconds: int) -> int:
        """A lifetime that differs a little from the others, so that not all phones come back at once."""
        most: int = self.settings["expires_max_deviation"]
        moved = self.runtime.ids.number("deviation", 2 * most + 1) - most if most > 0 else 0
        return max(1, seconds + moved)

    # ---- the answer

    def _accept(
        self, context: Context, wanted: SaveFlags, record: Record | None, asked: Registration, path: str
    ) -> int:
        if wanted.no_reply or self.is_reply(context):
            return 1
        only = {each.uri for each in asked.contacts} if wanted.only_own else None
        wakes = {each.uri: each.wakes_itself for each in asked.contacts}
        pushed = ((each, wakes[each.uri]) for each in (record.bindings if record else ()) if each.uri in wakes)
        headers = self._contacts(record, only) + (f"Path: {path}\r\n" if path else "") + self.capabilities(pushed)
        return 1 if self._answer(context, 200, "OK", headers) else FAILED

    def _refuse(self, context: Context, wanted: SaveFlags, error: Refused, record: Record | None) -> int:
        self.runtime.count("registrar:rejected_regs")
        if wanted.no_reply or self.is_reply(context):
            return REJECTED
        headers = f"{self._contacts(record, None)}{error.headers}P-Registrar-Error: {error.text}\r\n"
        if error.status >= 500 and self.settings["retry_after"]:
            headers += f"Retry-After: {self.settings['retry_after']}\r\n"
        self._answer(context, error.status, REASONS[error.status], headers)
        return REJECTED

    def _answer(self, context: Context, status: int, reason: str, headers: str) -> bool:
        signaling = self.runtime.module(Signaling)
        assert signaling is not None, "registrar is not loaded without signaling"
        queue_reply_headers(context, headers)
        return signaling.reply(context, status, reason) > 0

    def _contacts(self, record: Record | None, only: set[str] | None) -> str:
        """The Contact header of the answer: what is bound now."""
        now = self.runtime.host.wall()
        shown = [
            self._contact(each, now)
            for each in (record.live(now) if record is not None else ())
            if only is None or each.uri in only
        ]
        return f"Contact: {', '.join(shown)}\r\n" if shown else ""

    def _contact(self, binding: Binding, now: float) -> str:
        q = f";q={q_text(binding.q)}" if binding.q >= 0 else ""
        left = int(binding.expires - now) if binding.expires else 0
        received = f';{self.settings["received_param"]}="{binding.received}"' if binding.received else ""
        return f"<{binding.uri}>{q};expires={left}{received}"


def _received_by(path: str) -> str:
    """Where the first proxy of a path saw the phone; empty if it does not say."""
    try:
        found = parse_nameaddr(split_list(path)[0]).parsed_uri.param("received")
    except (SipError, IndexError):
        return ""
    return unescape(unquote(found or ""), encoding="latin-1")
