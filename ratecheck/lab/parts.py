"""A block that does not fit a device at once, computed in parts that are always the same.

The size of a part belongs to the simulation, never to the memory that happens to be free: a
product of matrices may round differently in another shape, and the numbers of a block must not
depend on the machine's other work. Draw all random numbers first, then compute in parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def in_parts(
    function: Callable[..., torch.Tensor], *tensors: torch.Tensor, rows: int
) -> torch.Tensor:
    """Apply a function to so many rows at a time, and put the results one after the other.

    Parameters
    ----------
    function : callable
        Takes a part of each tensor, of shape (rows, ...), and returns a tensor of shape (rows, ...)
        in which every row follows from the same rows of its arguments.
    tensors : tensors of shape (n, ...)
    rows : int
        Rows of a part; the last one may have fewer.

    Raises
    ------
    ValueError
        If the tensors differ in their number of rows, or a part has none.
    """
    import torch

    count = {len(tensor) for tensor in tensors}
    if len(count) != 1:
        raise ValueError(f"the tensors have {sorted(count)} rows; they must have the same number")
    if rows < 1:
        raise ValueError(f"a part of {rows} rows computes nothing")
    parts = zip(*(tensor.split(rows) for tensor in tensors), strict=True)
    return torch.cat([function(*part) for part in parts])
