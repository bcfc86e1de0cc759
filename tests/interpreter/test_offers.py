"""What modules offer together."""

from __future__ import annotations

from relayscript.interpreter.declaration import Module, command, function
from relayscript.interpreter.offers import offers_of


class First(Module):
    name = "first"
    statistics = ("calls",)
    gauges = ("calls",)

    @function()
    def shared(self, context: object) -> int:
        """One."""
        return 1

    @command("same")
    def same(self) -> int:
        """One."""
        return 1


class Second(First):
    name = "second"


def test_the_first_function_and_the_last_command_of_a_name_win() -> None:
    modules = [First(None, {}), Second(None, {})]  # type: ignore[arg-type]
    offers = offers_of(modules)
    assert offers.functions["shared"][0] == 0
    declared, method = offers.bound_commands(modules)["same"]
    assert (declared.name, method.__self__) == ("same", modules[1])  # type: ignore[attr-defined]


def test_statistics_are_named_by_their_group() -> None:
    offers = offers_of([First(None, {}), Second(None, {})])  # type: ignore[arg-type]
    assert offers.statistics == ("first:calls", "second:calls")
    assert offers.gauges == {"first:calls", "second:calls"}
