"""NAME: the unadjusted Langevin sampler has a bias of the order of its step h.

A mean of either sign, whose distance from the truth shrinks. Put your sampler in its place.
"""

from ratecheck import Axis, Claim, Falsifier, Moved, Rate, lab

claim = Claim(
    title="The unadjusted Langevin sampler has a bias of order h",
    source="Roberts & Tweedie, Bernoulli 2 (1996) 341-363, Section 3 (number not verified)",
    statement=r"\mathbb{E} x_{T/h}^2 - \sigma^2 = O( h )",
    symbols={"h": "step", "T": "time that is simulated", "sigma": "the target's deviation"},
    real=["the sampler, from 0", "the bias of the second moment"],
    proxied=["a log-concave target by a normal law"],
    not_shown=["distances between laws", "how long a chain must run"],
    unmoved={"T": "long enough for the start to be forgotten"},
)


@claim.problem
def target(sigma):
    """Nature: a normal law, by its potential's curvature."""
    return 1 / sigma**2


@claim.experiment(
    Axis("h", [1 / 2, 1 / 4, 1 / 8, 1 / 16]),
    # The nearest other order is 2, that of splittings with a second order.
    checks=[Rate("bias", "h", margin=0.5, rivals={"a second order": "h**2"},
                 fails=[Moved("sigma", "1.2", "a target wider than the estimate is told"),
                        Falsifier("a chain that is too short", told={"T": 0.5})])],
    free={"sigma": 1.0, "T": 8.0},
    data="signed",  # quantities of either sign; the check is of the absolute mean
    replicates={"quick": 256, "standard": 1024, "full": 4096},
    cost="1/h",
)  # fmt: skip
def second_moment(problem, h, sigma, T, *, replicates, rng):
    """The mean of x^2 over 1024 chains, less the target's."""
    x = lab.draws.normal(replicates, 1024, rng=rng) * 0
    for _ in range(round(T / h)):
        x = x - h * problem * x + (2 * h) ** 0.5 * lab.draws.normal(replicates, 1024, rng=rng)
    return {"bias": x.square().mean(1) - sigma**2}
