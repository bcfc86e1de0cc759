"""Samples of distributions."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relayscript.apps.testing.sipp.distribution import LONGEST, PARAMETERS, Distribution


@pytest.mark.parametrize(
    ("name", "given", "mean"),
    [
        ("fixed", (70.0,), 70), ("uniform", (10.0, 30.0), 20), ("normal", (500.0, 20.0), 500),
        ("lognormal", (1.0, 0.1), 2.73), ("exponential", (200.0,), 200), ("weibull", (100.0, 1.0), 100),
        ("pareto", (3.0, 10.0), 15), ("gamma", (3.0, 5.0), 15),
    ],
)  # fmt: skip
def test_samples_are_about_the_mean(name: str, given: tuple[float, ...], mean: float) -> None:
    chance = Random(1)
    samples = [Distribution(name, given).draw(chance) for _ in range(2000)]
    assert sum(samples) / len(samples) == pytest.approx(mean, rel=0.1)


@settings(max_examples=100)
@given(st.sampled_from(sorted(PARAMETERS)), st.lists(st.floats(-LONGEST, LONGEST), min_size=2, max_size=2))
def test_no_sample_is_out_of_bounds(name: str, numbers: list[float]) -> None:
    try:
        found = Distribution(name, tuple(numbers[: len(PARAMETERS[name])])).draw(Random(1))
    except ValueError:
        return
    assert 0 <= found <= LONGEST
