"""Deep linear networks learn low-rank regression at r(M+N)/n, linear estimators at MN/n."""

from ratecheck import Agrees, AtMost, Axis, Claim, Falsifier, Faster, Moved, Rate, Without, lab

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
    symbols={"n": "number of data", "m": "both dimensions, M = N = m", "r": "rank of the map",
             "sigma": "standard deviation of the noise"},
    free={"sigma": [1.0, 0.5, 2.0]},
    real=["the model, the data, the exact risk; deep linear networks, really trained by Adam",
          "rank-r least squares, exactly, and the rank chosen on held-out data",
          "the best of all linear estimators: ridge at sigma^2, W having entries of variance 1"],
    proxied=["a kernel by the linear kernel", "sigma by its true value in weight decay and ridge"],
    not_shown=["networks that are not linear", "weak signals, where neither rate is attained",
               "kernels that are not linear (they would only be worse)"],
    ranges={"m": "2 <= m <= 256 and m == floor(m)", "r": "1 <= r < m and r == floor(r)",
            "n": "n >= 4*m and n == floor(n)"},
    history=["validated said Rate first; its m-slope, 0.98 [0.90, 1.05] against 1.07, is the price "
             "of a wrong rank at small m: if the rank must be found the theorem is an upper bound"],
)  # fmt: skip

DEEP, LINEAR, ADVANTAGE = "sigma**2*r*(2*m - r)/n", "sigma**2*m**2/n", "m**2/(r*(2*m - r))"
APART = {"linear": LINEAR}
NOISIER, LARGER = Moved("sigma", "2*sigma", "twice the noise"), Moved("m", "m + 4", "a larger map")
NO_BOTTLENECK = [Without("a bottleneck", "least_squares", axis="m"),
                 Without("a bottleneck, in r", "least_squares", axis="r")]  # fmt: skip
FULL_RANK = Moved("full_rank", 1, "a truth of full rank", axis="m")
HIGHER_RANK = Moved("r", "2*r", "a map of twice the rank of the bottleneck", axis="n")


@claim.problem
def low_rank_map(m, r, sigma, full_rank=0):
    """W = U V / sqrt(r), entries N(0, 1): a strong signal, of the same moments at any rank."""
    return lab.regression.low_rank.Problem(round(m), round(m), round(m if full_rank else r), sigma)


@claim.experiment(
    [Axis.geometric("n", quick=(256, 4096), full=(256, 2**15), at={"m": 16, "r": 2}),
     Axis("m", quick=[8, 12, 16, 24, 32], full=[8, 16, 32, 64, 128], at={"n": 2048, "r": 2}),
     Axis("r", quick=[1, 2, 3, 4, 6], full=[1, 2, 3, 4, 6, 8], at={"n": 2048, "m": 32})],
    free={"full_rank": 0},
    checks=[
        Rate("two_layers", DEEP, margin=0.15, rivals=APART, fails=[*NO_BOTTLENECK, HIGHER_RANK]),
        Rate("three_layers", DEEP, margin=0.15, rivals=APART, fails=[
            *NO_BOTTLENECK, HIGHER_RANK, Falsifier("too narrow", quantity="narrow", axis="n")]),
        Rate("exact", DEEP, margin=0.15, rivals=APART, fails=[*NO_BOTTLENECK, HIGHER_RANK]),
        AtMost("validated", DEEP, margin=0.15, rivals=APART, fails=[FULL_RANK]),
        AtMost("weight_decay", DEEP, margin=0.15, fails=NO_BOTTLENECK[:1]),
        Rate("best_linear", LINEAR, margin=0.15, rivals={"deep": DEEP},
             fails=[Falsifier("knowing the rank", quantity="exact", axis="m")]),
        Faster("three_layers", than="best_linear", by=ADVANTAGE, margin=0.15, axis="m",
               fails=[Without("a bottleneck", "least_squares")]),
    ],
    cost="m**3", replicates={"quick": 128, "standard": 256, "full": 1024}, block=32,
)  # fmt: skip
def regression(problem, n, m, r, sigma, *, replicates, rng):
    """Networks of bottleneck r (which end at the optimum); weight decay of the noise's size."""
    data = problem.data(n, held_out=n // 4, replicates=replicates, rng=rng)
    estimators, train = lab.estimators.reduced_rank, lab.networks.deep_linear.train_deep_linear

    def trained(*widths, decay=0.0):
        return train(*data.all.moments, widths, steps=800, decay=decay, rng=rng)

    return data.risks(
        two_layers=trained(r), three_layers=trained(m, r),
        weight_decay=trained(m, decay=2 * sigma * m**0.5 / n**0.5),
        narrow=trained(m, max(1, r // 2)), exact=estimators.reduced_rank(data.all, r),
        validated=estimators.validated_rank(data.fit, data.held_out),
        least_squares=estimators.least_squares(data.all),
        best_linear=estimators.ridge(data.all, sigma**2),
    )  # fmt: skip


@claim.experiment(
    Axis.geometric("n", quick=(2**12, 2**15), full=(2**12, 2**18)),
    cases=[{"m": 16, "r": 2}, {"m": 32, "r": 4}],
    checks=[
        Agrees("exact", DEEP, margin=0.05, rivals={"r(M+N)": "sigma**2*r*2*m/n"}, fails=[
            Without("a bottleneck", "least_squares"), NOISIER, LARGER,
            Falsifier("rank too high by one", quantity="too_rich"),
            Moved("r", "2*r", "a map of twice the rank")]),
        Agrees("least_squares", "sigma**2*m**2/(n - m - 1)", margin=0.05,
               fails=[Falsifier("knowing the rank", quantity="exact"), NOISIER, LARGER]),
    ],
    cost="m**3", replicates={"quick": 512, "standard": 1024, "full": 4096}, block=64,
    real=["both estimators, the data and the exact risk"], proxied=[],
)  # fmt: skip
def constants(problem, n, r, **draw):
    """The constants in front of the rates, where n is large against m."""
    data, fit = problem.data(n, **draw), lab.estimators.reduced_rank.reduced_rank
    least_squares = lab.estimators.reduced_rank.least_squares(data.all)
    return data.risks(
        exact=fit(data.all, r), too_rich=fit(data.all, r + 1), least_squares=least_squares
    )
