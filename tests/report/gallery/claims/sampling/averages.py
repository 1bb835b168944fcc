"""Averages of n draws: checks of exponents with every answer that they can have."""

from ratecheck import AtLeast, AtMost, Axis, Claim, Falsifier, Faster, Flat, Moved, Rate, Without

claim = Claim(
    title="The mean of n dependent draws has squared error n^(-β)",
    source="Made up for tests, in the manner of Dieuleveut, Flammarion & Bach, JMLR 2017, "
    "Section 1 (arXiv:1602.05419)",
    statement=r"\mathbb{E}\|\bar x_n - \mu\|^2 = \sigma^2 n^{-\beta}",
    symbols={"n": "number of draws", "beta": "how fast dependence is lost"},
    free={"sigma": [1.0, 0.5, 2.0]},
    real=["the law of the mean"],
    proxied=["dependent draws by one normal variable of the variance of their mean"],
    not_shown=["other moments", "draws without a variance"],
    unmoved={"gamma": "an exponent of the bound alone"},
    history=["the margin was 0.2 until a rival at a distance of 1/2 was found"],
)


@claim.problem
def dependent(beta, sigma):
    """The mean of n draws, as a function of n and a normal variable."""
    return lambda n, normal: sigma * n ** (-beta / 2) * normal


MOVED = Moved("beta", "beta - 1/2", "more dependence than the method is told")


@claim.experiment(
    Axis.geometric("n", quick=(16, 256)),
    cases=[{"beta": 1.0}, {"beta": 0.5}],
    checks=[
        Rate(
            "risk", "n**(-beta)", margin=0.25,
            rivals={"no averaging": "1", "independent draws": "1/n"},
            fails=[Without("averaging", "frozen"), MOVED],
        ),
        Rate(
            "risk", "n**(-2*beta)", margin=0.25, name="too-good-a-rate", when="beta > 0.7",
            fails=[MOVED, Falsifier("the same numbers again", quantity="fast")],
        ),
        AtMost("risk", "n**(-beta/2)", margin=0.2, name="slower-bound", when="beta > 0.7",
               fails=[Moved("beta", "0", "no averaging")]),
        AtMost("fast", "log(n)**9/n", margin=0.2, name="vacuous-bound", when="beta > 0.7"),
        AtLeast("fast", "n**(-2*beta)", margin=0.25, name="lower-bound", when="beta > 0.7",
                fails=[Moved("beta", "beta + 2", "a mean that is too good")]),
        Flat("frozen", margin=0.25, when="beta > 0.7", fails=[Falsifier("averaged", "risk")]),
        Faster("fast", than="risk", by="n**(beta/2)", margin=0.4, when="beta > 0.7",
               fails=[MOVED, Falsifier("against itself", "risk")]),
        Rate("late", "1/n", margin=0.1, name="still-bending", when="beta > 0.7"),
    ],
    replicates=256,
    cost="n",
)  # fmt: skip
def means(problem, n, beta, *, replicates, rng):
    """Squared errors of means; `fast` is what a control variate of order ``n**(-beta)`` leaves."""
    import torch

    normal = torch.randn(replicates, generator=rng, device=rng.device, dtype=torch.float64)
    mean = problem(n, normal)
    return {"risk": mean**2, "fast": mean**2 * n**-beta, "frozen": problem(1, normal) ** 2,
            "late": (1 + normal / 20) * (n**-beta + 20 * n ** (-2 * beta))}  # fmt: skip


@claim.experiment(
    Axis.geometric("n", quick=(16, 256)),
    cases=[{"gamma": 1.0}],
    checks=[
        Rate("risk", "n**(-gamma)", margin=0.05, name="too-few",
             fails=[Without("averaging", "frozen")]),
        Rate("risk", "n**(-gamma)", margin=0.6, name="with-a-survivor",
             fails=[Falsifier("the same mean again", told={"twin": 1})]),
    ],
    free={"twin": 0, "beta": 1.0},
    replicates=32,
    cost="n",
    proxied=["a large sample by a small one", "n draws by one normal variable"],
)  # fmt: skip
def few_replicates(problem, n, gamma, twin, *, replicates, rng):
    """The same with few replicates: too wide for a small margin."""
    import torch

    normal = torch.randn(replicates, generator=rng, device=rng.device, dtype=torch.float64)
    return {"risk": problem(n, normal) ** 2, "frozen": problem(1, normal) ** 2}
