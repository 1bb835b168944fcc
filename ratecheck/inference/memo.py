"""What follows from data that do not change, found once, however many looks and levels ask."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeVar

T = TypeVar("T")


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
