"""Real data that comes with scikit-learn, so that nothing is downloaded.

The sets are those of the UCI repository that scikit-learn carries along (Pedregosa et al., JMLR
12, 2011): ``digits`` (1797 images of 8 x 8 grey levels, ten classes), ``breast_cancer`` (569 x 30,
two classes), ``wine`` (178 x 13, three), ``iris`` (150 x 4, three), and ``diabetes`` (442 x 10, a
number to predict).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ratecheck.errors import RatecheckError

if TYPE_CHECKING:
    import torch

NAMES = ("breast_cancer", "diabetes", "digits", "iris", "wine")


def bundled(name: str, device: torch.device | str = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
    """Inputs (n, d) in double precision, as they are in the file, and labels (n,).

    Labels are whole numbers 0, 1, ... where there are classes, else in double precision.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    device : torch.device or str
        Where the copies lie; a simulation passes ``rng.device``.

    Raises
    ------
    RatecheckError
        If scikit-learn is not installed, or carries no such set.
    """
    x, y = _loaded(name)
    return x.to(device, copy=True), y.to(device, copy=True)


@cache
def _loaded(name: str) -> tuple[torch.Tensor, torch.Tensor]:
    import torch

    if name not in NAMES:
        raise RatecheckError(f"there is no bundled set '{name}'; take one of {', '.join(NAMES)}")
    try:
        from sklearn import datasets
    except ImportError as error:
        raise RatecheckError(
            f"the bundled set '{name}' comes with scikit-learn, which is not installed; "
            'install it: pip install "ratecheck[data]"'
        ) from error
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    return torch.from_numpy(x).double(), torch.from_numpy(y)
