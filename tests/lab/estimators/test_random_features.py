"""Random features against scikit-learn's ridge regression on the same layer."""

import numpy as np
import torch
from sklearn.linear_model import Ridge

from ratecheck.lab.estimators import random_features


def test_predictions():
    shape = {"generator": torch.Generator().manual_seed(1), "dtype": torch.float64}
    x, at = torch.randn(2, 40, 3, **shape), torch.randn(2, 7, 3, **shape)
    y = x[..., 0].abs() + 0.3 * torch.randn(2, 40, **shape)
    ridges = [0.01, 1.0, 100.0]
    found = random_features.predict(
        x, y, at, ridges, units=20, rng=torch.Generator().manual_seed(2)
    )
    layer = random_features.layer(3, 20, replicates=2, rng=torch.Generator().manual_seed(2))
    for r in range(2):
        inputs, points = ((part[r] @ layer[r]).relu().numpy() / 20**0.5 for part in (x, at))
        labels = y[r].numpy()

        def fitted(rows, ridge, inputs=inputs, labels=labels):
            return Ridge(alpha=ridge, fit_intercept=False).fit(inputs[:rows], labels[:rows])

        errors = [
            np.square(fitted(30, a).predict(inputs[30:]) - labels[30:]).mean() for a in ridges
        ]
        best = fitted(40, ridges[int(np.argmin(errors))])
        assert np.allclose(found[r], best.predict(points), atol=1e-8)


def test_units_have_variance_one_on_the_sphere():
    weights = random_features.layer(9, 4000, replicates=2, rng=torch.Generator().manual_seed(3))
    x = torch.zeros(2, 1, 9, dtype=torch.float64)
    x[..., 4] = 3.0
    assert torch.allclose((x @ weights).var(2), torch.ones(2, 1, dtype=torch.float64), atol=0.1)
