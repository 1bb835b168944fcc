"""Deep linear networks learn low-rank regression at r(M+N)/n, linear estimators at MN/n."""

from ratecheck import Agrees, AtMost, Axis, Claim, Falsifier, Faster, Rate, lab

claim = Claim(
    title="A deep network pays r(M+N)/n for a rank-r map, any linear estimator MN/n",
    source="Bunea, She & Wegkamp, Ann. Statist. 39 (2011) 1282-1309, Theorem 5 and Section 2.3; "
    "Izenman, J. Multivariate Anal. 5 (1975), Section 2; first box of the lecture's part on why "
    "deep learning is good, slide 1",
    statement=r"""
        Y = U V X + \varepsilon,\; U \in \mathbb{R}^{M \times r},\, V \in \mathbb{R}^{r \times N}:
        \qquad
        \mathbb{E} \| \hat W_{\mathrm{deep}} - U V \|_F^2 \asymp \frac{\sigma^2 r (M + N - r)}{n},
        \qquad
        \inf_{\hat W \;\mathrm{linear\;in}\; Y} \mathbb{E} \| \hat W - U V \|_F^2
        \asymp \frac{\sigma^2 M N}{n}
    """,
    symbols={
        "n": "number of data",
        "m": "both dimensions, M = N = m",
        "r": "rank of the map",
        "sigma": "standard deviation of the noise",
    },
    not_shown=[
        "networks that are not linear",
        "weak signals, where neither rate is attained",
        "kernels that are not linear (they would only be worse)",
    ],
    unmoved={
        "m": "problem and method share it so far",
        "r": "problem and method share it so far",
        "sigma": "problem and method share it so far",
    },
)

DEEP = "sigma**2*r*(2*m - r)/n"
LINEAR = "sigma**2*m**2/n"
ADVANTAGE = "m**2/(r*(2*m - r))"
STEPS = 800


@claim.experiment(
    [
        Axis.geometric("n", quick=(256, 4096), full=(256, 2**15), at={"m": 16, "r": 2}),
        Axis("m", quick=[8, 12, 16, 24, 32], full=[8, 16, 32, 64, 128], at={"n": 2048, "r": 2}),
        Axis("r", quick=[1, 2, 3, 4, 6], full=[1, 2, 3, 4, 6, 8], at={"n": 2048, "m": 32}),
    ],
    free={"sigma": [1.0, 0.5, 2.0], "full_rank": 0},
    checks=[
        Rate(
            "two_layers",
            DEEP,
            margin=0.15,
            rivals={"linear": LINEAR},
            fails=[
                Falsifier("no bottleneck", quantity="least_squares", axis="m"),
                Falsifier("no bottleneck, in r", quantity="least_squares", axis="r"),
            ],
        ),
        Rate(
            "three_layers",
            DEEP,
            margin=0.15,
            rivals={"linear": LINEAR},
            fails=[
                Falsifier("bottleneck too narrow", quantity="narrow", axis="n"),
                Falsifier("no bottleneck, three_layers in m", quantity="least_squares", axis="m"),
                Falsifier("no bottleneck, three_layers in r", quantity="least_squares", axis="r"),
            ],
        ),
        Rate(
            "exact",
            DEEP,
            margin=0.15,
            rivals={"linear": LINEAR},
            fails=[
                Falsifier("no bottleneck, exact in m", quantity="least_squares", axis="m"),
                Falsifier("no bottleneck, exact in r", quantity="least_squares", axis="r"),
            ],
        ),
        AtMost(
            "validated",
            DEEP,
            margin=0.15,
            rivals={"linear": LINEAR},
            fails=[Falsifier("a truth of full rank", told={"full_rank": 1}, axis="m")],
        ),
        AtMost(
            "weight_decay",
            DEEP,
            margin=0.15,
            fails=[Falsifier("width m and no decay", quantity="least_squares", axis="m")],
        ),
        Rate(
            "best_linear",
            LINEAR,
            margin=0.15,
            rivals={"deep": DEEP},
            fails=[Falsifier("knowing the rank", quantity="exact", axis="m")],
        ),
        Faster(
            "three_layers",
            than="best_linear",
            by=ADVANTAGE,
            margin=0.15,
            axis="m",
            fails=[Falsifier("no bottleneck, against ridge", quantity="least_squares", axis="m")],
        ),
    ],
    replicates={"quick": 128, "standard": 256, "full": 1024},
    block=32,
    cost="m**3",
    real=[
        "the model, the data and the exact risk",
        "deep linear networks of two and three layers, really trained by Adam",
        "the exact rank-r least squares and the rank chosen on held-out data",
        "the best of all linear estimators: ridge at sigma^2, W having entries of variance 1",
    ],
    proxied=[
        "a kernel by the linear kernel",
        "sigma by its true value, in the weight decay and in the ridge",
    ],
)
def regression(n, m, r, sigma, full_rank, *, replicates, rng):
    """Rank-r regression with n Gaussian data in dimension m by m.

    W = U V / sqrt(r) with standard normal entries keeps the signal strong while m and r move, and
    gives W the same second moments at every rank, so that ridge at sigma^2 is the best linear
    estimator with nothing to tune. Three quarters of the data choose a rank on the last quarter.
    The network without bottleneck gets weight decay sigma (sqrt M + sqrt N) / sqrt n, the operator
    norm of the noise, and does not know the rank.
    The networks with a bottleneck of width r end at the exact optimum, to all the digits shown.
    """
    estimators = lab.estimators.reduced_rank
    problem = lab.regression.low_rank.Problem(m, m, m if full_rank else r, sigma)
    data = problem.data(n, held_out=n // 4, replicates=replicates, rng=rng)

    def trained(widths, decay=0.0):
        return lab.networks.deep_linear.train_deep_linear(
            *data.all.moments, widths, steps=STEPS, decay=decay, rng=rng
        )

    estimates = {
        "two_layers": trained([r]),
        "three_layers": trained([m, r]),
        "weight_decay": trained([m], decay=2 * sigma * m**0.5 / n**0.5),
        "narrow": trained([m, max(1, r // 2)]),
        "exact": estimators.reduced_rank(data.all, r),
        "validated": estimators.validated_rank(data.fit, data.held_out),
        "least_squares": estimators.least_squares(data.all),
        "best_linear": estimators.ridge(data.all, sigma**2),
    }
    return {name: data.risk(estimate) for name, estimate in estimates.items()}


@claim.experiment(
    Axis.geometric("n", quick=(2**12, 2**15), full=(2**12, 2**18)),
    cases=[{"m": 16, "r": 2}, {"m": 32, "r": 4}],
    free={"sigma": [1.0, 0.5, 2.0]},
    checks=[
        Agrees(
            "exact",
            DEEP,
            margin=0.05,
            rivals={"r(M+N)": "sigma**2*r*2*m/n"},
            fails=[
                Falsifier("no bottleneck", quantity="least_squares"),
                Falsifier("rank too high by one", quantity="too_rich"),
            ],
        ),
        Agrees(
            "least_squares",
            "sigma**2*m**2/(n - m - 1)",
            margin=0.05,
            fails=[Falsifier("knowing the rank", quantity="exact")],
        ),
    ],
    replicates={"quick": 512, "standard": 1024, "full": 4096},
    block=64,
    cost="m**3",
    real=["both estimators, the data and the exact risk"],
    proxied=[],
)
def constants(n, m, r, sigma, *, replicates, rng):
    """The constants in front of the rates, where n is large against m."""
    estimators = lab.estimators.reduced_rank
    problem = lab.regression.low_rank.Problem(m, m, r, sigma)
    data = problem.data(n, replicates=replicates, rng=rng)
    return {
        "exact": data.risk(estimators.reduced_rank(data.all, r)),
        "too_rich": data.risk(estimators.reduced_rank(data.all, r + 1)),
        "least_squares": data.risk(estimators.least_squares(data.all)),
    }
