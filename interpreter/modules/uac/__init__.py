"""Module uac: what a proxy does in the name of a caller: identity, CSeq, credentials (uac manual)."""

from __future__ import annotations

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.modules.dialog import DialogModule
from relayscript.interpreter.modules.uac.identity import Identity
from relayscript.interpreter.modules.uac_auth import UacAuth
from relayscript.sip.dialog import Direction
from relayscript.sip.digest import Challenge, answer, parse_challenge
from relayscript.sip.errors import SipError
from relayscript.sip.message import Message

CHALLENGES = {401: ("www-authenticate", "Authorization"), 407: ("proxy-authenticate", "Proxy-Authorization")}
"""By status: the header with the challenge, and that with the answer (RFC 3261 22.2, 22.3)."""

MOST = 2**31
"""CSeq numbers stay below (RFC 3261 8.1.1.5)."""


class Uac(Identity):
    """Speaks for the caller."""

    name = "uac"
    requires = ("tm",)

    @function()
    def uac_inc_cseq(self, context: Context, by: int) -> int:
        """Send this request with a CSeq number higher by that much; its replies get the caller's: 1 or -1."""
        message = context.message
        try:
            number, method = message.cseq
        except SipError as error:
            context.log(-1, f"uac_inc_cseq: {error}")
            return -1
        index = message.keys.index("cseq")
        sent = context.changes.replaced.get(index)
        raised = (number if sent is None else int(sent.partition(":")[2].split()[0])) + by
        if not 0 <= raised < MOST:
            return -1
        context.changes.replaced[index] = message.line_with(index, f"{raised} {method}")
        self.restoring.watch(context, "cseq")
        return 1

    # ---- credentials

    @function()
    def uac_auth(self, context: Context, algorithms: str | None = None) -> int:
        """Answer the challenges of the 401 or 407 that failed this request, with the next CSeq number: 1.

        `algorithms` are those that may be used, separated by commas. -1 if there is no challenge that can be
        answered.
        """
        reply = context.reply
        if reply is None or reply.status not in CHALLENGES:
            context.log(-1, "uac_auth: no 401 or 407 to answer")
            return -1
        key, name = CHALLENGES[reply.status]
        allowed = {each.strip().upper() for each in algorithms.split(",")} if algorithms else None
        lines = [f"{name}: {value}" for value in self._answers(context, _challenges(reply, key, allowed))]
        if not lines or self.uac_inc_cseq(context, 1) < 0:
            return -1
        changes = context.changes
        changes.last[:] = [line for line in changes.last if not line.startswith(f"{name}:")] + lines
        self._renumber_dialog(context)
        return 1

    def _answers(self, context: Context, challenges: list[Challenge]) -> list[str]:
        """Answers to challenges, one for each realm: the strongest that is known (RFC 8760 2.4)."""
        module, message = self.runtime.module(UacAuth), context.message
        made: dict[str, str] = {}
        for challenge in sorted(challenges, key=lambda each: -each.strength):
            credentials = module.find(context, challenge.realm) if module is not None else None
            if credentials is None or challenge.realm in made:
                continue
            cnonce = self.runtime.ids.token("cnonce")
            value = answer(challenge, credentials, message.method, context.branch.uri, message.body, cnonce)
            if value is not None:
                made[challenge.realm] = value
        return list(made.values())

    def _renumber_dialog(self, context: Context) -> None:
        """All that follows in the dialog has CSeq numbers higher by one as well, the ACK of the INVITE included."""
        module = self.runtime.module(DialogModule)
        dialog = module.current(context) if module is not None else None
        if module is None or dialog is None:
            return
        way = module.way(context) or Direction.DOWNSTREAM
        dialog.sip.advance(way, 1)
        if way is Direction.DOWNSTREAM and context.message.method == "INVITE":
            dialog.sip.caller = dialog.sip.caller._replace(invite_shift=dialog.sip.caller.shift)


def _challenges(reply: Message, key: str, allowed: set[str] | None) -> list[Challenge]:
    found = [parse_challenge(value) for value in reply.headers(key)]
    return [each for each in found if each is not None and (allowed is None or each.algorithm.upper() in allowed)]
