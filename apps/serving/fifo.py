"""Management commands through a named pipe: `:reply_pipe:request`, the reply through a pipe of the client's."""

from __future__ import annotations

import errno
import grp
import json
import os
import pwd
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass

from relayscript.apps.serving.eventloop import EventLoop

LARGEST = 65536
"""Bytes of one request."""

RETRY = 0.01
"""Seconds until a client that is not reading yet is tried again."""

PATIENCE = 5.0
"""Seconds after which a client that does not read its reply gets none."""

Answer = Callable[[bytes], None]
Complain = Callable[[str, str], None]

_ADDRESSED = re.compile(rb":([^:\n]*):")


@dataclass(frozen=True, slots=True)
class Pipe:
    """Where a pipe is, who may write to it (numbers or names; empty: nobody changes that), and where replies go."""

    path: str
    reply_folder: str = "/tmp/"
    mode: int = 0o660
    user: str = ""
    group: str = ""


class Fifo:
    """Reads requests from a pipe of ours; `receive` gets each of them with a way to answer it."""

    def __init__(
        self, events: EventLoop, complain: Complain, pipe: Pipe, receive: Callable[[bytes, Answer], None]
    ) -> None:
        self._events = events
        self._complain = complain
        self._pipe = pipe
        self._receive = receive
        self._buffer = bytearray()
        self._file = -1
        self._replies: set[Reply] = set()

    def open(self) -> None:
        """Make the pipe and read from it. Raises OSError, also if something else has its name."""
        path = self._pipe.path
        if os.path.lexists(path):
            if not stat.S_ISFIFO(os.lstat(path).st_mode):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
            os.unlink(path)  # left behind by one that was killed
        os.mkfifo(path)
        try:
            os.chmod(path, self._pipe.mode)
            if self._pipe.user or self._pipe.group:
                os.chown(path, user_number(self._pipe.user), group_number(self._pipe.group))
            self._watch()
        except OSError:
            os.unlink(path)
            raise

    def close(self) -> None:
        """Take the pipe away."""
        for reply in list(self._replies):
            reply.end()
        if self._file >= 0:
            self._unwatch()
            self._file = -1
            if os.path.lexists(self._pipe.path):
                os.unlink(self._pipe.path)

    def _watch(self) -> None:
        self._file = os.open(self._pipe.path, os.O_RDONLY | os.O_NONBLOCK)
        self._events.watch(self._file, self._readable)

    def _unwatch(self) -> None:
        self._events.unwatch(self._file)
        os.close(self._file)

    def _readable(self) -> None:
        try:
            data = os.read(self._file, LARGEST)
        except BlockingIOError:
            return
        self._buffer += data
        for name, request in take_requests(self._buffer, has_ended=not data):
            self._receive(request, self._answer(name))
        if not data:
            self._renew()

    def _renew(self) -> None:
        """All writers have left: a pipe opened anew is quiet until the next one comes."""
        old = self._file
        self._events.unwatch(old)
        try:
            self._watch()
        except OSError as error:
            self._file = -1
            self._complain("fifo", f"{self._pipe.path}: {error}")
        os.close(old)

    def _answer(self, name: str) -> Answer:
        def answer(data: bytes) -> None:
            if not name or not data:
                return
            if "/" in name or name in (".", ".."):
                self._complain("fifo", f"{name!r} is no name for a reply pipe")
                return
            reply = Reply(self._events, os.path.join(self._pipe.reply_folder, name), data + b"\n", self._ended)
            self._replies.add(reply)
            reply.write()

        return answer

    def _ended(self, reply: Reply, reason: str) -> None:
        self._replies.discard(reply)
        if reason:
            self._complain("fifo", f"cannot reply to {reply.path}: {reason}")


class Reply:
    """One reply on its way into a client's pipe; it waits for the client, but not for ever."""

    def __init__(
        self, events: EventLoop, path: str, data: bytes, ended: Callable[[Reply, str], None]
    ) -> None:  # fmt: skip
        self.path = path
        self._events = events
        self._left = bytearray(data)
        self._ended = ended
        self._file = -1
        self._again = self._limit = events.timers.start(PATIENCE, lambda: self.end("nobody reads it"))

    def write(self) -> None:
        """Write what the client takes; the rest when it has read."""
        try:
            if self._file < 0:
                self._open()
            while self._left:
                del self._left[: os.write(self._file, self._left)]
            self.end()
        except BlockingIOError:
            self._events.watch_writable(self._file, self.write)
        except OSError as error:
            if error.errno == errno.ENXIO and self._file < 0:
                self._again = self._events.timers.start(RETRY, self.write)
            else:
                self.end(os.strerror(error.errno or errno.EIO).lower())

    def end(self, reason: str = "") -> None:
        """Nothing more is written."""
        self._limit.cancel()
        self._again.cancel()
        if self._file >= 0:
            self._events.unwatch_writable(self._file)
            os.close(self._file)
            self._file = -1
        self._ended(self, reason)

    def _open(self) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        if not stat.S_ISFIFO(os.fstat(file).st_mode):
            os.close(file)
            raise OSError(errno.EINVAL, "not a pipe")
        self._file = file


def take_requests(buffer: bytearray, has_ended: bool) -> list[tuple[str, bytes]]:
    """Take the complete requests from the front: name of the reply pipe (empty: no reply) and JSON text.

    A request ends where its JSON does; one that is no JSON, at the end of its line or of the writing.
    """
    found: list[tuple[str, bytes]] = []
    while buffer:
        if buffer[:1].isspace():
            del buffer[:1]
            continue
        address = _ADDRESSED.match(buffer)
        start = address.end() if address else 0
        end = _end_of_request(buffer, start, has_ended)
        if end < 0:
            if len(buffer) > LARGEST:
                buffer.clear()
            break
        found.append((address[1].decode("latin-1") if address else "", bytes(buffer[start:end])))
        del buffer[:end]
    return found


def _end_of_request(buffer: bytearray, start: int, has_ended: bool) -> int:
    """Where the request that begins at `start` ends; -1 if that is not known yet."""
    text = buffer[start:].decode("latin-1")
    if text.lstrip()[:1] in ("{", "["):
        blanks = len(text) - len(text.lstrip())
        try:
            return start + int(json.JSONDecoder().raw_decode(text, blanks)[1])
        except (ValueError, RecursionError):
            pass  # it is not complete, or no JSON
    line = buffer.find(b"\n", start)
    if line >= 0:
        return line
    return len(buffer) if has_ended else -1


def user_number(text: str) -> int:
    """The number of a user, by number or name; -1 if empty. Raises OSError if there is none of that name."""
    if not text or text.isdigit():
        return int(text or -1)
    try:
        return pwd.getpwnam(text).pw_uid
    except KeyError:
        raise OSError(errno.EINVAL, f"no user {text}") from None


def group_number(text: str) -> int:
    """The number of a group, by number or name; -1 if empty. Raises OSError if there is none of that name."""
    if not text or text.isdigit():
        return int(text or -1)
    try:
        return grp.getgrnam(text).gr_gid
    except KeyError:
        raise OSError(errno.EINVAL, f"no group {text}") from None
