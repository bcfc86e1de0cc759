"""The management commands of the core, which every script has, whatever it loads (Core MI Functions manual)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module
from relayscript.interpreter.modules.core_commands.connections import ConnectionCommands
from relayscript.interpreter.modules.core_commands.events import EventCommands
from relayscript.interpreter.modules.core_commands.logs import LogCommands
from relayscript.interpreter.modules.core_commands.memory import MemoryCommands
from relayscript.interpreter.modules.core_commands.process import ProcessCommands
from relayscript.interpreter.modules.core_commands.statistics import StatisticCommands
from relayscript.interpreter.modules.core_commands.status import StatusCommands

__all__ = ["COMMANDS"]

COMMANDS: tuple[type[Module], ...] = (
    ProcessCommands,
    LogCommands,
    StatisticCommands,
    EventCommands,
    StatusCommands,
    ConnectionCommands,
    MemoryCommands,
)
"""One class per group of commands."""
