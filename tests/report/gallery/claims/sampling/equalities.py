"""Equal, below, additive; biases and times."""

from ratecheck import (
    Above,
    Additive,
    Agrees,
    Axis,
    Below,
    Claim,
    Falsifier,
    Rate,
    Reaches,
    ReachesWithin,
)

claim = Claim(
    title="Sums of squares of d normal variables have mean d",
    source="Made up for tests; its bound is of Hoeffding, J. Amer. Statist. Assoc. 1963, Theorem 1 "
    "(doi:10.1080/01621459.1963.10500830)",
    statement=r"\mathbb{E}\,\frac1d\sum_{i \le d} X_i^2 = 1 \quad\text{and}\quad"
    r" \Pr\Bigl(\bar X \ge t\Bigr) \le e^{-2nt^2}",
    symbols={"d": "dimension", "eta": "step"},
    real=["everything"],
    proxied=[],
    not_shown=["the law itself"],
)


@claim.experiment(
    Axis.geometric("d", quick=(8, 128)),
    checks=[
        Agrees("square", "d", margin=0.15, fails=[Falsifier("one term short", quantity="short")]),
        Below("half", than="square", fails=[Falsifier("twice", quantity="double")]),
        Above("double", than="square", fails=[Falsifier("a half of it", quantity="half")]),
    ],
    replicates=256,
)
def squares(d, *, replicates, rng):
    """Sums of d squares and what is near to them."""
    import torch

    draws = torch.randn(replicates, d, generator=rng, device=rng.device, dtype=torch.float64)
    square = draws.square().sum(1)
    return {"square": square, "half": square * d**-0.25, "double": 2 * square,
            "short": square * 0.8}  # fmt: skip


@claim.experiment(
    Axis.geometric("eta", quick=(2**-4, 1)),
    checks=[
        Additive("both", parts=("step", "batch"), margin=0.2,
                 fails=[Falsifier("multiplied", quantity="product")]),
    ],
    replicates=64,
)  # fmt: skip
def corners(eta, *, replicates, rng):
    """An error with two sources, and with each of them alone."""
    import torch

    like = {"generator": rng, "device": rng.device, "dtype": torch.float64}
    step, batch, joint = (1 + 0.1 * torch.randn(replicates, **like) for _ in range(3))
    return {"both": (eta + 1) * joint, "step": eta * step, "batch": batch,
            "product": 3 * eta * step * batch + 3}  # fmt: skip


@claim.experiment(
    Axis.geometric("eta", quick=(2**-4, 1)),
    checks=[Rate("bias", "eta", margin=0.3, fails=[Falsifier("constant", quantity="constant")])],
    data="signed",
    replicates=256,
)
def biases(eta, *, replicates, rng):
    """Errors of either sign, whose mean is the negative step."""
    import torch

    noise = torch.randn(replicates, generator=rng, device=rng.device, dtype=torch.float64)
    return {"bias": -eta * (1 + 0.5 * noise), "constant": -1 - 0.5 * noise}


@claim.experiment(
    Axis.geometric("eta", quick=(2**-4, 1)),
    checks=[Rate("time", "1/eta", margin=0.3, fails=[Falsifier("constant", quantity="constant")])],
    data="times",
    replicates=256,
)
def times(eta, *, replicates, rng):
    """Times to a goal; a few runs end before it."""
    import torch

    draws = torch.rand(replicates, generator=rng, device=rng.device, dtype=torch.float64)
    time = (1 + draws) / eta
    return {"time": time.masked_fill(draws > 0.99, torch.inf), "constant": 1 + draws}


@claim.experiment(
    Axis.geometric("d", quick=(8, 128)),
    checks=[
        Reaches(
            "risk",
            "d",
            along="size",
            goal=0.1,
            margin=0.3,
            fails=[Falsifier("constant", quantity="easy")],
        ),
        ReachesWithin("risk", "d", along="size", goal=0.1, margin=0.3, name="within"),
    ],
    data="curves",
    replicates=256,
)
def curves(d, *, replicates, rng):
    """Squares over growing numbers of draws."""
    import torch

    size = 2.0 ** torch.arange(12, dtype=torch.float64) * d**0.5
    shape = replicates, len(size)
    noise = torch.randn(shape, generator=rng, device=rng.device, dtype=torch.float64).square()
    return {"size": size.expand(shape), "risk": noise * d / size, "easy": noise * 8 / size}
