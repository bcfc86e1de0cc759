"""Branches of the request in the script: `$msg.branch...` and the older `$branch...` (language.md 10.2).

Index 0 is the branch of the request URI, 1 and up are the added ones; without an index the last added one
is meant. The older variables have no request URI branch: their 0, also the default, is the first added one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from relayscript.interpreter.context import Branch, Context
from relayscript.interpreter.declaration import Module, variable
from relayscript.interpreter.flag_names import FlagNames
from relayscript.interpreter.operators import plain
from relayscript.interpreter.values import FALSE, TRUE, Value, int_of, text_of
from relayscript.interpreter.variables.destination import q_text
from relayscript.interpreter.variables.indexing import Index, pick, position
from relayscript.interpreter.variables.message import put_flag
from relayscript.interpreter.variables.sources import find_socket

MOST_ADDED = 11
"""How many branches can be added to that of the request URI."""

Show = Callable[[Branch], Value]


class BranchVariables(Module):
    """Fields of branches."""

    name = "core"

    @cached_property
    def names(self) -> FlagNames:
        """The flags of the script."""
        return FlagNames(self.runtime.script)

    # ---- as a whole

    @variable("msg.branch")
    def branch(self, context: Context) -> Value:
        """The URI of the first added branch; writing adds one."""
        return context.branches[0].uri if context.branches else None

    @branch.setter
    def _add_branch(self, context: Context, op: str, value: Value) -> bool:
        return _append(context, value)

    @variable("msg.branch.last_idx")
    def last_index(self, context: Context) -> Value:
        """How many branches were added."""
        return len(context.branches)

    # ---- fields

    @variable("msg.branch.uri", index=True)
    def uri(self, context: Context, index: Index) -> Value:
        """The URI."""
        return _read(context, index, _uri)

    @uri.setter
    def _set_uri(self, context: Context, index: Index, op: str, value: Value) -> bool:
        return self._write(context, index, "uri", value)

    @variable("msg.branch.duri", index=True)
    def duri(self, context: Context, index: Index) -> Value:
        """The next hop."""
        return _read(context, index, _duri)

    @duri.setter
    def _set_duri(self, context: Context, index: Index, op: str, value: Value) -> bool:
        return self._write(context, index, "duri", value)

    @variable("msg.branch.path", index=True)
    def path(self, context: Context, index: Index) -> Value:
        """The Path vector."""
        return _read(context, index, _path)

    @path.setter
    def _set_path(self, context: Context, index: Index, op: str, value: Value) -> bool:
        return self._write(context, index, "path", value)

    @variable("msg.branch.socket", index=True)
    def socket(self, context: Context, index: Index) -> Value:
        """The socket to send from."""
        return _read(context, index, _socket)

    @socket.setter
    def _set_socket(self, context: Context, index: Index, op: str, value: Value) -> bool:
        return self._write(context, index, "socket", value)

    @variable("msg.branch.q", index=True)
    def q(self, context: Context, index: Index) -> Value:
        """The q value as text; empty if unspecified. It is written in thousandths, NULL for unspecified."""
        return _read(context, index, _q)

    @q.setter
    def _set_q(self, context: Context, index: Index, op: str, value: Value) -> bool:
        return self._write(context, index, "q", value)

    @variable("msg.branch.flags", index=True)
    def flags(self, context: Context, index: Index) -> Value:
        """The flags that are set, blank separated; writing sets exactly those."""
        return _read(context, index, self._flags)

    @flags.setter
    def _set_flags(self, context: Context, index: Index, op: str, value: Value) -> bool:
        return self._write(context, index, "flags", value)

    @variable("msg.branch.flag", "branch.flag", parameter="required", index=True)
    def flag(self, context: Context, name: str, index: Index) -> Value:
        """Whether a flag is set."""
        branch = chosen(context, index)
        return None if branch is None else TRUE if name in branch.flags else FALSE

    @flag.setter
    def _set_flag(self, context: Context, name: str, index: Index, op: str, value: Value) -> bool:
        branch = chosen(context, index)
        return branch is not None and put_flag(branch.flags, name, value)

    @variable("msg.branch.attr", parameter="required", index=True)
    def attribute(self, context: Context, name: str, index: Index) -> Value:
        """A value kept with the branch."""
        branch = chosen(context, index)
        return None if branch is None else branch.attributes.get(name)

    @attribute.setter
    def _set_attribute(self, context: Context, name: str, index: Index, op: str, value: Value) -> bool:
        branch = chosen(context, index)
        if branch is None:
            return False
        if value is None:
            branch.attributes.pop(name, None)
        else:
            branch.attributes[name] = plain(value)
        return True

    # ---- the older form

    @variable("branch", parameter="optional", index=True)
    def old_branch(self, context: Context, field: str | None, index: Index) -> Value:
        """A field of an added branch; the URI without a field."""
        show = self._shows.get(field or "uri")
        return pick([show(branch) for branch in context.branches], index) if show is not None else None

    @old_branch.setter
    def _set_old_branch(self, context: Context, field: str | None, index: Index, op: str, value: Value) -> bool:
        if field is None:
            return _append(context, value)
        at = position(index, len(context.branches))
        return at is not None and self._put(context.branches[at], field, value)

    # ---- by field name

    @cached_property
    def _shows(self) -> dict[str, Show]:
        return {
            "uri": _uri, "duri": _duri, "q": _q, "path": _path, "socket": _socket, "flags": self._flags
        }  # fmt: skip

    def _flags(self, branch: Branch) -> Value:
        return self.names.listed(branch.flags)

    def _write(self, context: Context, index: Index, field: str, value: Value) -> bool:
        branch = chosen(context, index)
        return branch is not None and self._put(branch, field, value)

    def _put(self, branch: Branch, field: str, value: Value) -> bool:
        text = text_of(value)
        match field:
            case "uri":
                if not text:
                    return False
                branch.uri = text
            case "duri" | "path":
                if value is not None and text is None:
                    return False
                setattr(branch, field, text or None)
            case "q":
                return _put_q(branch, value)
            case "socket":
                return self._put_socket(branch, value)
            case "flags":
                return self._put_flags(branch, value)
            case _:
                return False
        return True

    def _put_socket(self, branch: Branch, value: Value) -> bool:
        found = find_socket(self.runtime.listeners, text_of(value) or "")
        if value is not None and found is None:
            return False
        branch.socket = found
        return True

    def _put_flags(self, branch: Branch, value: Value) -> bool:
        wanted = set((text_of(value) or "").split())
        if not all(name in self.names for name in wanted):
            return False
        branch.flags.clear()
        branch.flags |= wanted
        return True


def add(context: Context, branch: Branch) -> bool:
    """Add a branch; false if there are too many."""
    if len(context.branches) >= MOST_ADDED:
        return False
    context.branches.append(branch)
    return True


def _append(context: Context, value: Value) -> bool:
    text = text_of(value)
    return bool(text) and add(context, Branch(str(text)))


def chosen(context: Context, index: Index) -> Branch | None:
    """The branch an index means: 0 is that of the request URI; without an index the last."""
    branches = context.branches
    if index is None or index == 0:
        return branches[-1] if branches and index is None else context.branch
    at = position(index, len(branches) + 1)
    if at is None:
        return None
    return branches[at - 1] if at else context.branch


def _read(context: Context, index: Index, show: Show) -> Value:
    if index == "*":
        shown = [show(branch) for branch in (context.branch, *context.branches)]
        return pick([each for each in shown if each is not None], index)
    branch = chosen(context, index)
    return None if branch is None else show(branch)


def _uri(branch: Branch) -> Value:
    return branch.uri


def _duri(branch: Branch) -> Value:
    return branch.duri


def _path(branch: Branch) -> Value:
    return branch.path


def _socket(branch: Branch) -> Value:
    return str(branch.socket) if branch.socket is not None else None


def _q(branch: Branch) -> Value:
    return q_text(branch.q)


def _put_q(branch: Branch, value: Value) -> bool:
    number = -1 if value is None else int_of(value)
    if number is None or not -1 <= number <= 1000:
        return False
    branch.q = number
    return True
