"""How much faster the kernels of diffusion models are than a loop over replicates.

Each is timed beside its baseline, in turn on the same data, once the two were found to agree.
"""

import numpy as np
import pytest
import torch
from scipy import linalg

from ratecheck.lab.diffusion import densities as rd
from ratecheck.lab.diffusion import reverse as rv
from ratecheck.lab.diffusion import splines as ss
from ratecheck.lab.networks import score as sn
from ratecheck.lab.networks.training import cosine_rate


def newton_numpy(counts, matrix):
    """The likelihood's maximum by Newton's method with dense matrices, for one replicate."""
    n, size = counts.sum(), matrix.shape[1]
    share, mu = counts / n, ss.BARRIER / n
    a = np.full(size, 1 / size)

    def objective(a):
        return a.sum() - mu * np.log(a).sum() - share @ np.log(matrix @ a)

    value = objective(a)
    for _ in range(ss.LONGEST):
        ratio = share / (matrix @ a)
        slope = matrix.T @ ratio + mu / a - 1
        hessian = (matrix * (ratio / (matrix @ a))[:, None]).T @ matrix + np.diag(mu / a**2)
        direction = linalg.solve(hessian, slope, assume_a="pos")
        decrement = slope @ direction
        if decrement <= ss.TOLERANCE:
            break
        falling = direction < 0
        step = min([1.0, *(-0.95 * a[falling] / direction[falling])])
        while objective(a + step * direction) > value - 0.1 * step * decrement + 1e-14 * abs(value):
            step /= 2
        a = a + step * direction
        value = objective(a)
    return a / a.sum()


@pytest.mark.parametrize(("s", "n", "seen"), [(1.0, 2**14, 14), (2.0, 2**14, 2.6)])
def test_spline_fit(faster, s, n, seen):
    """Hats, and fewer cubics, beside numpy with dense matrices."""
    rng = torch.Generator().manual_seed(0)
    counts = rd.rough_density(s, 4096, replicates=16, rng=rng).draw(n, rng)
    order = ss.order_for(s)
    splines = ss.basis(order - 1 + round(2 * n ** (1 / (2 * s + 1))), order, 4096)
    matrix = splines.density(torch.eye(splines.size, dtype=torch.float64)).T.contiguous().numpy()

    def loop():
        return np.stack([newton_numpy(row, matrix) for row in counts.numpy()])

    def fast():
        return ss.fit(counts, splines)

    assert np.allclose(loop(), fast(), rtol=1e-3, atol=1e-7)
    faster(loop, fast, seen, rounds=3)


def train_one(training, design, steps, start):
    """One network by autograd and Adam, as one writes it down (without validation)."""
    at = sn.nodes(1e-3, 4.0, torch.device("cpu"))
    inputs = sn.features(at.x, at.t, design.octaves).float()
    density, score = sn.empirical_score(training, at)
    weight = (at.weight * density)[0].float()
    target = (score - sn.uniform_score(at.x, at.t))[0].float()
    layers = []
    for w, b in sn.unflatten(start, design):
        layer = torch.nn.Linear(*w.shape[1:])
        layer.weight.data, layer.bias.data = w[0].T.clone(), b[0, 0].clone()
        layers += [layer, torch.nn.SiLU()]
    network = torch.nn.Sequential(*layers[:-1])
    adam = torch.optim.AdamW(network.parameters(), lr=3e-3, weight_decay=sn.DECAY)
    parts = [(at.level % 6 == group).nonzero()[:, 0] for group in range(6)]
    for step in range(steps):
        here = parts[step % 6]
        loss = 6 * (weight[here] * (network(inputs[here])[:, 0] - target[here]) ** 2).sum()
        adam.zero_grad()
        loss.backward()
        adam.param_groups[0]["lr"] = cosine_rate(step, steps, 3e-3)
        adam.step()
    return network[0].bias.detach()


def test_network_training(faster):
    """8 networks of width 32 for 24 steps, beside the loop by autograd."""
    rng = torch.Generator().manual_seed(0)
    counts = rd.rough_density(1.0, 1024, replicates=8, rng=rng).draw(2**12, rng)
    design = sn.Design(32, 3, 4)

    def fast():
        rng = torch.Generator().manual_seed(1)
        return sn.train(counts, counts, 1e-3, 4.0, design, steps=24, rng=rng)

    def loop():
        rng = torch.Generator().manual_seed(1)
        start = sn.initial_parameters(design, replicates=8, rng=rng)
        rows = range(8)
        return torch.stack(
            [train_one(counts[r : r + 1], design, 24, start[r : r + 1]) for r in rows]
        )

    assert torch.allclose(sn.unflatten(fast().parameters, design)[0][1][:, 0], loop(), atol=2e-3)
    faster(loop, fast, 3.4, rounds=3)


def test_fokker_planck_step(faster):
    """One implicit step of 16 laws, beside a loop over banded solves."""
    edges = rv.line(1024)
    widths, gaps = np.diff(edges), np.diff((edges[1:] + edges[:-1]) / 2)
    rng = np.random.default_rng(0)
    drift, start = 5 * rng.normal(size=(16, len(gaps))), rng.random((16, len(widths)))
    step = 1e-3

    def loop():
        out = []
        for row in range(16):
            z = drift[row] * gaps
            up = step * z / -np.expm1(-z) / (gaps * widths[:-1])
            down = step * z / np.expm1(z) / (gaps * widths[1:])
            band = np.ones((3, len(widths)))
            band[0, 1:], band[2, :-1] = -down, -up
            band[1, :-1] += up
            band[1, 1:] += down
            out.append(linalg.solve_banded((1, 1), band, start[row]))
        return np.stack(out)

    def fast():
        mass = start.copy()
        rv._implicit_step(mass, drift, gaps, widths, step)
        return mass

    assert np.allclose(loop(), fast(), rtol=1e-9)
    faster(lambda: [loop() for _ in range(10)], lambda: [fast() for _ in range(10)], 2.0, rounds=3)


def test_counts(faster):
    """Counts of 2^18 data by halving, beside numpy's draws in a loop."""
    rng = torch.Generator().manual_seed(0)
    density = rd.rough_density(1.0, 2**14, replicates=16, rng=rng)

    def loop():
        plain = np.random.default_rng(0)
        return np.stack([np.bincount(plain.choice(2**14, 2**18, p=row), minlength=2**14)
                         for row in density.mass.numpy()])  # fmt: skip

    def fast():
        return density.draw(2**18, rng)

    assert np.allclose(loop().mean(0), fast().mean(0), atol=8)
    faster(loop, fast, 14, rounds=3)
