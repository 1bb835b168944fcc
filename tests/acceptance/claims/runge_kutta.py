"""The Runge-Kutta methods of scipy converge with their orders 3, 5 and 8 at fixed steps."""

from ratecheck import Axis, Claim, Falsifier, Rate

claim = Claim(
    title="RK23, RK45 and DOP853 converge with the orders 3, 5 and 8",
    source="Hairer, Norsett & Wanner, Solving Ordinary Differential Equations I, Springer 1993, "
    "Theorem II.3.6; coefficients of Section II.5",
    statement=r"| y_N - y(T) | = O( N^{-p} ), \quad p = 3,\; 5,\; 8",
    symbols={"N": "number of equal steps", "p": "order of the method"},
    not_shown=["the step size control"],
)


def error(method, N, field, exact):
    """Error at time 2 after N equal steps: no error is too large for the control of the step."""
    from scipy.integrate import solve_ivp

    step = 2 / N
    done = solve_ivp(
        field, (0, 2), [1.0], method, first_step=step, max_step=step, rtol=1e9, atol=1e9
    )
    return abs(done.y[0, -1] - exact)


def errors(method, N):
    """For a smooth equation, and for one whose right side has a root at time 0."""
    from math import cos, exp, sin

    return {
        "error": error(method, N, lambda t, y: y * cos(t), exp(sin(2))),
        "rough": error(method, N, lambda t, y: y * 0 + 1.25 * t**0.25, 1 + 2**1.25),
    }


@claim.experiment(
    Axis.geometric("N", quick=(2**3, 2**9)),
    checks=[
        Rate(
            "error",
            "N**(-3)",
            margin=0.5,
            fails=[Falsifier("a root in the equation", quantity="rough")],
        ),
        Rate("error", "N**(-2)", margin=0.5, name="wrong-order-of-the-error-estimate"),
    ],
    data="exact",
    real=["scipy's solve_ivp with RK23"],
    proxied=["a general equation by a scalar one"],
)
def rk23(N):
    """y' = y cos t from y(0) = 1 to time 2, where y = exp(sin t)."""
    return errors("RK23", N)


@claim.experiment(
    Axis("N", quick=[8, 12, 16, 24, 32, 48, 64, 96]),
    checks=[
        Rate(
            "error",
            "N**(-5)",
            margin=0.5,
            fails=[Falsifier("a root in the equation", quantity="rough")],
        ),
        Rate("error", "N**(-4)", margin=0.5, name="wrong-order-of-the-error-estimate"),
    ],
    data="exact",
    real=["scipy's solve_ivp with RK45"],
    proxied=["a general equation by a scalar one"],
)
def rk45(N):
    """As above."""
    return errors("RK45", N)


@claim.experiment(
    Axis("N", quick=[3, 4, 6, 8, 12, 16]),
    checks=[
        Rate(
            "error",
            "N**(-8)",
            margin=0.5,
            fails=[Falsifier("a root in the equation", quantity="rough")],
        ),
        Rate("error", "N**(-7)", margin=0.5, name="wrong-an-order-too-few"),
    ],
    data="exact",
    real=["scipy's solve_ivp with DOP853"],
    proxied=["a general equation by a scalar one"],
)
def dop853(N):
    """As above."""
    return errors("DOP853", N)
