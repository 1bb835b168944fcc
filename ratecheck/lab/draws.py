"""Random numbers of a block, and a block that is computed in parts.

Every draw follows from the block's generator and lies on the generator's device.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch


def normal(*shape: int, rng: torch.Generator, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Standard normal numbers of this shape, in double precision unless a dtype is given."""
    import torch

    dtype = torch.float64 if dtype is None else dtype
    return torch.randn(*shape, generator=rng, device=rng.device, dtype=dtype)


def uniform(*shape: int, rng: torch.Generator, dtype: torch.dtype | None = None) -> torch.Tensor:
    """Numbers uniform on [0, 1) of this shape, in double precision unless a dtype is given."""
    import torch

    dtype = torch.float64 if dtype is None else dtype
    return torch.rand(*shape, generator=rng, device=rng.device, dtype=dtype)


def signs(*shape: int, rng: torch.Generator) -> torch.Tensor:
    """Fair signs, -1 or 1, as whole numbers of this shape."""
    import torch

    return torch.randint(0, 2, shape, generator=rng, device=rng.device) * 2 - 1


def numpy_generator(rng: torch.Generator) -> np.random.Generator:
    """A numpy generator that follows from a torch generator, for simulations in numpy or scipy.

    Each call takes 256 bits from ``rng``: a second call gives another, independent stream.
    """
    import numpy as np
    import torch

    words = torch.randint(2**32, (8,), generator=rng, device=rng.device)
    return np.random.default_rng(words.tolist())


def in_parts(
    function: Callable[..., torch.Tensor], *tensors: torch.Tensor, rows: int
) -> torch.Tensor:
    """Apply a function to so many rows at a time, and put the results one after the other.

    The size of a part belongs to the simulation, never to the memory that happens to be free: a
    product of matrices may round differently in another shape, and the numbers of a block must not
    depend on the machine's other work. Draw all random numbers first, then compute in parts.

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
