"""Regression by k nearest neighbours at the tip of a cone."""

from ratecheck import Axis, Claim, Falsifier, Moved, Rate, lab

claim = Claim(
    title="k = n^(2/(2+d)) nearest neighbours have squared error n^(-2/(2+d))",
    source="Gyorfi, Kohler, Krzyzak & Walk, A Distribution-Free Theory of Nonparametric "
    "Regression, Springer 2002, Theorem 6.2 (at d >= 3; at a point, as here, at every d)",
    statement=r"\mathbb{E} ( m_n(x) - m(x) )^2 \le C n^{-2/(2+d)}",
    symbols={"n": "data", "d": "dimension of the inputs"},
    real=["the estimator"],
    proxied=["the integrated error by that at the worst point of a Lipschitz function"],
    not_shown=["that no estimator is better"],
)


@claim.problem
def cone(d, n, replicates, rng):
    """Nature: distances of n uniform inputs to the cube's centre, in order; values |x| + noise."""
    inputs = lab.draws.uniform(replicates, n, d, rng=rng) - 0.5
    return inputs.square().sum(2).sqrt().sort(1).values


@claim.experiment(
    Axis.geometric("n", quick=(2**8, 2**14)),
    cases=[{"d": 1}, {"d": 2}],
    checks=[
        Rate("error", "n**(-2/(2+d))", margin=0.06, rivals={"smooth": "n**(-4/(4+d))"},
             fails=[Moved("d", "d + 1", "inputs of one dimension more"),
                    Falsifier("half of the data's neighbours", quantity="half")]),
        Rate("error", "1/n", margin=0.06, name="wrong-parametric"),
    ],
    replicates=512, cost="n",
)  # fmt: skip
def tip(problem, n, d, *, replicates, rng):
    """Squared error where the truth is 0, the noise's variance 1/4."""
    values = problem + lab.draws.normal(replicates, n, rng=rng) / 2
    nearest = {"error": round(n ** (2 / (2 + d))), "half": n // 2}
    return {name: values[:, :k].mean(1) ** 2 for name, k in nearest.items()}
