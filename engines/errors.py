"""What an engine refuses to do, or a relay did not do."""

from __future__ import annotations


class EngineError(Exception):
    """An operation that cannot be carried out; the text says why, fit for a log and for `error_pv`."""
