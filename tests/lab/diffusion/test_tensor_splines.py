"""Tensor-product spline scores against the line, dense matrices and plain EM."""

import numpy as np
import pytest
import torch

from ratecheck.lab.diffusion import densities as rd
from ratecheck.lab.diffusion import splines as ss
from ratecheck.lab.diffusion import tensor_splines as ts
from ratecheck.lab.diffusion.counts import split_counts


def generator(seed):
    return torch.Generator().manual_seed(seed)


def drawn(cells, dimension, n, rows, seed):
    truth = rd.rough_density_cube(1.0, cells, dimension, replicates=rows, rng=generator(seed))
    return truth.draw(n, generator(seed + 1))


@pytest.mark.parametrize(("size", "order"), [(5, 2), (6, 4)])
def test_axis_masses_are_those_of_the_line(size, order):
    matrix = ts.axis_masses(size, order, 30)
    weights = torch.rand(2, size, generator=generator(0), dtype=torch.float64)
    assert torch.allclose(weights @ matrix.T, ss.basis(size, order, 30).density(weights))
    assert torch.allclose(matrix.sum(0), torch.ones(size, dtype=torch.float64))


def test_expand_is_the_product_of_all_axes():
    matrix = ts.axis_masses(3, 2, 7)
    weights = torch.rand(2, 3, 3, 3, generator=generator(1), dtype=torch.float64)
    plain = torch.einsum("ai,bj,ck,rijk->rabc", matrix, matrix, matrix, weights)
    assert torch.allclose(ts.expand(matrix, weights), plain)


def plain_em(counts, matrix, steps=30000):
    counts, matrix = counts[counts > 0], matrix[counts > 0]
    a = np.full(matrix.shape[1], 1 / matrix.shape[1])
    for _ in range(steps):
        a = a * (matrix.T @ (counts / (matrix @ a))) / counts.sum()
    return a


def test_fit_is_the_maximum_of_the_likelihood():
    counts = drawn(6, 3, 400, 2, 2)
    matrix = ts.axis_masses(3, 2, 6)
    got = ts.expand(matrix, ts.fit(counts, matrix)).flatten(1).numpy()
    one = matrix.numpy()
    dense = np.einsum("ai,bj,ck->abcijk", one, one, one).reshape(216, 27)
    for row, density in zip(counts.flatten(1).numpy(), got, strict=True):
        best = dense @ plain_em(row, dense)
        seen = row > 0
        gap = row[seen] @ np.log(best[seen] / density[seen])
        assert -1e-6 < gap < ts.SHARE * 27


def test_on_the_line_it_is_the_fit_by_newton():
    counts = drawn(64, 1, 3000, 3, 4)
    splines = ss.basis(8, 2, 64)
    newton = splines.density(ss.fit(counts, splines))
    matrix = ts.axis_masses(8, 2, 64)
    em = ts.expand(matrix, ts.fit(counts, matrix))
    seen = torch.xlogy(counts, newton / em).sum(1)
    assert bool((seen.abs() < ts.SHARE * 8).all())


def test_chunks_do_not_change_the_fit(monkeypatch):
    counts = drawn(8, 2, 300, 4, 6)
    matrix = ts.axis_masses(4, 2, 8)
    monkeypatch.setattr(ts, "SHARE", 1e-6)
    whole = ts.expand(matrix, ts.fit(counts, matrix))
    monkeypatch.setattr(ts, "CHUNK", 64)
    assert torch.allclose(whole, ts.expand(matrix, ts.fit(counts, matrix)), atol=1e-5)


def test_a_fit_that_does_not_converge_is_an_error(monkeypatch):
    monkeypatch.setattr(ts, "LONGEST", 2)
    with pytest.raises(ss.NotConverged, match="missing"):
        ts.fit(drawn(8, 2, 5000, 2, 8), ts.axis_masses(5, 2, 8))


def test_the_size_is_the_best_on_held_out_data():
    counts, sizes = drawn(16, 2, 3000, 4, 10), [2, 3, 4, 6, 8]
    density, chosen = ts.fit_validated(counts, 2, sizes, generator(12))
    train, held_out = split_counts(counts, 0.5, generator(12))
    for row in range(4):
        scores = []
        for size in sizes:
            matrix = ts.axis_masses(size, 2, 16)
            fitted = ts.expand(matrix, ts.fit(train[row : row + 1], matrix))[0]
            scores.append(float(torch.xlogy(held_out[row], fitted).sum()))
        best = 0
        while best + 1 < len(sizes) and scores[best + 1] > scores[best]:
            best += 1
        assert int(chosen[row]) == sizes[best]
        matrix = ts.axis_masses(sizes[best], 2, 16)
        whole = ts.expand(matrix, ts.fit(counts[row : row + 1], matrix))[0]
        assert float((density[row] - whole).abs().sum()) < 0.02
