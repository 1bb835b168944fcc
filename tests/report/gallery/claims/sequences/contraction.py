"""Noise-free sequences, paths, and a simulation that fails."""

from ratecheck import Axis, Claim, Decay, Falsifier, Moved, Rate

claim = Claim(
    title="A contraction forgets its start exponentially fast",
    source="Banach, Fundamenta Mathematicae 1922, Theorem 6",
    statement=r"|x_t - x^*| \le e^{-\alpha t}\, |x_0 - x^*|",
    symbols={"t": "time", "alpha": "rate of the contraction"},
    free={"start": [2.0, 1.0]},
    real=["the map"],
    proxied=["a general map by a scalar one"],
    not_shown=["maps that do not contract"],
)


@claim.problem
def contraction(alpha):
    """Distance to the fixed point after time t, from distance 1."""
    import math

    return lambda t: math.exp(-alpha * t)


SLOW = Moved("alpha", "alpha/2", "a map that contracts half as fast")


@claim.experiment(
    Axis("t", quick=[0.5, 1.0, 1.5, 2.0, 2.5, 3.0]),
    cases=[{"alpha": 2.0}],
    checks=[
        Decay("gap", "exp(-alpha*t)", margin=0.15, fails=[SLOW]),
        Decay("gap", "exp(-alpha*t/2)", margin=0.15, bound=True, name="gap-bounded",
              fails=[Moved("alpha", "alpha/8", "a map that hardly contracts")]),
    ],
    data="exact",
)  # fmt: skip
def scalar_map(problem, t, start):
    """x' = -alpha x."""
    return {"gap": start * problem(t)}


@claim.experiment(
    Axis.geometric("N", quick=(2**3, 2**9)),
    checks=[
        Rate("error", "1/N", margin=0.2, rivals={"order two": "N**(-2)"},
             fails=[Falsifier("no step at all", quantity="frozen")]),
        Rate("bent", "1/N", margin=0.1, name="not-there-yet"),
    ],
    data="exact",
)  # fmt: skip
def steps(N, start):
    """An error of order one, and one that another term still bends."""
    return {"error": start / N, "bent": start / N + 9 * N**-1.5, "frozen": start}


@claim.experiment(
    Axis.geometric("k", quick=(16, 256)),
    checks=[Rate("path", "1/k", margin=0.25, fails=[Falsifier("stays", quantity="stays")])],
    data="trajectories",
    replicates=256,
)
def paths(k, start, *, replicates, rng):
    """Running means of one stream of draws, watched at many times."""
    import torch

    like = {"generator": rng, "device": rng.device, "dtype": torch.float64}
    draws = start * torch.randn(replicates, max(k), **like)
    means = draws.cumsum(1)[:, [n - 1 for n in k]] / torch.tensor(k, dtype=torch.float64)
    return {"path": means.square(), "stays": draws[:, : len(k)].square()}


@claim.experiment(
    Axis.geometric("k", quick=(16, 256)),
    checks=[Rate("risk", "1/k", margin=0.25, fails=[Falsifier("stays", quantity="stays")])],
    replicates=64,
)
def fails_midway(k, start, *, replicates, rng):
    """The third point cannot be simulated."""
    import torch

    if k == 64:
        raise ValueError("nan in the chain")
    draws = torch.rand(replicates, generator=rng, device=rng.device, dtype=torch.float64)
    return {"risk": start * draws / k, "stays": draws}
