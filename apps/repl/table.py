"""All dot commands, and their help."""

from __future__ import annotations

from relayscript.apps.repl.answers import Wrong
from relayscript.apps.repl.changing import CHANGING
from relayscript.apps.repl.commands import Command, Request, Takes
from relayscript.apps.repl.holding import HOLDING
from relayscript.apps.repl.looking import LOOKING
from relayscript.dsl.checks.spelling import did_you_mean

TYPED = (
    ("alice calls bob", "a statement of a scenario: who does what; also `alice: INVITE sip:bob@example.com sdp`"),
    ("$ru", "an expression of the script language: its value, or the return code of a function"),
    ("$var(x) = 3;", "statements of the script language, run on the current message"),
)
"""What can be typed beside dot commands, with a word on each."""


def show_help(request: Request) -> list[str]:
    """What can be typed, or more about one command."""
    name = request.rest.removeprefix(".")
    if name:
        found = command(name)
        return [found.usage, f"    {found.text}"]
    width = max(len(each.name) for each in COMMANDS.values()) + 1
    usual = max(len(text) for text, _ in TYPED)
    return [
        *(f"{text:{usual}}  {what}" for text, what in TYPED),
        "",
        *(f".{each.name:{width}} {each.text}" for each in COMMANDS.values()),
    ]


def no_more(request: Request) -> list[str]:
    """The end; whoever asks takes it from the name."""
    return []


COMMANDS: dict[str, Command] = {
    each.name: each
    for each in (
        *CHANGING,
        *LOOKING,
        *HOLDING,
        Command("help", "[COMMAND]", "this, or how a command is typed", show_help, Takes.COMMAND),
        Command("quit", "", "leave; so does Ctrl-D", no_more),
    )
}
"""Every dot command by its name."""


def command(name: str) -> Command:
    """The command of a name, or of the beginning of one that no other has. Raises Wrong."""
    if name in COMMANDS:
        return COMMANDS[name]
    begun = [each for each in COMMANDS if name and each.startswith(name)]
    if len(begun) == 1:
        return COMMANDS[begun[0]]
    if begun:
        raise Wrong(f".{name} can be {' or '.join(f'.{each}' for each in begun)}")
    raise Wrong(f"there is no command .{name}", did_you_mean(name, COMMANDS) or ".help lists them")
