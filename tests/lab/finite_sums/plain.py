"""The sum of `blocks` written out, and methods on it, averaged over all that they may draw."""

from itertools import product

import numpy as np


class Written:
    """Diagonal Hessians of components less the ridge, shape (n, K + n K): shared, then private."""

    def __init__(self, o):
        n, above = int(o.n), o.L * o.kappa ** -np.linspace(0, 1, o.scales) - o.mu
        own = [np.concatenate([above if j == i else 0 * above for j in range(n)]) for i in range(n)]
        self.parts = np.array([np.concatenate([above, one]) for one in own])
        self.mean, self.mu, self.L, self.n = self.parts.mean(0), o.mu, o.L, n
        self.scales = o.scales

    def start(self, energies):
        """A point with these energies of the 2 K kinds of coordinates, the same in every block."""
        shared, private = np.split(np.asarray(energies), 2)
        each = np.concatenate([shared, *[private / self.n] * self.n])
        return np.sqrt(2 * each / (self.mean + self.mu))

    def gap(self, x):
        return ((self.mean + self.mu) / 2 * x**2).sum()


def average(method, n, draws):
    """The mean of what a method returns over all sequences of so many drawn components."""
    return np.mean([method(list(drawn)) for drawn in product(range(n), repeat=draws)], axis=0)


def katyusha_gap(f, x0, epochs, inner, batch, alpha, drawn):
    z, y, s = x0, x0, x0
    t1, t2, theta = min(1 / (3 * alpha * f.L), 0.5), 0.5, 1 + alpha * f.mu
    for _ in range(epochs):
        points = []
        for _ in range(inner):
            x = t1 * z + t2 * s + (1 - t1 - t2) * y
            h = np.mean([f.parts[drawn.pop()] for _ in range(batch)], axis=0)
            g = f.mean * s + h * (x - s)
            z = (z - alpha * g) / (1 + alpha * f.mu)
            y = (3 * f.L * x - g) / (3 * f.L + f.mu)
            points.append(y)
        weights = theta ** np.arange(inner)
        s = (weights[:, None] * np.array(points)).sum(0) / weights.sum()
    return f.gap(s)


def svrg_gap(f, x0, epochs, inner, batch, step, drawn):
    x = x0
    for _ in range(epochs):
        s = x
        for _ in range(inner):
            h = np.mean([f.parts[drawn.pop()] for _ in range(batch)], axis=0)
            x = (x - step * (f.mean * s + h * (x - s))) / (1 + step * f.mu)
    return f.gap(x)


def dasvrda_stage(f, y0, s, inner, batch, eta, drawn):
    """x_m and z_m of one stage."""
    x, z, mean, before = y0, y0, 0 * y0, 0.5
    for k in range(1, inner + 1):
        theta = (k + 1) / 2
        y = (1 - 1 / theta) * x + z / theta
        h = np.mean([f.parts[drawn.pop()] for _ in range(batch)], axis=0)
        mean = (1 - 1 / theta) * mean + (f.mean * s + h * (y - s)) / theta
        reach = eta * theta * before
        z = (y0 - reach * mean) / (1 + reach * f.mu)
        x = (1 - 1 / theta) * x + z / theta
        before = theta
    return x, z
