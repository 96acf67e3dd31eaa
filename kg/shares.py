"""Precision, recall and their harmonic mean, from counts."""

from __future__ import annotations

from abc import ABC, abstractmethod


class Shares(ABC):
    """Counts of what is annotated and what was predicted, with the shares that follow from them."""

    __slots__ = ()

    @property
    @abstractmethod
    def gold(self) -> int:
        """How many are annotated."""

    @property
    @abstractmethod
    def found(self) -> int:
        """How many of them were predicted."""

    @property
    @abstractmethod
    def predicted(self) -> int:
        """How many were predicted."""

    @property
    @abstractmethod
    def right(self) -> int:
        """How many of these are annotated."""

    @property
    def precision(self) -> float:
        """The share of the predictions that are right; 0 when there are none."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """The share of the annotated ones that were found; 0 when there are none."""
        return self.found / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0
