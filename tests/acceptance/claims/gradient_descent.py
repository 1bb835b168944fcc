"""Gradient descent needs a number of steps that is proportional to the condition number."""

import numpy as np

from ratecheck import Axis, Claim, Decay, Moved, Without

claim = Claim(
    title="Gradient descent closes the gap like exp(-2t/kappa)",
    source="Nesterov, Introductory Lectures on Convex Optimization, Springer 2004, Theorem 2.1.15",
    statement=r"f(x_t) - f(x^*) \le C ( 1 - 1/\kappa )^{2t}",
    symbols={"t": "steps of size 1/L", "kappa": "condition number", "gap": "f above its minimum"},
    real=["the iterations"],
    proxied=["any smooth and strongly convex function by a quadratic one"],
    not_shown=["that no function is worse"],
    history=["margin and falsifiers were set after slopes had been seen"],
)
FLATTER = Moved("kappa", "4*kappa", "a flatter direction")


@claim.problem
def curvatures(kappa):
    """Nature: from 1/kappa to L = 1."""
    return np.geomspace(1 / kappa, 1, 8)


@claim.experiment(
    Axis("t", range(2, 9), unit="kappa"),
    cases=[{"kappa": 10}, {"kappa": 100}, {"kappa": 1000}],
    checks=[
        Decay("gap", "exp(-2*t/kappa)", margin=0.2, rivals={"optimal": "exp(-2*t/sqrt(kappa))"},
              fails=[FLATTER, Without("error in the flattest direction", "steep")]),
        Decay("gap", "exp(-t/kappa)", margin=0.2, name="wrong-half-as-fast", fails=[FLATTER]),
    ],
    data="exact",
)  # fmt: skip
def descent(problem, t):
    """After t steps from (1, ..., 1); and from a start that is flat in the worst direction."""
    x = (1 - problem) ** t
    return {"gap": problem @ x**2, "steep": problem[1:] @ x[1:] ** 2}
