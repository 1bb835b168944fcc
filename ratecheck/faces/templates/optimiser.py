"""NAME: gradient descent closes the gap like exp(-2t/kappa).

A linear rate in the number of steps t, for several condition numbers kappa. Put your optimiser and
your problem in their place.
"""

import numpy as np

from ratecheck import Axis, Claim, Decay, Falsifier, Moved

claim = Claim(
    title="Gradient descent closes the gap like exp(-2t/kappa)",
    source="Nesterov, Introductory Lectures on Convex Optimization, Springer 2004, Theorem 2.1.15",
    statement=r"f(x_t) - f(x^*) \le C (1 - 1/\kappa)^{2t}",
    symbols={"t": "steps of size 1/L", "kappa": "condition number"},
    real=["gradient descent on a quadratic"],
    proxied=["any smooth and strongly convex objective by a quadratic"],
    not_shown=["that the worst objective is no worse", "noisy gradients"],
)


@claim.problem
def quadratic(kappa):
    """Nature: curvatures from 1/kappa to L = 1."""
    return np.geomspace(1 / kappa, 1, 8)


@claim.experiment(
    # The grid follows the theorem's own scale: t = 2 kappa, 3 kappa, ...
    Axis("t", range(2, 9), unit="kappa"),
    cases=[{"kappa": 16}, {"kappa": 256}],
    # The margin is a fraction of the rate; it is exact to 1/(2 kappa).
    checks=[Decay("gap", "exp(-2*t/kappa)", margin=0.2,
                  rivals={"acceleration": "exp(-2*t/sqrt(kappa))"},
                  fails=[Moved("kappa", "2*kappa", "a problem of twice the condition number"),
                         Falsifier("half of the step", told={"step": 0.5})])],
    free={"step": 1.0},
    data="exact",
)  # fmt: skip
def descent(problem, t, step):
    """Gap after t steps from (1, ..., 1)."""
    x = np.ones(len(problem))
    for _ in range(t):
        x = x - step * problem * x
    return {"gap": problem @ x**2 / 2}
