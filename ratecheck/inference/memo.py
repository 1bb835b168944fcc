"""What follows from data that do not change, found once, however many looks and levels ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache, wraps
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from numpy import ndarray

T = TypeVar("T")


def of_abscissae(find: Callable[[ndarray], ndarray]) -> Callable[[ndarray], ndarray]:
    """Keep an array that follows from one vector of numbers and from nothing else."""

    @lru_cache(maxsize=1024)
    def kept(numbers: bytes) -> ndarray:
        import numpy as np

        found = find(np.frombuffer(numbers))
        found.flags.writeable = False
        return found

    @wraps(find)
    def looked_up(x: ndarray) -> ndarray:
        import numpy as np

        return kept(np.asarray(x, dtype=np.float64).tobytes())

    return looked_up


class Memo:
    """A base of frozen data that keeps what was found of them."""

    @cached_property
    def _found(self) -> dict[tuple[object, ...], Any]:
        return {}

    def once(self, key: tuple[object, ...], find: Callable[[], T]) -> T:
        """What ``find`` returns, kept under all that it depends on besides these data."""
        if key not in self._found:
            self._found[key] = find()
        found: T = self._found[key]
        return found
