"""Numbers as bytes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ratecheck.errors import StoreError

if TYPE_CHECKING:
    from ratecheck.engine.blocks import Numbers


def encode(numbers: Numbers) -> bytes:
    """Numbers as bytes: a JSON header (names and shapes), a newline, raw float64."""
    import numpy as np

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
        ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
        if ends[-1] != flat.size:
            raise ValueError("sizes differ")
        values = {
            name: flat[a:b].reshape(shape)
            for name, shape, a, b in zip(names, shapes, ends[:-1], ends[1:], strict=True)
        }
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise StoreError(f"a stored block cannot be read ({error})") from None
    return Numbers(values, seconds)
