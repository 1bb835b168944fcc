"""Real chains on the components of a double well, as one writes them down."""

import math

import numpy as np

from ratecheck.lab.langevin import double_well
from ratecheck.lab.langevin.double_well import DoubleWell

GAMMA, C = 2.0, 8.0
WELL = DoubleWell(n=16, c=C, gamma=GAMMA)


def chains(steps, step, n, batch, inner, count, seed, sarah=False):
    """Chains on real components with index minibatches drawn without replacement."""
    rng = np.random.default_rng(seed)
    sign = np.repeat([1.0, -1.0], n // 2)
    x = double_well.START_MEAN + double_well.START_SD * rng.standard_normal(count)
    before = x
    for k in range(steps):
        if k % inner == 0:
            snapshot, v = x, WELL.gradient(x)
        else:
            picked = rng.permuted(np.tile(sign, (count, 1)), axis=1)[:, :batch].mean(1)
            if sarah:
                v = (
                    v
                    + (WELL.gradient(x) + C * picked * x)
                    - (WELL.gradient(before) + C * picked * before)
                )
            else:
                v = WELL.gradient(x) + C * picked * (x - snapshot)
        before = x
        x = x - step * v + math.sqrt(2 * step / GAMMA) * rng.standard_normal(count)
    return x
