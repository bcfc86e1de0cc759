"""Headers: what scripts ask of them, add and remove (sipmsgops manual)."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from functools import lru_cache

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, function
from relayscript.interpreter.formats import Reference
from relayscript.interpreter.modules.sl import REPLY_BODY, queue_reply_headers
from relayscript.interpreter.regex import Matcher
from relayscript.interpreter.values import ascii_lower, same_text
from relayscript.sip.errors import SipError
from relayscript.sip.message import header_key

CRLF = "\r\n"


class HeaderFunctions(Module):
    """Functions that ask about the message and its headers, and edit the headers."""

    # ---- asking

    @function()
    def is_method(self, context: Context, names: str) -> int:
        """Whether the method (of a reply: that of its CSeq) is one of `A|B|C`: 1 or -1."""
        method = context.message.method
        return 1 if method == names or method.upper() in names.upper().split("|") else -1

    @function()
    def has_totag(self, context: Context) -> int:
        """Whether To has a tag: 1 or -1."""
        try:
            return 1 if context.message.to_tag else -1
        except SipError:
            return -1

    @function()
    def is_present_hf(self, context: Context, name: str) -> int:
        """Whether the message came with a header of that name, long or compact: 1 or -1."""
        return 1 if header_key(name) in context.message.keys else -1

    @function()
    def is_privacy(self, context: Context, kind: str) -> int:
        """Whether the Privacy header asks for that kind (RFC 3323 4.2): 1 or -1."""
        wanted = ascii_lower(kind)
        asked = ascii_lower(";".join(context.message.headers("privacy")))
        return 1 if wanted in (each.strip() for each in asked.split(";")) else -1

    # ---- adding

    @function()
    def append_hf(self, context: Context, text: str, anchor: str | None = None) -> int:
        """Add header lines at the end, or behind the first header of a name if there is one: 1."""
        lines, index = text.removesuffix(CRLF), self._anchor(context, anchor)
        if index is None:
            context.changes.last.append(lines)
        else:
            context.changes.after.setdefault(index, []).append(lines)
        return 1

    @function()
    def insert_hf(self, context: Context, text: str, anchor: str | None = None) -> int:
        """Add header lines before all others, or before the first header of a name if there is one: 1."""
        lines, index = text.removesuffix(CRLF), self._anchor(context, anchor)
        if not index:
            context.changes.first.append(lines)
        else:
            context.changes.after.setdefault(index - 1, []).append(lines)
        return 1

    @staticmethod
    def _anchor(context: Context, name: str | None) -> int | None:
        keys = context.message.keys
        return keys.index(header_key(name)) if name and header_key(name) in keys else None

    @function()
    def append_urihf(self, context: Context, prefix: str, suffix: str) -> int:
        """Add a header line made of prefix, the Request-URI as received and suffix: 1."""
        return self.append_hf(context, f"{prefix}{context.message.uri}{suffix}")

    @function()
    def append_time(self, context: Context) -> int:
        """Add the time as a Date header (RFC 3261 20.17) to the answers that are made here: 1."""
        return self.append_to_reply(context, f"Date: {sip_date(self.runtime.host.wall())}{CRLF}")

    @function()
    def append_to_reply(self, context: Context, text: str) -> int:
        """Add header lines to all answers that are made here from now on: 1."""
        queue_reply_headers(context, text if text.endswith(CRLF) else text + CRLF)
        return 1

    @function()
    def append_body_to_reply(self, context: Context, text: str) -> int:
        """The body of the answer that is made here; its Content-Type comes from `append_to_reply`: 1."""
        context.local[REPLY_BODY] = text
        return 1

    @function()
    def change_reply_status(self, context: Context, code: int, reason: str) -> int:
        """Another status for the reply that is being relayed: 1; -1 if it would make a refusal a success."""
        message = context.message
        if not 100 <= code <= 699 or (code < 300) != (message.status < 300):
            context.log(-1, f"change_reply_status: {message.status} cannot become {code}")
            return -1
        message.status, message.reason = code, reason
        message.first_line = f"SIP/2.0 {code} {reason}"
        return 1

    # ---- removing

    @function()
    def remove_hf(self, context: Context, name: str) -> int:
        """Remove all headers of a name: 1; -1 if there is none. A compact name means only itself."""
        if header_key(name) == ascii_lower(name):
            return remove(context, context.message.indexes(header_key(name)))
        return remove(context, matching(context, lambda each: same_text(each, name)))

    @function()
    def remove_hf_re(self, context: Context, pattern: Matcher) -> int:
        """Remove the headers whose name matches: 1; -1 if none does."""
        return remove(context, matching(context, lambda name: pattern.search(name) is not None))

    @function()
    def remove_hf_glob(self, context: Context, pattern: str) -> int:
        """Remove the headers whose name fits a pattern with `*` and `?`: 1; -1 if none does."""
        return remove(context, matching(context, glob(pattern)))

    @function()
    def get_glob_headers_values(self, context: Context, pattern: str, names: Reference, values: Reference) -> int:
        """Write names and values of the headers that fit a pattern: 1; -1 if none does."""
        message = context.message
        found = matching(context, glob(pattern))
        for index in found:
            names.set(name_at(context, index))
            values.set(message.value(index))
        return 1 if found else -1


def name_at(context: Context, index: int) -> str:
    """The name of the header line at an index, as written."""
    return context.message.lines[index].partition(":")[0].rstrip(" \t")


def matching(context: Context, test: Callable[[str], bool]) -> list[int]:
    """The indexes of the header lines whose name passes."""
    return [index for index in range(len(context.message.lines)) if test(name_at(context, index))]


def remove(context: Context, indexes: list[int]) -> int:
    """Queue the removal of header lines: 1; -1 if there is none."""
    context.changes.removed.update(indexes)
    for index in indexes:
        context.changes.replaced.pop(index, None)
    return 1 if indexes else -1


@lru_cache(maxsize=256)
def _glob_expression(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern), re.IGNORECASE)


def glob(pattern: str) -> Callable[[str], bool]:
    """A test for a whole name, without regard to case."""
    expression = _glob_expression(pattern)
    return lambda name: expression.match(name) is not None


def sip_date(seconds: float) -> str:
    """A time as in a Date header: `Sat, 13 Nov 2010 23:29:00 GMT` (RFC 3261 20.17)."""
    from email.utils import formatdate  # late: it takes longer to load than this whole room

    return formatdate(seconds, usegmt=True)
