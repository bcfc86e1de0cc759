"""How much memory the process has."""

from __future__ import annotations

import resource
from pathlib import Path

STATM = Path("/proc/self/statm")


def resident() -> int:
    """Bytes of the resident set (proc_pid_statm(5)); 0 where the system does not tell."""
    try:
        pages = int(STATM.read_bytes().split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    return pages * resource.getpagesize()
