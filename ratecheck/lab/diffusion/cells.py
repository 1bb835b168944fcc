"""The interval [-1, 1] cut into equal cells."""

from __future__ import annotations

import torch
from torch import Tensor


def centres(cells: int, device: torch.device | None = None) -> Tensor:
    """Centres of equal cells of [-1, 1]."""
    index = torch.arange(cells, dtype=torch.float64, device=device)
    return (2 * index + 1) / cells - 1
