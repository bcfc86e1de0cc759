"""Which database a `db_url` means, and the module that has to be loaded for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from relayscript.interpreter.declaration import Module
from relayscript.interpreter.storage import Options, StorageError, Store

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class DatabaseModule(Module):
    """A script module that serves the URLs of one scheme (`sqlite://...`)."""

    scheme: ClassVar[str] = ""

    def options(self) -> Options:
        """What the parameters of the module say."""
        return Options()


def open_store(runtime: Runtime, url: str | None) -> Store:
    """The store of a URL, else of the global parameter `db_default_url`. For the `start()` of modules.

    Raises StorageError with a line that says what to do.
    """
    url = url or runtime.globals.db_default_url
    if not url:
        raise StorageError("no db_url is set, and no db_default_url")
    scheme = url.partition(":")[0]
    for module in runtime.modules.values():
        if isinstance(module, DatabaseModule) and module.scheme == scheme:
            return runtime.host.store(url, module.options())
    raise StorageError(f"no module is loaded for databases at {scheme}://...; load db_{scheme}.so")
