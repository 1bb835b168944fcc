"""Two samples of size n are n^(-1/max(d, 2)) apart, with a logarithm in dimension 2."""

from ratecheck import Axis, Claim, Falsifier, Rate, lab

claim = Claim(
    title="Empirical Wasserstein distances shrink like n^(-1/d) above dimension 2",
    source="Ajtai, Komlos & Tusnady, Combinatorica 4 (1984) 259-264, Theorem 1 (d = 2); Dobric & "
    "Yukich, J. Theor. Probab. 8 (1995) 97-118, Theorem 1 (d = 3)",
    statement=r"""
        \mathbb{E} W_1(\mu_n, \nu_n) \asymp n^{-1/2} \;(d = 1), \quad
        \sqrt{\log n / n} \;(d = 2), \quad n^{-1/3} \;(d = 3)
    """,
    symbols={"n": "size of each of the two samples", "d": "dimension"},
    not_shown=["laws other than the uniform one"],
)


@claim.experiment(
    Axis.geometric("n", quick=(2**4, 2**8)),
    checks=[
        Rate(
            "line",
            "n**(-1/2)",
            margin=0.08,
            rivals={"d = 3": "n**(-1/3)"},
            fails=[Falsifier("two laws, d = 1", quantity="two_lines")],
        ),
        Rate(
            "square",
            "sqrt(log(n)/n)",
            margin=0.06,
            rivals={"no logarithm": "n**(-1/2)"},
            fails=[Falsifier("two laws, d = 2", quantity="two_squares")],
        ),
        Rate(
            "cube",
            "n**(-1/3)",
            margin=0.08,
            rivals={"d = 2": "n**(-1/2)"},
            fails=[Falsifier("two laws, d = 3", quantity="two_cubes")],
        ),
        Rate("line", "1/n", margin=0.08, name="wrong-of-the-square-in-one-dimension"),
        Rate("square", "log(n)/n", margin=0.06, name="wrong-of-the-square"),
        Rate("cube", "n**(-1/2)", margin=0.08, name="wrong-d-2"),
    ],
    replicates=192,
    block=32,
    cost="n**2",
    real=["the exact transport between two uniform samples, by POT"],
    proxied=["the cube by the torus, which has no boundary"],
)
def torus(n, *, replicates, rng):
    """Distances on the torus (0, 1)^d; the second law has its first coordinate in (0, 1/2)."""
    import numpy as np
    import ot

    numpy_rng = lab.draws.numpy_generator(rng)

    def transport(x, y):
        gaps = np.abs(x[:, None] - y)
        gaps = np.minimum(gaps, 1 - gaps)
        return ot.emd2([], [], np.sqrt((gaps**2).sum(-1)))

    names = {"line": "two_lines", "square": "two_squares", "cube": "two_cubes"}
    distances = {name: [] for pair in names.items() for name in pair}
    for _ in range(replicates):
        for d, (same, other) in enumerate(names.items(), start=1):
            x, y = numpy_rng.random((2, n, d))
            distances[same].append(transport(x, y))
            y[:, 0] /= 2
            distances[other].append(transport(x, y))
    return distances
