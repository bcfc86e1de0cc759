"""Module dialog: knows the calls that pass, from INVITE to BYE (dialog manual)."""

from __future__ import annotations

from collections.abc import Iterable

from relayscript.dsl import nodes
from relayscript.dsl.diagnostics import Diagnostic, Severity
from relayscript.interpreter.modules.dialog.commands import DialogCommands
from relayscript.interpreter.modules.dialog.dialog import Dialog
from relayscript.interpreter.modules.dialog.functions import DialogFunctions
from relayscript.interpreter.modules.dialog.sequential import SequentialCommands
from relayscript.interpreter.modules.dialog.variables import DialogVariables

SHARING = frozenset(("cachedb_url", "dialog_replication_cluster", "profile_replication_cluster"))

__all__ = ["Dialog", "DialogModule"]


class DialogModule(DialogFunctions, DialogVariables, DialogCommands, SequentialCommands):
    """The dialogs of one running script."""

    name = "dialog"
    requires = ("tm",)

    def verify(self, script: nodes.Script) -> Iterable[Diagnostic]:
        """Profiles and dialogs are kept here alone: nothing shares them with other servers."""
        for item in script.items:
            if isinstance(item, nodes.ModParam) and item.name.value in SHARING and item.value.value not in (0, ""):
                text = f"{item.name.value}: relayscript does not share dialogs or profiles with other servers"
                yield Diagnostic(Severity.ERROR, "RS330", text, item.name.span)
