"""Functions on the branch set: adding, moving, removing (language.md 6, 10.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.dsl.visitor import literals
from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.values import ascii_lower
from relayscript.interpreter.variables.branches import MOST_ADDED, add

_Q = re.compile(r"0?\.[0-9]{0,3}|[01](?:\.0{0,3})?", re.ASCII)


class BranchFunctions(Module):
    """Here the added branches count from 0; a number left out, or below 0, means that of the request URI."""

    name = "core"

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """A q that is given as it stands has to be one."""
        for call, q in literals(script, "append_msg_branch", "append_branch_old", argument=1):
            if parse_q(q.value) is None:
                text = f"{call.name}(): {q.value!r} is no q, which goes from 0 to 1"
                yield Diagnostic(Severity.ERROR, "RS330", text, q.span)

    @function()
    def append_msg_branch(self, context: Context, uri: str, q: str | None = None, inherit: str | None = None) -> int:
        """Add a branch; with `inherite` it takes everything else from that of the request URI."""
        thousandths = parse_q(q)
        if not uri or thousandths is None:
            return -1
        branch = Branch(uri)
        if inherit is not None and ascii_lower(inherit) in ("inherit", "inherite"):
            branch = context.branch.copy()
            branch.uri = uri
        if q:
            branch.q = thousandths
        return 1 if add(context, branch) else -1

    @function()
    def append_branch_old(self, context: Context, uri: str | None = None, q: str | None = None) -> int:
        """Add a branch; without a URI, that of the request URI with its next hop, path, q, socket and flags.

        The request URI keeps its URI and loses all the rest.
        """
        thousandths = parse_q(q)
        if thousandths is None:
            return -1
        if uri:
            branch = Branch(uri)
        else:
            branch = context.branch
            context.branch = Branch(branch.uri)
        if q:
            branch.q = thousandths
        return 1 if add(context, branch) else -1

    @function()
    def remove_msg_branch(self, context: Context, index: int) -> int:
        """Remove an added branch."""
        if not 0 <= index < len(context.branches):
            return -1
        del context.branches[index]
        return 1

    @function()
    def move_msg_branch(
        self, context: Context, source: int | None = None, target: int | None = None, keep: str | None = None
    ) -> int:
        """Put a branch in the place of another; with `keep` it also stays. The first one always stays."""
        source, target = _number(source), _number(target)
        branch = _get(context, source)
        if branch is None or source == target or _get(context, target) is None:
            return -1
        _put(context, target, branch.copy())
        if source > 0 and (keep is None or ascii_lower(keep) != "keep"):
            del context.branches[source]
        return 1

    @function()
    def swap_msg_branches(self, context: Context, first: int | None = None, second: int | None = None) -> int:
        """Exchange two branches."""
        first, second = _number(first), _number(second)
        one, other = _get(context, first), _get(context, second)
        if one is None or other is None:
            return -1
        _put(context, first, other)
        _put(context, second, one)
        return 1


def parse_q(text: str | None) -> int | None:
    """A q value (`0` to `1`) in thousandths, -1 for none; None if it is malformed."""
    if not text:
        return -1
    if _Q.fullmatch(text) is None:
        return None
    whole, _, rest = text.partition(".")
    return int(whole or 0) * 1000 + int(rest.ljust(3, "0") or 0)


def _number(index: int | None) -> int:
    """-1 for the branch of the request URI."""
    return -1 if index is None or index < 0 else index


def _get(context: Context, index: int) -> Branch | None:
    if index < 0:
        return context.branch
    return context.branches[index] if index < min(len(context.branches), MOST_ADDED) else None


def _put(context: Context, index: int, branch: Branch) -> None:
    if index < 0:
        context.branch = branch
    else:
        context.branches[index] = branch
