"""Serial forking: the branch set ordered by q, tried group by group (language.md 6).

What is still to be tried is kept in `$avp(serial_branch)`, next one first, each as a JSON text, so that it
travels with the transaction into its failure routes.
"""

from __future__ import annotations

import json
from itertools import groupby

from relayscript.interpreter.context import Branch, Context, Kind
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.values import Value
from relayscript.interpreter.variables.sources import find_socket
from relayscript.sip.transport import Listener

AVP = "serial_branch"
KINDS = (Kind.REQUEST, Kind.FAILURE)


class SerialFunctions(Module):
    """Ordering and taking branches."""

    name = "core"

    @function()
    def serialize_branches(self, context: Context, clear: int, keep_order: int | None = None) -> int:
        """Move the branch set into the order of q, highest first; `clear` drops what an earlier call left.

        With `keep_order` q does not count, and each branch is a group of its own. Without added branches,
        or if all have the same q, nothing happens.
        """
        if clear:
            context.avps.pop(AVP, None)
        everyone = [context.branch, *context.branches]
        if len(everyone) == 1 or (not keep_order and len({branch.q for branch in everyone}) == 1):
            return 1
        if keep_order:
            groups = [[branch] for branch in everyone]
        else:
            ordered = sorted(everyone, key=lambda branch: -branch.q)
            groups = [list(group) for _, group in groupby(ordered, key=lambda branch: branch.q)]
        packed: list[Value] = [pack(branch, last=branch is group[-1]) for group in groups for branch in group]
        context.avps[AVP] = packed + context.avps.get(AVP, [])
        context.branches = []
        return 1

    @function()
    def next_branches(self, context: Context) -> int:
        """Take the next group as request URI and added branches: 1 if more follow, 2 if it is the last.

        -1 if there is none, or in a route other than a request or failure route.
        """
        waiting = context.avps.get(AVP)
        if not waiting or context.kind not in KINDS:
            return -1
        group: list[Branch] = []
        last = False
        while waiting and not last:
            branch, last = unpack(str(waiting.pop(0)), self.runtime.listeners)
            group.append(branch)
        if not waiting:
            del context.avps[AVP]
        context.branch, context.branches = group[0], group[1:]
        return 1 if waiting else 2


def pack(branch: Branch, *, last: bool) -> str:
    """A branch as a text; `last` says that its group ends with it."""
    socket = None if branch.socket is None else str(branch.socket)
    fields = (branch.uri, branch.duri, branch.q, branch.path, socket, sorted(branch.flags), branch.attributes)
    return json.dumps([*fields, last])


def unpack(text: str, listeners: tuple[Listener, ...]) -> tuple[Branch, bool]:
    """The branch that a text was made from, and whether its group ends with it."""
    uri, duri, q, path, socket, flags, attributes, last = json.loads(text)
    branch = Branch(uri)
    branch.duri, branch.q, branch.path = duri, q, path
    branch.socket = None if socket is None else find_socket(listeners, socket)
    branch.flags, branch.attributes = set(flags), attributes
    return branch, last
