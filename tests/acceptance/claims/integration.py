"""Monte Carlo has squared error 1/n; scrambled Sobol points reach n^(-3) for smooth integrands."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Rate, lab

claim = Claim(
    title="Scrambled nets integrate smooth functions with variance n^(-3) (log n)^(d-1)",
    source="Owen, Ann. Statist. 25 (1997) 1541-1562, Theorem 2 (doi:10.1214/aos/1031594731)",
    statement=r"""
        \operatorname{Var} \hat I_{\mathrm{MC}} = \frac{\sigma^2}{n}, \qquad
        \operatorname{Var} \hat I_{\mathrm{net}} = O\Bigl( \frac{(\log n)^{d-1}}{n^3} \Bigr)
    """,
    symbols={"n": "number of points", "d": "dimension"},
    not_shown=["dimensions above 2"],
)


@claim.experiment(
    Axis.geometric("n", quick=(2**4, 2**10)),
    checks=[
        Rate(
            "risk",
            "1/n",
            margin=0.25,
            rivals={"the error, not squared": "n**(-1/2)"},
            fails=[Falsifier("one coordinate for both", quantity="diagonal")],
        ),
        Rate("risk", "n**(-3/2)", margin=0.25, name="wrong-half-an-order-more"),
        Rate("risk", "n**(-1/2)", margin=0.25, name="wrong-not-squared"),
    ],
    replicates=1024,
    block=128,
    cost="n",
    real=["independent uniform points in the square"],
    proxied=[],
)
def monte_carlo(n, *, replicates, rng):
    """The integral of exp(u + v) over the square."""
    import math

    import torch

    u, v = torch.rand(2, replicates, n, generator=rng, device=rng.device, dtype=torch.float64)
    exact = (math.e - 1) ** 2
    risk = {"risk": u + v, "diagonal": 2 * u}
    return {name: (s.exp().mean(-1) - exact) ** 2 for name, s in risk.items()}


# The squared error of a smooth integrand rests on rare scramblings: on the line it needs some
# 14,000 replicates, so that a jump, where one interval of n holds all the error, stands in for it.
@claim.experiment(
    Axis.geometric("n", quick=(2**4, 2**10)),
    checks=[
        Rate(
            "jump",
            "n**(-2)",
            margin=0.4,
            rivals={"Monte Carlo": "1/n"},
            fails=[Falsifier("independent points", quantity="independent")],
        ),
        AtMost(
            "smooth",
            "log(n)/n**3",
            margin=0.35,
            fails=[Falsifier("an integrand that jumps across the square", quantity="oblique")],
        ),
        Rate("jump", "n**(-3)", margin=0.4, name="wrong-as-if-smooth"),
        Rate("jump", "1/n", margin=0.4, name="wrong-monte-carlo"),
        AtMost("smooth", "n**(-4)", margin=0.4, name="wrong-an-order-more"),
    ],
    replicates=768,
    block=64,
    real=["scipy's scrambled Sobol points, in dimensions 1 and 2"],
    proxied=[],
)
def sobol(n, *, replicates, rng):
    """exp(u + v) over the square, and below its diagonal; the indicator of (0, 1/3)."""
    import numpy as np
    from scipy.stats import qmc

    numpy_rng = lab.draws.numpy_generator(rng)
    total = (np.e - 1) ** 2
    errors = {"smooth": [], "oblique": [], "jump": [], "independent": []}
    for _ in range(replicates):
        u, v = qmc.Sobol(2, scramble=True, rng=numpy_rng).random(n).T
        values = np.exp(u + v)
        errors["smooth"].append(values.mean() - total)
        errors["oblique"].append(values[u > v].sum() / n - total / 2)
        errors["jump"].append(np.mean(u < 1 / 3) - 1 / 3)
        errors["independent"].append(np.mean(numpy_rng.random(n) < 1 / 3) - 1 / 3)
    return {name: np.square(each) for name, each in errors.items()}
