"""The variables of the core, one class per theme. All of them serve every script (language.md 4)."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module
from relayscript.interpreter.variables.addresses import FromVariables, IdentityVariables, ToVariables
from relayscript.interpreter.variables.branches import BranchVariables
from relayscript.interpreter.variables.credentials import ChallengeVariables, CredentialVariables
from relayscript.interpreter.variables.destination import DestinationVariables
from relayscript.interpreter.variables.headers import BodyVariables, ContactVariables, HeaderVariables
from relayscript.interpreter.variables.logging import ErrorVariables, LogVariables
from relayscript.interpreter.variables.message import FlagVariables, MessageVariables
from relayscript.interpreter.variables.request_uri import RequestUriVariables
from relayscript.interpreter.variables.script import ScriptVariables
from relayscript.interpreter.variables.session import SessionVariables
from relayscript.interpreter.variables.sources import SocketVariables, SourceVariables
from relayscript.interpreter.variables.times import TimeVariables

VARIABLES: tuple[type[Module], ...] = (
    ScriptVariables,
    RequestUriVariables,
    DestinationVariables,
    BranchVariables,
    FromVariables,
    ToVariables,
    IdentityVariables,
    HeaderVariables,
    ContactVariables,
    BodyVariables,
    CredentialVariables,
    ChallengeVariables,
    MessageVariables,
    FlagVariables,
    SourceVariables,
    SocketVariables,
    SessionVariables,
    TimeVariables,
    LogVariables,
    ErrorVariables,
)
"""All of them."""
