"""Spectrum and target against the definition of the source condition."""

import numpy as np
import pytest

from ratecheck.lab.spectra.source import power_law


@pytest.mark.parametrize(("r", "beta"), [(0.5, 2.0), (0.75, 1.5)])
def test_spectrum_and_target(r, beta):
    source = power_law(r, beta, 1.0, frequencies=32)
    eigenvalues, target = source.eigenvalues, source.target
    index = np.arange(1, 65)
    assert float(eigenvalues.sum()) == pytest.approx(1)
    assert float(target.square().sum()) == pytest.approx(1)
    assert np.allclose(eigenvalues / eigenvalues[0], index**-beta)
    # f = S^r h with h_i^2 ~ 1/i: every smaller r has a square-summable h, r itself just not
    h = target / eigenvalues**r
    assert np.allclose((h / h[0]).square(), 1 / index)
