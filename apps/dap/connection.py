"""The client at the other end: its requests in order, and what is told to it.

A thread of its own reads, so that whoever is busy can look whether something has come.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from queue import Empty, SimpleQueue
from threading import Thread

from relayscript.apps.dap.framing import BadFrame, Framing, Object, framed
from relayscript.apps.dap.requests import Request, request_of

Read = Callable[[], bytes]
"""Gives the bytes that have come, waiting for some; none at the end."""

Write = Callable[[bytes], object]


class Connection:
    """`is_over` says that the client is gone, `wrong` why it was not listened to any longer, if so."""

    def __init__(self, read: Read, write: Write) -> None:
        self.is_over = False
        self.wrong = ""
        self._read, self._write = read, write
        self._numbers = count(1)
        self._inbox: SimpleQueue[Request | BadFrame | None] = SimpleQueue()
        Thread(target=self._listen, name="dap reader", daemon=True).start()

    # ---- from the client

    def receive(self) -> Request | None:
        """The next request, when it comes; None if the client is gone."""
        return None if self.is_over else self._taken(self._inbox.get())

    def pending(self) -> Request | None:
        """The next request if it is there already."""
        if self.is_over:
            return None
        try:
            return self._taken(self._inbox.get_nowait())
        except Empty:
            return None

    def _taken(self, found: Request | BadFrame | None) -> Request | None:
        if isinstance(found, Request):
            return found
        self.is_over = True
        self.wrong = str(found or "")
        return None

    def _listen(self) -> None:
        framing = Framing()
        try:
            while data := self._read():
                framing.feed(data)
                while (message := framing.next_message()) is not None:
                    self._inbox.put(request_of(message))
        except BadFrame as error:
            self._inbox.put(error)
        except OSError:
            self._inbox.put(None)
        else:
            self._inbox.put(None)

    # ---- to the client

    def respond(self, request: Request, body: Object) -> None:
        """A request is done."""
        self._answer(request, {"success": True, "body": body})

    def refuse(self, request: Request, text: str) -> None:
        """A request cannot be done; the client shows the text."""
        error = {"id": 1, "format": "{text}", "variables": {"text": text}, "showUser": True}
        self._answer(request, {"success": False, "message": text, "body": {"error": error}})

    def tell(self, event: str, body: Object) -> None:
        """Something has happened."""
        self._send({"type": "event", "event": event, "body": body})

    def _answer(self, request: Request, more: Object) -> None:
        self._send({"type": "response", "request_seq": request.seq, "command": request.command, **more})

    def _send(self, message: Object) -> None:
        """A client that is gone is told nothing; reading notices it."""
        try:
            self._write(framed({"seq": next(self._numbers), **message}))
        except OSError:
            return
