"""The commands about the process and about commands themselves (`core:*`)."""

from __future__ import annotations

import inspect
import os
import sys
from datetime import datetime

from relayscript import __version__
from relayscript.dsl.diagnostics import Diagnostic, ScriptError
from relayscript.interpreter.declaration import Module, command
from relayscript.interpreter.management import CommandError, accepted_names, find_command, recipes_of, spec_of

Json = dict[str, object]
TYPE = "SIP, timers, management"
"""What the one process does."""

NO_PROFILING = "relayscript is profiled from outside, by Python's own tools"
GENERAL_HELP = "help <command> tells what a command does and which module it is of; which lists the commands"


class ProcessCommands(Module):
    """What runs, since when, and which commands it takes."""

    name = "core_commands"

    @command("core:version")
    def version(self, revision: object = None) -> dict[str, str]:
        """Who answers."""
        return {"Server": f"relayscript ({__version__})"}

    @command("core:uptime")
    def uptime(self) -> dict[str, str]:
        """Now, since when, and for how long."""
        since, now = self.runtime.started_at, self.runtime.host.wall()
        return {"Now": clock(now), "Up since": clock(since), "Up time": f"{int(now - since)} [sec]"}

    @command("core:pwd")
    def pwd(self) -> dict[str, str]:
        """The working directory."""
        return {"WD": os.getcwd()}

    @command("core:arg")
    def arg(self) -> list[str]:
        """The command line that this was started with."""
        return list(sys.argv)

    @command("core:kill")
    def kill(self) -> str:
        """Stop, as at a signal to terminate."""
        self.runtime.host.quit()
        return "OK"

    @command("core:ps")
    def ps(self) -> dict[str, list[Json]]:
        """The processes: one does everything."""
        return {"Processes": [{"ID": 0, "PID": self.runtime.pid, "Type": TYPE}]}

    @command("core:profiling_proc")
    def profiling_proc(self, id: object = None, pid: object = None, level: int | None = None) -> Json:
        """The level of profiling, which is 0 and stays there."""
        if (id is not None and str(id) != "0") or (pid is not None and str(pid) != str(self.runtime.pid)):
            raise CommandError(404, "Process not found")
        if level:
            raise CommandError(500, "Profiling not available", NO_PROFILING)
        one = {"ID": 0, "PID": self.runtime.pid, "Profiling level": 0, "Type": TYPE}
        return {"Processes": [one]}

    # ---- the script

    @command("core:reload_routes")
    def reload_routes(self) -> str:
        """Read the routes of the script again. If they are no good, those in force stay; the log says why."""
        try:
            self.runtime.reload_routes()
        except (ScriptError, OSError) as error:
            lines = [found_at(each) for each in error.diagnostics] if isinstance(error, ScriptError) else [str(error)]
            for each in lines:
                self.runtime.log(-1, f"reload_routes: {each}\n")
            raise CommandError(500, "Reload failed", lines[0]) from None
        return "OK"

    # ---- commands

    @command("core:which")
    def which(self, command: str | None = None) -> list[str] | list[list[str]]:
        """All names of commands, or the sets of parameters that one command takes."""
        commands = self.runtime.commands
        if command is None:
            return accepted_names(commands)
        declaration, handler = find_command(commands, command)
        return [list(recipe) for recipe in recipes_of(handler, spec_of(self.runtime, declaration))]

    @command("core:help")
    def help(self, mi_cmd: str | None = None) -> dict[str, str]:
        """What a command does, and which module has it."""
        if mi_cmd is None:
            return {"Help": GENERAL_HELP}
        declaration, handler = find_command(self.runtime.commands, mi_cmd)
        group = declaration.name.partition(":")[0]
        owner = group if group in self.runtime.modules else "core"
        return {"Help": (inspect.getdoc(handler) or "").partition("\n")[0], "Exported by": owner}


def found_at(diagnostic: Diagnostic) -> str:
    """What is wrong with a script and where, in a line."""
    return f"{diagnostic.span}: {diagnostic.message}" if diagnostic.span is not None else diagnostic.message


def clock(seconds: float) -> str:
    """A time as `Mon Nov 23 10:20:30 2026`."""
    return datetime.fromtimestamp(seconds).strftime("%a %b %e %H:%M:%S %Y")
