"""Photographs that come with scikit-learn, in grey, so that nothing is downloaded.

They are ``china`` and ``flower``, 427 x 640 pixels each, which scikit-learn carries along under a
Creative Commons licence (``sklearn.datasets.load_sample_image``).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ratecheck.errors import RatecheckError

if TYPE_CHECKING:
    import torch

NAMES = ("china", "flower")


def photograph(name: str, device: torch.device | str = "cpu") -> torch.Tensor:
    """Grey levels from 0 to 1, the mean of three colours, shape (427, 640), in double precision.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    device : torch.device or str
        Where the copy lies; a simulation passes ``rng.device``.

    Raises
    ------
    RatecheckError
        If scikit-learn or pillow is not installed, or there is no such photograph.
    """
    return _loaded(name).to(device, copy=True)


@cache
def _loaded(name: str) -> torch.Tensor:
    import torch

    if name not in NAMES:
        raise RatecheckError(f"there is no photograph '{name}'; take one of {', '.join(NAMES)}")
    try:
        import PIL  # noqa: F401  scikit-learn reads with it, and does not ask for it
        from sklearn.datasets import load_sample_image
    except ImportError as error:
        raise RatecheckError(
            f"the photograph '{name}' comes with scikit-learn and is read by pillow, and one of "
            'them is not installed; install both: pip install "ratecheck[data]"'
        ) from error
    return torch.from_numpy(load_sample_image(f"{name}.jpg").mean(-1)) / 255
