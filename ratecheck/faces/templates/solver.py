"""NAME: Heun's method converges with order 2.

Exact numbers, one a point: no replicates, no randomness. Put your solver in its place.
"""

from math import exp, sin

import numpy as np

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="Heun's method converges with order 2",
    source="Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, Springer 1993, "
    "Section II.1",
    statement=r"| y_N - y(2) | = O( h^2 ), \qquad h = 2/N",
    symbols={"h": "step"},
    real=["the method, with equal steps"],
    proxied=["a general equation by y' = y cos t, where y = exp(sin t)"],
    not_shown=["the control of the step", "stiff equations", "right sides that are not smooth"],
)


@claim.experiment(
    # Points that are written decreasing go to 0; exponents are said in 1/h.
    Axis("h", [2.0**-k for k in range(2, 9)]),
    # Orders are whole numbers: a margin of 1/2 tells them apart.
    checks=[Rate("error", "h**2", margin=0.5, rivals={"Euler": "h"},
                 fails=[Without("the second stage", "euler")])],
    data="exact",
)  # fmt: skip
def scalar_equation(h):
    """Error at time 2."""
    heun = euler = 1.0
    for t in h * np.arange(round(2 / h)):
        slope = heun * np.cos(t)
        heun += h / 2 * (slope + (heun + h * slope) * np.cos(t + h))
        euler += h * euler * np.cos(t)
    return {"error": abs(heun - exp(sin(2))), "euler": abs(euler - exp(sin(2)))}
