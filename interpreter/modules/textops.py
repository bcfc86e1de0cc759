"""Module textops: search and replace in messages by regular expressions (textops manual)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.dsl.visitor import walk
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.modules.sipmsgops import body
from relayscript.interpreter.regex import Matcher, compile_ere
from relayscript.interpreter.transformations.subst import parse_substitution
from relayscript.sip.errors import SipError
from relayscript.sip.uri import parse_uri

Edit = Callable[[str], str | None]
"""Makes another text of a text; None if nothing matches."""

SUBSTITUTING = ("subst", "subst_body", "subst_uri", "subst_user")

GAP = "\r\n\r\n"


class Textops(Module):
    """Functions on the text of the message, or of its body; they see what they queued before.

    `^` and `$` match at line ends, and `.` does not match one, except in `replace_body_atonce`.
    """

    name = "textops"

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """Substitutions are written out in the script, so they can be read before it starts."""
        for node in walk(script):
            if isinstance(node, nodes.Call) and node.name in SUBSTITUTING and node.args:
                text = node.args[0]
                if isinstance(text, nodes.Text) and parse_substitution(text.value) is None:
                    message = f"{node.name}(): {text.value!r} is no /expression/replacement/flags"
                    yield Diagnostic(Severity.ERROR, "RS330", message, text.span)

    # ---- searching

    @function()
    def search(self, context: Context, pattern: Matcher) -> int:
        """Whether the pattern matches in the message: 1 or -1."""
        text = f"{context.message.first_line}\r\n{_message(context)}"
        return 1 if _by_line(pattern).matches(text) else -1

    @function()
    def search_body(self, context: Context, pattern: Matcher) -> int:
        """Whether the pattern matches in the body: 1 or -1."""
        return 1 if _by_line(pattern).matches(body.text(context)) else -1

    @function()
    def search_append(self, context: Context, pattern: Matcher, text: str) -> int:
        """Put text behind the first match in headers or body: 1; -1 if there is none."""
        return _edit_message(context, appended(_by_line(pattern), text))

    @function()
    def search_append_body(self, context: Context, pattern: Matcher, text: str) -> int:
        """Put text behind the first match in the body: 1; -1 if there is none."""
        return _edit_body(context, appended(_by_line(pattern), text))

    # ---- replacing

    @function()
    def replace(self, context: Context, pattern: Matcher, text: str) -> int:
        """Replace the first match in headers or body: 1; -1 if there is none."""
        return _edit_message(context, replaced(_by_line(pattern), text, everywhere=False))

    @function()
    def replace_all(self, context: Context, pattern: Matcher, text: str) -> int:
        """Replace all matches in headers and body: 1; -1 if there is none."""
        return _edit_message(context, replaced(_by_line(pattern), text, everywhere=True))

    @function()
    def replace_body(self, context: Context, pattern: Matcher, text: str) -> int:
        """Replace the first match in the body: 1; -1 if there is none."""
        return _edit_body(context, replaced(_by_line(pattern), text, everywhere=False))

    @function()
    def replace_body_all(self, context: Context, pattern: Matcher, text: str) -> int:
        """Replace all matches in the body: 1; -1 if there is none."""
        return _edit_body(context, replaced(_by_line(pattern), text, everywhere=True))

    @function()
    def replace_body_atonce(self, context: Context, pattern: Matcher, text: str) -> int:
        """Replace all matches in the body, taken as one text and not line by line: 1; -1 if there is none."""
        return _edit_body(context, replaced(pattern, text, everywhere=True))

    # ---- substituting

    @function()
    def subst(self, context: Context, expression: str) -> int:
        """Apply `/pattern/replacement/flags` to headers and body: 1; -1 if nothing matches."""
        return _edit_message(context, self._substitution(context, expression))

    @function()
    def subst_body(self, context: Context, expression: str) -> int:
        """Apply `/pattern/replacement/flags` to the body: 1; -1 if nothing matches."""
        return _edit_body(context, self._substitution(context, expression))

    @function()
    def subst_uri(self, context: Context, expression: str) -> int:
        """Apply `/pattern/replacement/flags` to the R-URI: 1; -1 if nothing matches."""
        made = self._substitution(context, expression)(context.branch.uri)
        if made is None:
            return -1
        context.branch.uri = made
        return 1

    @function()
    def subst_user(self, context: Context, expression: str) -> int:
        """Apply `/pattern/replacement/flags` to the user of the R-URI: 1; -1 if nothing matches."""
        uri = context.branch.uri
        try:
            user = parse_uri(uri).user
        except SipError:
            return -1
        made = self._substitution(context, expression)(user)
        if made is None or not user:
            return -1
        scheme, _, rest = uri.partition(":")
        context.branch.uri = f"{scheme}:{made}{rest[len(user) :]}"
        return 1

    @staticmethod
    def _substitution(context: Context, expression: str) -> Edit:
        found = parse_substitution(expression)
        if found is None:
            context.log(-1, f"subst: bad expression {expression!r}")
            return lambda text: None
        return lambda text: found.apply(context, text) if found.matcher.matches(text) else None


def _by_line(pattern: Matcher) -> Matcher:
    return compile_ere(pattern.pattern, newline=True)


def appended(pattern: Matcher, text: str) -> Edit:
    """Text behind the first match."""

    def edit(given: str) -> str | None:
        found = pattern.search(given)
        if found is None:
            return None
        end = found.spans[0][1]
        return f"{given[:end]}{text}{given[end:]}"

    return edit


def replaced(pattern: Matcher, text: str, *, everywhere: bool) -> Edit:
    """Text in the place of the first match, or of all."""

    def edit(given: str) -> str | None:
        parts: list[str] = []
        at = 0
        while (found := pattern.search(given, at)) is not None:
            start, end = found.spans[0]
            if start == end:
                break
            parts += (given[at:start], text)
            at = end
            if not everywhere:
                break
        return "".join((*parts, given[at:])) if parts else None

    return edit


def _kept(context: Context) -> list[int]:
    """The header lines that will be sent."""
    changes = context.changes
    lines = range(len(context.message.lines))
    return [each for each in lines if each not in changes.removed or each in changes.replaced]


def _head(context: Context) -> list[str]:
    lines, edited = context.message.lines, context.changes.replaced
    return [edited.get(index, lines[index]) for index in _kept(context)]


def _message(context: Context) -> str:
    """Headers and body as they will be sent, without what is put before and behind the headers."""
    return "\r\n".join(_head(context)) + GAP + body.text(context)


def _edit_body(context: Context, edit: Edit) -> int:
    made = edit(body.text(context))
    if made is None:
        return -1
    context.changes.body = made
    return 1


def _edit_message(context: Context, edit: Edit) -> int:
    made = edit(_message(context))
    if made is None:
        return -1
    head, gap, rest = made.partition(GAP)
    before, after, kept = _head(context), head.split("\r\n"), _kept(context)
    if gap and rest != body.text(context):
        context.changes.body = rest
    if len(before) != len(after):
        after = _fitted(before, after)
    for index, old, new in zip(kept, before, after, strict=True):
        if old != new:
            context.changes.replaced[index] = new
    return 1


def _fitted(before: list[str], after: list[str]) -> list[str]:
    """The new lines joined so that there are as many as before: what is equal at both ends stays alone."""
    start = 0
    while start < min(len(before), len(after)) - 1 and before[start] == after[start]:
        start += 1
    behind = len(before) - start - 1
    middle = "\r\n".join(after[start : len(after) - behind])
    return [*after[:start], middle, *after[len(after) - behind :]] if behind else [*after[:start], middle]
