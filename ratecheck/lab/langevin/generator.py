"""The spectral gap of Langevin diffusion in one dimension."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import eigh_tridiagonal

Array = np.ndarray


def spectral_gap(
    potential: Callable[[Array], Array], gamma: float, *, edge: float, points: int
) -> float:
    """Second smallest eigenvalue of -(f''/gamma - potential' f'), reflected at -edge and edge.

    By finite volumes: from x to x + h at the rate exp(-gamma (V(x + h/2) - V(x)))/(gamma h^2), and
    back alike, which leaves exp(-gamma V) as it is; made symmetric it is a tridiagonal matrix.

    Parameters
    ----------
    potential : callable
        V of an array.
    gamma : float
        Inverse temperature.
    edge : float
    points : int
        Of the grid. Gaps above 1e-10 are seen.
    """
    x = np.linspace(-edge, edge, points)
    h = x[1] - x[0]
    value, middle = potential(x), potential(x[:-1] + h / 2)
    forth = np.exp(-gamma * (middle - value[:-1])) / (gamma * h**2)
    back = np.exp(-gamma * (middle - value[1:])) / (gamma * h**2)
    leaving = np.append(forth, 0) + np.insert(back, 0, 0)
    found = eigh_tridiagonal(
        leaving, -np.sqrt(forth * back), eigvals_only=True, select="i", select_range=(0, 1)
    )
    return float(found[1])
