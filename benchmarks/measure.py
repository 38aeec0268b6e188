"""What was measured beside what it should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured, what it should be at most, and the times behind it."""

    name: str
    value: float
    target: float
    unit: str = "x"
    behind: str = ""

    @property
    def met(self) -> bool:
        """Whether the target is met."""
        return self.value <= self.target

    def __str__(self) -> str:
        mark = "ok  " if self.met else "MISS"
        return f"{mark} {self.name:<46} {self.value:7.2f} {self.unit:<3} at most {self.target:6.2f}   {self.behind}"
