"""The attributes of an element, read as what they have to be."""

from __future__ import annotations

from dataclasses import dataclass

from relayscript.apps.testing.sipp.actions import Operand
from relayscript.apps.testing.sipp.distribution import LONGEST, PARAMETERS, Distribution
from relayscript.apps.testing.sipp.document import Element
from relayscript.apps.testing.sipp.errors import SippError
from relayscript.apps.testing.sipp.keywords import Template, Words
from relayscript.apps.testing.sipp.variables import leading_number
from relayscript.interpreter.regex import Matcher, compile_ere


@dataclass(frozen=True, slots=True)
class Attributes:
    """Reads the attributes of one element. Everything raises SippError with the line of the element."""

    element: Element
    words: Words

    def wrong(self, text: str) -> SippError:
        """The error that something is not as it has to be in this element."""
        return SippError(self.words.file, self.element.line, text)

    def text(self, name: str, default: str = "") -> str:
        """A text; the default if it is not there."""
        return self.element.attributes.get(name, default)

    def has(self, name: str) -> bool:
        """The attribute is there and not empty."""
        return bool(self.text(name))

    def needed(self, *names: str) -> str:
        """The text of the first of these that is there; one has to be."""
        for name in names:
            if name in self.element.attributes:
                return self.element.attributes[name]
        found = ", ".join(self.element.attributes) or "nothing"
        raise self.wrong(f"<{self.element.name}> expects {' or '.join(names)}, found {found}")

    def number(self, name: str, default: float = 0.0) -> float:
        """A number from -LONGEST to LONGEST."""
        if not self.has(name):
            return default
        text = self.text(name)
        value = leading_number(text)
        if value is None or abs(value) > LONGEST:
            raise self.wrong(f"expected a number as {name}, found {text[:40]}")
        return value

    def amount(self, name: str) -> float:
        """A number from 0; 0 if it is not there."""
        value = self.number(name)
        if value < 0:
            raise self.wrong(f"expected a number from 0 as {name}, found {self.text(name)[:40]}")
        return value

    def truth(self, name: str) -> bool:
        """`true`, `1`, `yes` or `on`; everything else is not."""
        return self.text(name).lower() in ("true", "1", "yes", "on")

    def template(self, name: str) -> Template:
        """A text with keywords, which has to be there."""
        return self.words.template(self.needed(name), self.element.line)

    def operand(self, number: str = "value", variable: str = "variable") -> Operand:
        """A number or the name of a variable; one has to be there."""
        return self.text(variable) if self.has(variable) else self._present(number, variable)

    def _present(self, number: str, variable: str) -> float:
        self.needed(number, variable)
        return self.number(number)

    def pattern(self, name: str, *, whole: bool = False) -> Matcher:
        """A regular expression, which has to be there; `whole`: it is to match all of a text."""
        text = self.needed(name)
        try:
            return compile_ere(f"^({text})$" if whole else text, False)
        except ValueError as error:
            raise self.wrong(f"the regular expression {text[:40]} is malformed: {error}") from None

    def distribution(self) -> Distribution:
        """The distribution that is named, with its parameters."""
        name = self.text("distribution", "fixed")
        if name not in PARAMETERS:
            raise self.wrong(f"expected one of {', '.join(PARAMETERS)} as distribution, found {name[:40]}")
        for parameter in PARAMETERS[name]:
            self.needed(parameter)
        try:
            return Distribution(name, tuple(self.number(each) for each in PARAMETERS[name]))
        except ValueError as error:
            raise self.wrong(str(error)) from None
