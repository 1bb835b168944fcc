"""A kernel density estimate has integrated squared error n^(-4/5)."""

from ratecheck import Axis, Claim, Falsifier, Rate

claim = Claim(
    title="A kernel density estimate with bandwidth n^(-1/5) has squared error n^(-4/5)",
    source="Tsybakov, Introduction to Nonparametric Estimation, Springer 2009, Theorem 1.3",
    statement=r"""
        \mathbb{E} \int ( \hat f_n - f )^2 \le C n^{-4/5}, \qquad h = c\, n^{-1/5}
    """,
    symbols={"n": "number of data", "h": "bandwidth"},
    not_shown=["that no estimator is better"],
)


# The mean integrated squared error has a closed form here (Marron & Wand, Ann. Statist. 20 (1992),
# equation 2.6). On this grid its slope is -0.757.
@claim.experiment(
    Axis.geometric("n", quick=(2**8, 2**16)),
    free={"c": 1.06, "power": 0.2},
    checks=[
        Rate(
            "risk",
            "n**(-4/5)",
            margin=0.1,
            rivals={"a parametric model": "1/n"},
            fails=[
                Falsifier("a bandwidth that does not shrink", told={"power": 0.0}),
                Falsifier("a bandwidth that shrinks too fast", told={"power": 0.5}),
            ],
        ),
        Rate("risk", "1/n", margin=0.1, name="wrong-parametric"),
    ],
    replicates=256,
    block=32,
    cost="n",
    real=["the estimator", "its integrated squared error"],
    proxied=["the class of smooth densities by the normal density", "data rounded to 1/32"],
)
def normal_density(n, c, power, *, replicates, rng):
    """Gaussian kernel, standard normal data; integrals on a grid of step 1/32 over (-8, 8)."""
    import math

    import torch

    like = {"device": rng.device, "dtype": torch.float64}
    bandwidth = c * n**-power
    grid = torch.arange(-8, 8, 1 / 32, **like)

    def normal(x, sd):
        return torch.exp(-((x / sd) ** 2) / 2) / (sd * math.sqrt(2 * math.pi))

    data = torch.randn(replicates, n, generator=rng, **like).clamp(-7.9, 7.9)
    places = ((data + 8) * 32).round().long()
    counts = torch.zeros(replicates, len(grid), **like)
    counts.scatter_add_(1, places, torch.ones_like(data))
    estimate = counts @ normal(grid[:, None] - grid, bandwidth) / n
    return {"risk": (estimate - normal(grid, 1.0)).square().sum(-1) / 32}
