"""Questions what an rtpproxy can do (`VF date`, a dozen at a time): of no interest to readers of what happened."""

from __future__ import annotations

from relayscript.apps.testing.recorder import RelaySeen


class Questions:
    """Tells them, and the answers to them, from other relay commands; each has to be shown once, in order."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}

    def has(self, event: RelaySeen) -> bool:
        """This is one of them."""
        words = event.text.split()
        if event.sent:
            asks = "VF" in words[:2]
            self._open[event.node] = self._open.get(event.node, 0) + asks
            return asks
        answers = words[-1:] in (["0"], ["1"]) and self._open.get(event.node, 0) > 0
        self._open[event.node] = self._open.get(event.node, 0) - answers
        return answers
