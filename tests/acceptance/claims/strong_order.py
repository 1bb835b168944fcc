"""Euler-Maruyama converges strongly with order 1/2, the Milstein scheme with order 1."""

from ratecheck import Axis, Claim, Falsifier, Rate, lab

claim = Claim(
    title="The Milstein scheme converges strongly with order 1, Euler-Maruyama with order 1/2",
    source="Kloeden & Platen, Numerical Solution of Stochastic Differential Equations, Springer "
    "1992, Theorem 10.6.3 (Theorem 10.2.2 for Euler-Maruyama)",
    statement=r"\mathbb{E} | X^{\mathrm{EM}}_N - X(1) | \le C N^{-1/2}, \qquad"
    r"\mathbb{E} | X^{\mathrm{Milstein}}_N - X(1) | \le C N^{-1}",
    symbols={"N": "number of steps of size 1/N"},
    real=["both schemes", "the exact solution on the same path"],
    proxied=["a general equation by geometric Brownian motion"],
    not_shown=["noise that does not commute"],
)


@claim.experiment(
    Axis.geometric("N", quick=(2**3, 2**9)),
    free={"drift": 1.0, "sigma": [0.8, 0.4]},
    checks=[
        Rate("euler", "N**(-1/2)", margin=0.2, rivals={"Milstein": "1/N"},
             fails=[Falsifier("another Brownian path", quantity="weak")]),
        Rate("milstein", "1/N", margin=0.2, rivals={"Euler": "N**(-1/2)"},
             fails=[Falsifier("without the correction", quantity="euler")]),
        Rate("euler", "1/N", margin=0.2, name="wrong-the-weak-order"),
        Rate("milstein", "N**(-2)", margin=0.2, name="wrong-an-order-more"),
    ],
    replicates=2048, block=128, cost="N",
)  # fmt: skip
def geometric_brownian_motion(N, drift, sigma, *, replicates, rng):
    """dX = drift X dt + sigma X dW from X(0) = 1 to time 1."""
    noise = lab.draws.normal(N, replicates, rng=rng) / N**0.5
    other = lab.draws.normal(replicates, rng=rng)
    growth = 1 + drift / N + sigma * noise
    euler, milstein = (x.prod(0) for x in (growth, growth + sigma**2 / 2 * (noise**2 - 1 / N)))
    exact, moved = ((drift - sigma**2 / 2 + sigma * w).exp() for w in (noise.sum(0), other))
    errors = {"euler": euler - exact, "milstein": milstein - exact, "weak": euler - moved}
    return {name: error.abs() for name, error in errors.items()}
