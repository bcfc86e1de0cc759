"""Module uac_auth: the passwords with which challenges are answered (uac_auth manual)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from relayscript.interpreter.context import Context
from relayscript.interpreter.declaration import Module, Parameter
from relayscript.interpreter.values import text_of
from relayscript.sip.digest import Credentials

if TYPE_CHECKING:
    from relayscript.interpreter.runtime import Runtime


class UacAuth(Module):
    """Keeps credentials by realm: those of the script's AVPs before those of `credential`."""

    name = "uac_auth"
    parameters = (
        Parameter("credential", None, repeatable=True), Parameter("auth_realm_avp"), Parameter("auth_username_avp"),
        Parameter("auth_password_avp"),
    )  # fmt: skip

    def __init__(self, runtime: Runtime, settings: dict[str, Any]) -> None:
        super().__init__(runtime, settings)
        self._known: dict[str, Credentials] = {}
        for text in settings["credential"]:
            parts = text.split(":", 2)
            if len(parts) != 3:
                raise ValueError(f"credential is `user:realm:password`, not {text!r}")
            self._known[parts[1]] = Credentials(parts[0], parts[2])

    def find(self, context: Context, realm: str) -> Credentials | None:
        """The credentials for a realm; None if there are none."""
        if self._read(context, "auth_realm_avp") == realm:
            user, password = self._read(context, "auth_username_avp"), self._read(context, "auth_password_avp")
            if user is not None and password is not None:
                return Credentials(user, password)
        return self._known.get(realm)

    def _read(self, context: Context, setting: str) -> str | None:
        text = self.settings[setting]
        return text_of(self.runtime.registry.reader_of(text)(context)) if text else None
