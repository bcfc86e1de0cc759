"""Finds the classes behind `loadmodule`: our own modules by file name, others' by entry point."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec

from relayscript.interpreter.declaration import Module

ENTRY_POINTS = "relayscript.modules"
"""Third parties add a module by an entry point of this group; its name is the module's."""

_HOME = "relayscript.interpreter.modules"
_BUILT_IN = ("proto_udp", "proto_tcp", "proto_tls", "proto_ws", "proto_wss", "mi_script")


def module_class(name: str) -> type[Module] | None:
    """The class of a script module; None if there is none that we run."""
    if name in _BUILT_IN:
        return type(f"Transport_{name}", (Module,), {"name": name})
    if name.isidentifier() and find_spec(f"{_HOME}.{name}") is not None:
        return _only_class(name)
    for entry in entry_points(group=ENTRY_POINTS):
        if entry.name == name:
            loaded: type[Module] = entry.load()
            return loaded
    return None


def _only_class(name: str) -> type[Module] | None:
    room = import_module(f"{_HOME}.{name}")
    for each in vars(room).values():
        if isinstance(each, type) and issubclass(each, Module) and each.__dict__.get("name") == name:
            return each
    return None


def module_name(path: str) -> str:
    """The module that `loadmodule "path"` means: the file's name without `.so`."""
    return path.rpartition("/")[2].removesuffix(".so")
