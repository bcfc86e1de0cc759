"""The commands about memory (`mem:*`): one process has one heap, kept by Python."""

from __future__ import annotations

import gc
from collections import Counter

from relayscript.interpreter.declaration import Module, command
from relayscript.interpreter.management import CommandError

MOST_TYPES = 20
"""How many types of objects a dump names."""

NOTICE = 2
NO_POOL = "relayscript has no memory pools of its own"


class MemoryCommands(Module):
    """What is in memory."""

    name = "core_commands"

    @command("mem:pkg_dump", "mem_pkg_dump")
    def pkg_dump(self, pid: int, log_level: int | None = None) -> str:
        """Write to the log what the memory of a process holds: the most frequent types of objects."""
        if pid != self.runtime.pid:
            raise CommandError(404, "Process not found")
        return self.shm_dump(log_level)

    @command("mem:shm_dump", "mem_shm_dump")
    def shm_dump(self, log_level: int | None = None) -> str:
        """Write to the log what memory holds: the most frequent types of objects."""
        counts = Counter(type(each).__name__ for each in gc.get_objects())
        level = NOTICE if log_level is None else log_level
        self.runtime.log(level, f"memory: {counts.total()} objects\n")
        for name, count in counts.most_common(MOST_TYPES):
            self.runtime.log(level, f"memory: {count} {name}\n")
        return "OK"

    @command("mem:rpm_dump", "mem_rpm_dump")
    def rpm_dump(self, log_level: int | None = None) -> str:
        """There is no restart-persistent memory: always an error."""
        raise CommandError(500, "Not available", NO_POOL)

    @command("mem:shm_check", "mem_shm_check")
    def shm_check(self) -> str:
        """There is no pool to check: always an error."""
        raise CommandError(500, "Not available", NO_POOL)
