"""`$rtpstat` and `$rtpquery`: what rtpengine knows of the message's call (rtp-relay.md 10)."""

from __future__ import annotations

import json

from relayscript.engines.rtpengine.ng import NgDict
from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import variable
from relayscript.interpreter.modules.rtpengine.offering import Offering
from relayscript.interpreter.modules.rtpengine.replies import STATISTICS, quality, totals
from relayscript.interpreter.values import Value


class RtpengineVariables(Offering):
    """Asked once for each message; a delete brings the final numbers."""

    @variable("rtpstat", parameter="optional", index=True, words=True)
    def rtpstat(self, context: Context, name: str | None, index: int | str | None) -> Value:
        """Totals in words, or one value of quality, of the participant whose tag is the index."""
        reply = self._statistics(context)
        if reply is None:
            return None
        if name is None:
            return totals(reply)
        return quality(reply, name, None if index in (None, "*") else str(index))

    @variable("rtpquery")
    def rtpquery(self, context: Context) -> Value:
        """All that rtpengine knows, as JSON."""
        reply = self._statistics(context)
        return json.dumps(reply, ensure_ascii=False) if reply is not None else None

    def _statistics(self, context: Context) -> NgDict | None:
        message = context.message
        known = message.cached(STATISTICS)
        if isinstance(known, dict):
            return known or None
        reply = self.told(context, "query", None, None)
        message.cache(STATISTICS, reply or {})
        return reply
