"""Random streams of other libraries, seeded from a block's generator."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import torch


def numpy_generator(rng: torch.Generator) -> np.random.Generator:
    """A numpy generator that follows from a torch generator, for simulations in numpy or scipy.

    Each call takes 256 bits from ``rng``: a second call gives another, independent stream.
    """
    import numpy as np
    import torch

    words = torch.randint(2**32, (8,), generator=rng, device=rng.device)
    return np.random.default_rng(words.tolist())
