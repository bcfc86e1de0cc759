"""The core of the script language as modules: its functions, commands and variables, one class per theme."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module
from relayscript.interpreter.modules.core.blacklists import BlacklistFunctions
from relayscript.interpreter.modules.core.branches import BranchFunctions
from relayscript.interpreter.modules.core.caches import CacheFunctions
from relayscript.interpreter.modules.core.events import EventFunctions
from relayscript.interpreter.modules.core.flags import FlagFunctions
from relayscript.interpreter.modules.core.sending import SendingFunctions
from relayscript.interpreter.modules.core.serial import SerialFunctions
from relayscript.interpreter.modules.core.text import TextFunctions
from relayscript.interpreter.modules.core.uri import UriFunctions
from relayscript.interpreter.modules.core_commands import COMMANDS
from relayscript.interpreter.variables import VARIABLES

CORE: tuple[type[Module], ...] = (
    *VARIABLES,
    UriFunctions,
    FlagFunctions,
    BranchFunctions,
    SerialFunctions,
    SendingFunctions,
    TextFunctions,
    EventFunctions,
    CacheFunctions,
    BlacklistFunctions,
    *COMMANDS,
)
"""What every script has, whatever it loads."""
