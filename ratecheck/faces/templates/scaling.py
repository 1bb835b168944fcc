"""NAME: the test loss of least squares falls to a floor E like 1/(n - 9), E unknown.

A scaling law: the exponent is that of what is above a floor, which is fitted. Put your losses in
their place.
"""

import torch

from ratecheck import Axis, Claim, Rate, Without, lab

claim = Claim(
    title="The test loss of least squares falls to its floor like 1/(n - 9)",
    source="Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, Springer 2009, "
    "Section 2.5",
    statement=r"\mathbb{E} L(n) = E + 8 E / (n - 9)",
    symbols={"n": "training data", "E": "the noise's variance, not told to the fit"},
    real=["least squares on 8 inputs", "its exact test loss"],
    proxied=["any inputs by normal ones"],
    not_shown=["fewer data than inputs"],
)


@claim.experiment(
    Axis.geometric("n", quick=(2**5, 2**12)),
    # The rival is the slower law 1/sqrt(n): half of the distance is 1/4.
    checks=[Rate("loss", "1/(n - 9)", margin=0.25, floor="fit", rivals={"a slow law": "n**(-1/2)"},
                 fails=[Without("most of the data", "few")])],
    replicates={"quick": 1024, "standard": 2048, "full": 4096},
    cost="n",
)  # fmt: skip
def least_squares(n, *, replicates, rng):
    """Loss of the fit to all data, and of that to the first 4 sqrt(n)."""
    x = lab.draws.normal(replicates, n, 8, rng=rng)
    noise = lab.draws.normal(replicates, n, 1, rng=rng)  # the truth is 0, the noise's variance 1

    def loss(m):
        gram = x[:, :m].mT @ x[:, :m]
        return 1 + torch.linalg.solve(gram, x[:, :m].mT @ noise[:, :m]).square().sum((1, 2))

    return {"loss": loss(n), "few": loss(min(n, round(4 * n**0.5)))}
