"""Prompts, recordings and statistics of module rtpproxy (rtp-relay.md 5.6, 10)."""

from __future__ import annotations

from collections.abc import Callable

from relayscript.engines.errors import EngineError
from relayscript.engines.rtpproxy import commands
from relayscript.engines.rtpproxy.replies import RtpproxyError, check, parse_numbers
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import function
from relayscript.interpreter.descriptions import description
from relayscript.interpreter.direct_media import Target, text_in
from relayscript.interpreter.modules.rtpproxy.core import RtpproxyCore
from relayscript.interpreter.waiting import wait
from relayscript.sip.message import Message
from relayscript.sip.sdp import Description

NO_NODE = -1
MALFORMED = -2
FAILED = -1
USUAL = 5
ALL = (
    "ttl", "npkts_ina", "npkts_ino", "nrelayed", "ndropped", "rtpa_nsent", "rtpa_nrcvd", "rtpa_ndups",
    "rtpa_nlost", "rtpa_perrs",
)  # fmt: skip
"""What rtpproxy_all_stats asks for, in the order of its result."""


class Playing(RtpproxyCore):
    """Commands on a session beside offer, answer and delete."""

    # ---- prompts

    @function(waits=True)
    def rtpproxy_stream2uac(
        self,
        context: Context,
        file: str,
        count: int,
        set_id: int | None = None,
        sock_var: Target | None = None,
    ) -> int:
        """Play a prompt to the caller, `count` times (-1: for ever)."""
        return self._play(context, file, count, set_id, sock_var, to_caller=True)

    @function(waits=True)
    def rtpproxy_stream2uas(
        self,
        context: Context,
        file: str,
        count: int,
        set_id: int | None = None,
        sock_var: Target | None = None,
    ) -> int:
        """Play a prompt to the callee."""
        return self._play(context, file, count, set_id, sock_var, to_caller=False)

    @function(waits=True)
    def rtpproxy_stop_stream2uac(
        self, context: Context, set_id: int | None = None, sock_var: Target | None = None
    ) -> int:
        """End the prompt for the caller."""
        return self._stop(context, set_id, sock_var, to_caller=True)

    @function(waits=True)
    def rtpproxy_stop_stream2uas(
        self, context: Context, set_id: int | None = None, sock_var: Target | None = None
    ) -> int:
        """End the prompt for the callee."""
        return self._stop(context, set_id, sock_var, to_caller=False)

    def _play(
        self,
        context: Context,
        file: str,
        count: int,
        number: int | None,
        node: Target | None,
        *,
        to_caller: bool,
    ) -> int:
        message = context.message
        return self._told(
            context, number, node, commands.CODECS,
            lambda: commands.play(message.call_id, file, count, *_tags(message, to_caller)),
        )  # fmt: skip

    def _stop(self, context: Context, number: int | None, node: Target | None, *, to_caller: bool) -> int:
        message = context.message
        return self._told(
            context, number, node, commands.CODECS,
            lambda: commands.stop_playing(message.call_id, *_tags(message, to_caller)),
        )  # fmt: skip

    # ---- recordings

    @function(waits=True)
    def rtpproxy_start_recording(
        self,
        context: Context,
        set_id: int | None = None,
        sock_var: Target | None = None,
        flags: str | None = None,
        destination: str | None = None,
        stream: int | None = None,
    ) -> int:
        """Record the call, or copy all its streams (or one) to a destination: 1 or -1."""
        message, letters = context.message, flags or ""
        tags = (message.from_tag, message.to_tag)
        if not destination:
            return self._told(
                context, set_id, sock_var, commands.RECORDING,
                lambda: commands.record(message.call_id, *tags, letters),
            )  # fmt: skip
        to = destination
        numbers = [stream] if stream is not None else range(1, _streams(message) + 1)
        for number in numbers:
            result = self._told(
                context, set_id, sock_var, commands.RECORDING,
                lambda each=number: commands.copy(message.call_id, to, each, *tags, letters),  # type: ignore[misc]
            )  # fmt: skip
            if result < 0:
                return result
        return 1

    # ---- statistics

    @function(waits=True)
    def rtpproxy_stats(
        self,
        context: Context,
        up: Target,
        down: Target,
        sent: Target,
        fail: Target,
        set_id: int | None = None,
        sock_var: Target | None = None,
    ) -> int:
        """Packets from each side, relayed and dropped: 1; -1 no node, -2 strange reply, -code for an error."""
        numbers = self._asked(context, set_id, sock_var, ())
        if isinstance(numbers, int):
            return numbers
        if len(numbers) < USUAL:
            return MALFORMED
        for target, number in zip((up, down, sent, fail), numbers[1:], strict=False):
            target.set(number)
        return 1

    @function(waits=True)
    def rtpproxy_all_stats(
        self, context: Context, avp: Target, set_id: int | None = None, sock_var: Target | None = None
    ) -> int:
        """Ten numbers as the values of an AVP, the first of them at index 0."""
        numbers = self._asked(context, set_id, sock_var, ALL)
        if isinstance(numbers, int):
            return numbers
        if len(numbers) != len(ALL):
            return MALFORMED
        for number in reversed(numbers):
            avp.set(number)
        return 1

    def _asked(
        self, context: Context, number: int | None, node: Target | None, names: tuple[str, ...]
    ) -> tuple[int, ...] | int:
        message = context.message
        tags = _tags(message, message.is_request)
        url = self._node(context, number, node)
        if not url:
            return NO_NODE
        reply = self._send(url, commands.query(message.call_id, *tags, names))
        if reply is None:
            return NO_NODE
        try:
            return parse_numbers(reply)
        except RtpproxyError as refusal:
            return -refusal.code
        except EngineError:
            return MALFORMED

    # ---- commands

    def _node(self, context: Context, number: int | None, node: Target | None) -> str:
        return text_in(node) or self.engine.node_for(context.message.call_id, number)

    def _told(
        self,
        context: Context,
        number: int | None,
        node: Target | None,
        capability: str,
        command: Callable[[], str],
    ) -> int:
        """Send a command to the node of a call, if it has the capability: 1 or -1."""
        url = self._node(context, number, node)
        if not url or not self.engine.can(url, capability):
            self.runtime.warn_at(f"no rtpproxy for call {context.message.call_id} that can do it")
            return FAILED
        try:
            reply = self._send(url, command())
            if reply is not None:
                check(reply)
        except EngineError as error:
            self.runtime.warn_at(f"rtpproxy {url}: {error}")
            return FAILED
        return FAILED if reply is None else 1

    def _send(self, url: str, text: str) -> str | None:
        def start(done: Callable[[str | None], None]) -> None:
            self.engine.command(url, text, done)

        return wait(start)


def _tags(message: Message, from_first: bool) -> tuple[str, str]:
    tags = (message.from_tag, message.to_tag)
    return tags if from_first else (tags[1], tags[0])


def _streams(message: Message) -> int:
    """How many streams the description of a message has; 1 if it has none."""
    return len(Description(description(message) or "").streams) or 1
