"""What a bad network does to messages, by chance: the same for the same seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass
class Impairment:
    """Chances from 0 to 1 that a message is lost, comes twice, or is overtaken by the next ones; seconds it takes."""

    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    least: float = 0.0
    most: float = 0.0
    seed: int = 0
    _chance: random.Random = field(init=False, repr=False)

    LATE = 0.05
    """Seconds that a message takes longer if it is overtaken."""

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def delays(self) -> list[float]:
        """When the copies of a message arrive, in seconds from now; none if it is lost."""
        chance = self._chance
        if chance.random() < self.loss:
            return []
        copies = 2 if chance.random() < self.duplicate else 1
        return [
            chance.uniform(self.least, self.most) + (self.LATE if chance.random() < self.reorder else 0.0)
            for _ in range(copies)
        ]
