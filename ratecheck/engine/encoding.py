"""Numbers as bytes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import accumulate, pairwise
from math import prod
from typing import TYPE_CHECKING

from ratecheck.errors import StoreError

if TYPE_CHECKING:
    import numpy as np

    from ratecheck.engine.blocks import Numbers


class Packed(Mapping[str, "np.ndarray"]):
    """Values by quantity as they were stored, unpacked when one of them is asked for.

    Parameters
    ----------
    blob : bytes
        From `encode`.
    """

    def __init__(self, blob: bytes) -> None:
        self.blob = blob

    @cached_property
    def _values(self) -> Mapping[str, np.ndarray]:
        return decode(self.blob, 0.0).values

    def __getitem__(self, name: str) -> np.ndarray:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def encode(numbers: Numbers) -> bytes:
    """Numbers as bytes: a JSON header (names and shapes), a newline, raw float64."""
    import numpy as np

    if isinstance(numbers.values, Packed):
        return numbers.values.blob
    arrays = [np.ascontiguousarray(a, dtype="<f8") for a in numbers.values.values()]
    shapes = [list(a.shape) for a in arrays]
    header = json.dumps([list(numbers.values), shapes], separators=(",", ":")).encode()
    return header + b"\n" + b"".join(a.tobytes() for a in arrays)


def decode(blob: bytes, seconds: float) -> Numbers:
    """The inverse of `encode`.

    Raises
    ------
    StoreError
        If header and data do not fit together.
    """
    import numpy as np

    from ratecheck.engine.blocks import Numbers

    header, _, data = blob.partition(b"\n")
    try:
        names, shapes = json.loads(header)
        flat = np.frombuffer(data, dtype="<f8")
        ends = list(accumulate((prod(shape) for shape in shapes), initial=0))
        if ends[-1] != flat.size:
            raise ValueError("sizes differ")
        values = {
            name: flat[a:b].reshape(shape)
            for name, shape, (a, b) in zip(names, shapes, pairwise(ends), strict=True)
        }
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise StoreError(f"a stored block cannot be read ({error})") from None
    return Numbers(values, seconds)
