"""The script functions of module tm that relay, answer and cancel (tm manual, "Exported Functions")."""

from __future__ import annotations

from functools import lru_cache

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.forwarding import as_uri, forward, stamp_via
from relayscript.interpreter.modules.sl import REPLY_BODY, reply_headers
from relayscript.interpreter.modules.tm.cancelling import REASON
from relayscript.interpreter.modules.tm.core import TmCore
from relayscript.interpreter.modules.tm.local import CONTEXT_AVP
from relayscript.interpreter.modules.tm.transaction import Transaction
from relayscript.interpreter.values import Value
from relayscript.interpreter.variables.request_uri import current
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

BAD_URI = -2
ENDS_SCRIPT = 0
FAILED = -1
ACK_OF_LOCAL_ANSWER = -2
BAD_MESSAGE = -9
"""What creating a transaction returns for a request that lacks From, To, Call-ID or CSeq."""

NO_REPLY_ON_FAILURE = "no-auto-477"
PASS_REASON = "pass-reason-hdr"
KEEP_OTHERS = "allow-no-cancel"
NO_FAILOVER = "no-dns-failover"

REFUSALS = {
    -2: (400, "Bad Request"),
    -3: (404, "No destination available"),
    -4: (476, "Unresolvable destination"),
    -5: (473, "Filtered destination"),
    -6: (477, "Send failed"),
}
"""What the caller gets if `t_relay` cannot send its request on, by what it would return."""


@lru_cache(maxsize=64)
def _words(flags: str) -> frozenset[str]:
    return frozenset(word.strip() for word in flags.split(","))


class RelayFunctions(TmCore):
    """Relaying, answering, cancelling."""

    # ---- relaying

    @function(waits=True)
    def t_relay(self, context: Context, flags: str | None = None, proxy: str | None = None) -> int:
        """Relay the request statefully, to the branch set or to a proxy (`[proto:]host[:port]`).

        1; -2 if the R-URI is none; -3 no destination, -4 an unusable one, -6 no socket: then, if the
        transaction is new, the caller is refused and the result is 1 all the same, without `no-auto-477`.
        0 ends the script: the request is a retransmission. `pass-reason-hdr` is for a CANCEL,
        `allow-no-cancel` minds `Request-Disposition: no-cancel`; with `no-dns-failover` only the first address
        of a name is tried. A branch with a next hop of its own (`$du`) does not go through the proxy.
        """
        if flags and proxy is None and ":" in flags:
            flags, proxy = None, flags
        words = _words(flags) if flags else frozenset()
        transaction: Transaction | None = context.transaction
        created = transaction is None
        if transaction is None:
            method = context.message.method
            if method == "ACK":
                return self._relay_ack(context)
            if current(context) is None:
                return BAD_URI
            if method == "CANCEL" and (invite := self.table.cancelled_by(context.message)) is not None:
                return self.cancelling.by_caller(invite, context, pass_reason=PASS_REASON in words)
            code, transaction = self._begin(context)
            if transaction is None:
                return code
        if NO_FAILOVER in words:
            transaction.fails_over = False
        if KEEP_OTHERS in words:
            asked = ",".join(transaction.request.headers("request-disposition")).lower()
            transaction.keeps_others = "no-cancel" in map(str.strip, asked.split(","))
        code = self.branching.relay(transaction, context, as_uri(proxy) if proxy else None)
        if code < 0 and created and NO_REPLY_ON_FAILURE not in words:
            self.replying.answer(transaction, *REFUSALS.get(code, (500, "Server error")))
            return 1
        return code

    def _begin(self, context: Context) -> tuple[int, Transaction | None]:
        """The new transaction of a run, or what a function returns that gets none."""
        try:
            transaction = self.begin(context)
        except SipError as error:
            context.log(-1, f"no transaction for this {context.message.method}: {error}")
            return BAD_MESSAGE, None
        return (ENDS_SCRIPT, None) if transaction is None else (1, transaction)

    def _relay_ack(self, context: Context) -> int:
        """An ACK for a negative answer ends here; any other goes on statelessly."""
        transaction = self.table.of_request(context.message)
        if transaction is not None and transaction.status >= 300:
            self._take_ack(transaction)
            return 1
        return forward(context)

    @staticmethod
    def _take_ack(transaction: Transaction) -> None:
        if transaction.server is not None:
            transaction.server.receive_ack()

    @function()
    def t_newtran(self, context: Context) -> int:
        """Create the transaction without relaying: 1; 0 for a retransmission, which ends the script."""
        if context.transaction is not None:
            return 1
        if context.message.method == "ACK":
            return self._relay_ack(context)
        return self._begin(context)[0]

    @function()
    def t_check_trans(self, context: Context) -> int:
        """Whether the request belongs to a transaction: ACK and CANCEL 1; a retransmission ends the script.

        -2 for the ACK to a 2xx of ours.
        """
        message, method = context.message, context.message.method
        if method == "CANCEL":
            return FAILED if self.table.cancelled_by(message) is None else 1
        known = self.table.of_request(message)
        if method == "ACK":
            return self._check_ack(context, known)
        if known is None or context.transaction is not None:
            return FAILED
        self.again(known)
        return ENDS_SCRIPT

    def _check_ack(self, context: Context, known: Transaction | None) -> int:
        known = known or self.table.acknowledged_by(context.message)
        if known is None:
            return FAILED
        if known.answered_locally and known.status < 300:
            return ACK_OF_LOCAL_ANSWER
        self._take_ack(known)
        return 1

    @function(waits=True)
    def t_replicate(self, context: Context, uri: str, flags: str | None = None) -> int:
        """Send a copy of the request to another place, and one to each added branch; what they answer stays here.

        With `no-dns-failover` only the first address of a name is tried.
        """
        request = context.message
        transaction = self.begin_local(request)
        destination = context.branch.copy()
        destination.duri, destination.path = as_uri(uri), None
        transaction.changes = context.changes.copy()
        stamp_via(request, transaction.changes, context.via_flags)
        transaction.fails_over = NO_FAILOVER not in _words(flags or "")
        destinations, context.branches = [destination, *context.branches], []
        code = self.branching.send_to(transaction, destinations, context)
        if code < 0:
            self.end(transaction)
        return code

    @function()
    def t_anycast_replicate(self, context: Context) -> int:
        """Hand an ACK or CANCEL to the node of the cluster whose transaction it belongs to: -1, there is no cluster."""
        context.log(-1, "t_anycast_replicate: relayscript has no clusters")
        return FAILED

    # ---- answering

    @function()
    def t_reply(self, context: Context, code: int, reason: str) -> int:
        """Answer the request in its transaction, which is created if need be; -1 if it has its final answer."""
        return self.t_reply_with_body(context, code, reason, context.local.pop(REPLY_BODY, ""))

    @function()
    def t_reply_with_body(self, context: Context, code: int, reason: str, body: str) -> int:
        """As `t_reply`, with a body; its Content-Type comes from `append_to_reply`."""
        if not 100 <= code <= 699 or context.message.method == "ACK":
            context.log(-1, f"t_reply: no reply {code} to {context.message.method}")
            return FAILED
        transaction: Transaction | None = context.transaction
        if transaction is None:
            begun, transaction = self._begin(context)
            if transaction is None:
                return FAILED if begun < 0 else begun
        return 1 if self.replying.answer(transaction, code, reason, body=body) else FAILED

    @function()
    def t_reply_by_callid(
        self, context: Context, code: int, reason: str, call_id: str | None = None, cseq: str | None = None
    ) -> int:
        """Answer the INVITE of a call, by default that of the request's Call-ID and CSeq: 1; -1 if there is none."""
        message = context.message
        wanted = message.call_id if call_id is None else call_id
        found = self.table.of_call(wanted, message.cseq_parts[0] if cseq is None else cseq)
        if found is None or not self.replying.answer(found, code, reason, reply_headers(context)):
            return FAILED
        return 1

    # ---- cancelling

    @function()
    def t_cancel_branch(self, context: Context, which: str | None = None) -> int:
        """In a reply route: cancel the replying branch, `o` all others, `a` all."""
        transaction: Transaction | None = context.transaction
        if transaction is None or not transaction.is_invite:
            return FAILED
        letters = which or ""
        for branch in transaction.open_branches():
            own = branch.index == context.branch_index
            if "a" in letters or ("o" in letters and not own) or (not letters and own):
                self.cancelling.cancel_branch(branch)
        return 1

    @function()
    def t_add_cancel_reason(self, context: Context, headers: str) -> int:
        """While a CANCEL is processed: the header lines that those to the branches get, in place of our Reason."""
        if context.message.method != "CANCEL":
            return FAILED
        context.local[REASON] = headers if headers.endswith("\r\n") else f"{headers}\r\n"
        return 1

    @function()
    def t_add_hdrs(self, context: Context, headers: str) -> int:
        """Header lines for all requests of the transaction: those of its branches, their CANCELs and ACKs."""
        transaction: Transaction | None = context.transaction
        if transaction is None:
            return FAILED
        transaction.headers = headers if headers.endswith("\r\n") else f"{headers}\r\n"
        return 1

    # ---- requests of our own

    @function(waits=True)
    def t_new_request(
        self, context: Context, method: str, uri: str, from_: str, to: str,
        body: str | None = None, ctx: str | None = None,
    ) -> int:  # fmt: skip
        """Send a request that has nothing to do with this message.

        `from_` and `to` are a URI, in front of it a display name if wanted; `body` is its content type, a
        blank, then the content. The local route finds `ctx` in `$avp(uac_ctx)`. -1 if it cannot be sent.
        """
        kind, _, content = (body or "").partition(" ")
        request = self.local_requests.build(
            method, uri, _address(from_), _address(to), content, kind if content else ""
        )
        avps: dict[str, list[Value]] = {CONTEXT_AVP: [ctx]} if ctx is not None else {}
        return FAILED if self.local_requests.send(request, _ignore, avps=avps) is None else 1


def _ignore(status: int, reply: Message | None) -> None:
    """Whatever the answer is."""


def _address(text: str) -> str:
    """A From or To value from `[display ]URI`."""
    text = text.strip()
    if "<" in text:
        return text
    display, _, uri = text.rpartition(" ")
    return f"{display} <{uri}>" if display else f"<{uri}>"
