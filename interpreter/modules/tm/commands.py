"""The management commands of module tm: requests, answers and cancels from outside (tm manual)."""

from __future__ import annotations

from relayscript.interpreter.declaration import command
from relayscript.interpreter.management import CommandError
from relayscript.interpreter.modules.tm.core import TmCore
from relayscript.interpreter.variables.sources import find_socket
from relayscript.interpreter.waiting import wait
from relayscript.sip.message import Message

BAD = 400
NOT_FOUND = 404


class Commands(TmCore):
    """What management can do with transactions."""

    @command("tm:hash", "t_hash")
    def hash(self) -> dict[str, object]:
        """The transactions there are."""
        found = [
            {
                "id": each.token,
                "method": each.request.method,
                "callid": each.request.call_id,
                "status": each.status,
                "branches": len(each.branches),
            }
            for each in self.table.transactions()
        ]
        return {"Transactions": found}

    @command("tm:reply", "t_reply")
    def reply(
        self, code: int, reason: str, trans_id: str, to_tag: str, new_headers: str = "", body: str = ""
    ) -> str:
        """Answer the request of a transaction (`$T_id`)."""
        found = next((each for each in self.table.transactions() if each.token == trans_id), None)
        if found is None:
            raise CommandError(NOT_FOUND, "Transaction not found")
        headers = new_headers.rstrip("\r\n") + "\r\n" if new_headers else ""
        if not 100 <= code <= 699 or not self.replying.answer(found, code, reason, headers, body, to_tag):
            raise CommandError(500, "Reply failed")
        return "OK"

    @command("tm:uac_cancel", "t_uac_cancel")
    def uac_cancel(self, callid: str, cseq: str) -> str:
        """Cancel an INVITE that was sent from here; `cseq` is its number, with or without the method."""
        found = self.table.of_call(callid, cseq.partition(" ")[0], local=True)
        if found is None:
            raise CommandError(NOT_FOUND, "No such transaction")
        for branch in found.open_branches():
            self.cancelling.cancel_branch(branch)
        return "OK"

    @command("tm:uac_dlg", "t_uac_dlg")
    def uac_dlg(
        self, method: str, ruri: str, headers: str, next_hop: str = "", socket: str = "", body: str = ""
    ) -> dict[str, object]:
        """Send a request and wait for its final answer. `headers` must have From and To."""
        listener = find_socket(self.runtime.listeners, socket)
        if socket and listener is None:
            raise CommandError(NOT_FOUND, f"No socket {socket}")
        request = self._request(method, ruri, headers, body)
        answers: list[Message | None] = []

        def start(done: object) -> None:
            assert callable(done)

            def over(status: int, reply: Message | None) -> None:
                answers.append(reply)
                done(status)

            self.local_requests.send(request, over, next_hop or None, listener)

        status: int = wait(start)
        reply = answers[0]
        if reply is None:
            return {
                "Status": f"{status} {'Request Timeout' if status == 408 else 'Send failed'}",
                "Message": "",
            }
        return {"Status": f"{reply.status} {reply.reason}", "Message": reply.render(reply.first_line)}

    def _request(self, method: str, uri: str, headers: str, body: str) -> Message:
        ids = self.runtime.ids
        given = Message(f"{method} {uri} SIP/2.0", [line for line in headers.split("\r\n") if line], body)
        if "from" not in given.keys or "to" not in given.keys:
            raise CommandError(BAD, "Bad headers: From and To are needed")
        lines = list(given.lines)
        if not given.from_tag:
            at = given.keys.index("from")
            lines[at] = f"{lines[at].rstrip()};tag={ids.token('tag')}"
        for key, line in (
            ("call-id", f"Call-ID: {ids.token('call-id')}"),
            ("cseq", f"CSeq: 1 {method}"),
            ("max-forwards", "Max-Forwards: 70"),
            ("content-length", f"Content-Length: {len(body)}"),
        ):
            if key not in given.keys:
                lines.append(line)
        return Message(given.first_line, lines, body)
