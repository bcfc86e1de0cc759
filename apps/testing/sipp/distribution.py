"""How long a pause is, or what a sample is: fixed, or drawn by the chance that a seed gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

PARAMETERS: dict[str, tuple[str, ...]] = {
    "fixed": ("value",),
    "uniform": ("min", "max"),
    "normal": ("mean", "stdev"),
    "lognormal": ("mean", "stdev"),
    "exponential": ("mean",),
    "weibull": ("lambda", "k"),
    "pareto": ("k", "x_m"),
    "gamma": ("k", "theta"),
}
"""The parameters of each distribution, as attributes are named."""

LONGEST = 1e9
"""The largest sample, in the unit of the parameters: milliseconds for a pause."""

_DRAWN: dict[str, Callable[[Random, tuple[float, ...]], float]] = {
    "fixed": lambda chance, given: given[0],
    "uniform": lambda chance, given: chance.uniform(*given),
    "normal": lambda chance, given: chance.normalvariate(*given),
    "lognormal": lambda chance, given: chance.lognormvariate(*given),
    "exponential": lambda chance, given: chance.expovariate(1 / given[0]),
    "weibull": lambda chance, given: chance.weibullvariate(*given),
    "pareto": lambda chance, given: given[1] * chance.paretovariate(given[0]),
    "gamma": lambda chance, given: chance.gammavariate(*given),
}
_ABOVE_ZERO = ("exponential", "weibull", "pareto", "gamma")


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution with its parameters, in the order of PARAMETERS. Raises ValueError if they make no sense."""

    name: str
    given: tuple[float, ...]

    def __post_init__(self) -> None:
        if self.name in _ABOVE_ZERO and min(self.given) <= 0:
            raise ValueError(f"the parameters of {self.name} have to be above 0")
        if self.name == "uniform" and self.given[0] > self.given[1]:
            raise ValueError("min has to be at most max")

    def draw(self, chance: Random) -> float:
        """One sample, not below 0 and at most LONGEST."""
        try:
            sample = _DRAWN[self.name](chance, self.given)
        except OverflowError:
            return LONGEST
        return 0.0 if math.isnan(sample) else min(max(sample, 0.0), LONGEST)
