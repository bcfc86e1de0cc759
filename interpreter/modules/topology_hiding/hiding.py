"""Takes the other side's addresses out of requests and replies, and puts them back in (topology_hiding manual)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.modules.dialog import Dialog, DialogModule
from relayscript.interpreter.modules.tm import Tm, Transaction, TransactionBranch
from relayscript.interpreter.modules.topology_hiding.contact import ContactLine, Options, passed, user_of
from relayscript.interpreter.modules.topology_hiding.packing import Scheme, Target, pack
from relayscript.sip.dialog import Direction
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message
from relayscript.sip.nameaddr import NameAddr, parse_nameaddr, split_list
from relayscript.sip.routing import route_set
from relayscript.sip.transport import Listener

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime

HIDDEN = "topology_hiding"
"""Under which key runs, transactions and dialogs keep what is hidden."""


KEPT_TO_CALLER, KEPT_TO_CALLEE = "_th_contact_to_caller", "_th_contact_to_callee"
"""The values of a dialog that keep contacts which have to stay the same."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """A request whose sender is hidden from its receiver, and the other way round.

    `dialog` is None if what is needed travels in the Contacts. `routes` lead to the receiver, as known before
    it answers; None if its answer says. `is_first` is the request that begins a dialog.
    """

    options: Options
    way: Direction
    dialog: Dialog | None = None
    routes: tuple[str, ...] | None = None
    is_first: bool = False

    @property
    def hides_call_id(self) -> bool:
        """The Call-ID is hidden, which needs a dialog that knows it (manual, flag C)."""
        return self.options.hides_call_id and self.dialog is not None


class Hiding:
    """Edits messages. `settings` are the module's."""

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        self.runtime = runtime
        self.scheme = Scheme(settings["th_contact_encode_scheme"], settings["th_contact_encode_passwd"])
        self.parameter: str = settings["th_contact_encode_param"]
        self._prefix: str = settings["th_callid_prefix"]
        self._call_ids = Scheme("base64", settings["th_callid_passwd"])
        self._passed_uri_params = _names(settings["th_passed_contact_uri_params"])
        self._passed_params = _names(settings["th_passed_contact_params"])
        self._follows = False

    # ---- requests

    def hide(self, context: Context, hidden: Hidden) -> None:
        """Queue the edits of a request, and follow its replies. Raises SipError if its Contact does not parse."""
        message, changes = context.message, context.changes
        contact = first_contact(message)
        routes = route_set(message, upstream=True) if hidden.dialog is None else ()
        if contact is not None:
            line = self._contact(message, contact, hidden, hidden.way, routes, message.listener)
            _drop(context, "contact")
            changes.top.append(line)
        for key in ("via", "record-route"):
            _drop(context, key)
        if hidden.hides_call_id:
            self._exchange_call_id(context, hidden)
        context.local[HIDDEN] = hidden
        self._follow(context)

    def _exchange_call_id(self, context: Context, hidden: Hidden) -> None:
        message, known = context.message, context.message.call_id
        index = message.keys.index("call-id")
        downstream = hidden.way is Direction.DOWNSTREAM
        call_id = self.hidden_call_id(known) if downstream else self.plain_call_id(known) or known
        context.changes.replaced[index] = message.line_with(index, call_id)

    def _follow(self, context: Context) -> None:
        """Follow the transaction of a run, once there is one. (Behind module dialog, which sees it first.)"""
        tm = self.runtime.module(Tm)
        if tm is not None and not self._follows:
            self._follows = True
            tm.on_created.append(self._created)
        if context.transaction is not None:
            self._created(context.transaction, context)

    def _created(self, transaction: Transaction, context: Context) -> None:
        hidden: Hidden | None = context.local.get(HIDDEN)
        if hidden is None or HIDDEN in transaction.local:
            return
        transaction.local[HIDDEN] = hidden
        transaction.on_reply.append(self._reply_about_to_be_relayed)
        if hidden.dialog is not None and hidden.is_first:
            transaction.on_branch.append(_keep_all_routes)

    def hide_own(self, dialog: Dialog, way: Direction, request: Message) -> None:
        """A request made here goes to the callee: it knows the call by another Call-ID."""
        if way is Direction.DOWNSTREAM:
            index = request.keys.index("call-id")
            request.lines[index] = request.line_with(index, self.hidden_call_id(dialog.call_id))

    # ---- replies

    def _reply_about_to_be_relayed(self, transaction: Transaction, branch: TransactionBranch, context: Context) -> None:
        hidden: Hidden = transaction.local[HIDDEN]
        request, reply = transaction.request, context.message
        try:
            self._hide_contact(transaction, branch, context, hidden)
        except SipError as error:
            context.log(1, f"topology_hiding: reply without a readable Contact: {error}")
        for key in ("via", "record-route"):
            _drop(context, key)
        context.changes.first += _vias(transaction)
        if 100 < reply.status < 300:
            context.changes.first += [request.lines[index] for index in request.indexes("record-route")]
        if hidden.hides_call_id and "call-id" in reply.keys:
            index = reply.keys.index("call-id")
            context.changes.replaced[index] = reply.line_with(index, request.call_id)

    def _hide_contact(
        self, transaction: Transaction, branch: TransactionBranch, context: Context, hidden: Hidden
    ) -> None:
        reply, listener = context.message, transaction.request.listener
        contact = first_contact(reply) if reply.status < 300 else None
        if contact is None or listener is None:
            return
        back = Direction.UPSTREAM if hidden.way is Direction.DOWNSTREAM else Direction.DOWNSTREAM
        routes = route_set(reply, upstream=False) if hidden.routes is None else hidden.routes
        line = self._contact(reply, contact, hidden, back, routes, branch.listener)
        _drop(context, "contact")
        context.changes.first += line(listener)

    # ---- contacts

    def _contact(
        self,
        message: Message,
        contact: NameAddr,
        hidden: Hidden,
        way: Direction,
        routes: tuple[str, ...],
        socket: Listener | None,
    ) -> ContactLine:
        """The Contact of ours in the place of another, for a message that goes that way."""
        options, dialog, down = hidden.options, hidden.dialog, way is Direction.DOWNSTREAM
        wished = options.to_callee if down else options.to_caller
        user = wished or (user_of(contact) if options.keeps_user else "")
        if dialog is None:
            is_callee = way is Direction.UPSTREAM
            target = Target(contact.uri, routes, str(socket or ""), str(options), is_callee)
            pointer = f";{self.parameter}={pack(target, self.scheme)}"
        elif options.did_as_user:
            user, pointer = dialog.did, ""
        else:
            module = self.runtime.module(DialogModule)
            assert module is not None
            pointer = f";{module.settings['rr_param']}={dialog.did}"
        name = message.lines[message.keys.index("contact")].partition(":")[0].strip()
        uri_params = passed(contact.parsed_uri.params, self._passed_uri_params)
        line = ContactLine(name, user, pointer, uri_params, passed(contact.params, self._passed_params))
        if dialog is None or not (options.same_to_callee if down else options.same_to_caller):
            return line
        return replace(line, kept=dialog.values, key=KEPT_TO_CALLEE if down else KEPT_TO_CALLER)

    # ---- Call-IDs

    def hidden_call_id(self, call_id: str) -> str:
        """The Call-ID that the callee sees."""
        return self._prefix + self._call_ids.write(call_id)

    def plain_call_id(self, call_id: str) -> str | None:
        """The caller's Call-ID behind one that the callee sees; None if it is none of ours."""
        if not call_id.startswith(self._prefix):
            return None
        return self._call_ids.read(call_id[len(self._prefix) :])

    def with_plain_call_id(self, message: Message, act: Callable[[], bool]) -> bool:
        """Do something while the message has the caller's Call-ID; False if its own is none of ours."""
        plain = self.plain_call_id(message.call_id)
        if plain is None:
            return False
        index = message.keys.index("call-id")
        line = message.lines[index]
        message.lines[index] = message.line_with(index, plain)
        try:
            return act()
        finally:
            message.lines[index] = line


def first_contact(message: Message) -> NameAddr | None:
    """The first contact of a message; None if there is none. Raises SipError if it does not parse."""
    found = split_list(message.header("contact") or "")
    return parse_nameaddr(found[0]) if found and found[0] != "*" else None


def _names(text: str | None) -> frozenset[str]:
    return frozenset(each.strip().lower() for each in (text or "").split(";") if each.strip())


def _drop(context: Context, key: str) -> None:
    """Queue the removal of all headers of a name, whatever else was queued for them."""
    for index in context.message.indexes(key):
        context.changes.replaced.pop(index, None)
        context.changes.removed.add(index)


def _vias(transaction: Transaction) -> list[str]:
    """The Via lines of the request as it came, with where it came from (RFC 3261 18.2.1)."""
    request = transaction.request
    mark = request.received_via(force_rport=transaction.force_rport)
    lines = {index: request.lines[index] for index in request.indexes("via")}
    if mark is not None:
        lines[mark[0]] = mark[1]
    return list(lines.values())


def _keep_all_routes(transaction: Transaction, branch: TransactionBranch) -> None:
    """The callee sees no Record-Route from before us: all in its answer lead to it."""
    hidden: Hidden = transaction.local[HIDDEN]
    assert hidden.dialog is not None
    branch.local["dialog.recorded"] = -len(hidden.dialog.caller.routes)
