"""Module dialog: knows the calls that pass, from INVITE to BYE (dialog manual)."""

from __future__ import annotations

from relayscript.interpreter.modules.dialog.commands import DialogCommands
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.functions import DialogFunctions
from relayscript.interpreter.modules.dialog.variables import DialogVariables

__all__ = ["Dialog", "DialogModule"]


class DialogModule(DialogFunctions, DialogVariables, DialogCommands):
    """The dialogs of one running script."""

    name = "dialog"
    requires = ("tm",)
