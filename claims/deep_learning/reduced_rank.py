"""Deep linear networks learn low-rank regression at r(M+N)/n, linear estimators at MN/n."""

from ratecheck import Agrees, AtMost, Axis, Below, Claim, Falsifier, Moved, Rate, Without, lab

claim = Claim(
    title="A deep linear network pays r(M+N-r)/n for a rank-r map, any linear estimator MN/n",
    source="Bunea, She & Wegkamp, Ann. Statist. 39 (2011) 1282-1309, Theorem 5 and Section 2.3; "
    "Izenman, J. Multivariate Anal. 5 (1975), Section 2; first box of the lecture's part on why "
    "deep learning is good, slide 1 (numbers not verified)",
    statement=r"""Y = U V X + \varepsilon,\; U \in \mathbb{R}^{M \times r},\,
        V \in \mathbb{R}^{r \times N}: \qquad \mathbb{E} \| \hat W_{\mathrm{deep}} - U V \|_F^2
        \asymp \frac{\sigma^2 r (M + N - r)}{n}, \qquad \inf_{\hat W \;\mathrm{linear\;in}\; Y}
        \mathbb{E} \| \hat W - U V \|_F^2 \asymp \frac{\sigma^2 M N}{n}""",
    symbols={"n": "number of data", "M": "outputs", "N": "inputs", "r": "rank of the map",
             "sigma": "standard deviation of the noise", "deep": "risk of the network",
             "validated": "risk with a rank by held-out data", "best_linear": "risk of ridge",
             "exact": "risk of rank-r least squares", "least_squares": "at full rank"},
    free={"sigma": [1.0, 0.5, 2.0]},
    real=["the model, the data, the exact risk; deep linear networks, really trained by Adam",
          "rank-r least squares, exactly, and the rank chosen on held-out data",
          "the best of all linear estimators: ridge at sigma^2, W having entries of variance 1"],
    proxied=["a kernel by the linear kernel", "sigma by its true value in ridge"],
    not_shown=["networks that are not linear", "weak signals, where neither rate is attained",
               "kernels that are not linear (they would only be worse)"],
    ranges={"M": "2 <= M <= 256 and M == floor(M)", "N": "2 <= N <= 256 and N == floor(N)",
            "r": "1 <= r < min(M, N) and r == floor(r)", "n": "n >= 4*N and n == floor(n)"},
    history=["validated said Rate first; its m-slope, 0.98 [0.90, 1.05] against 1.07, is the price "
             "of a wrong rank at small m: if the rank must be found the theorem is an upper bound",
             "M = N moved together; two, three layers, weight decay and exact were a check each, "
             "but end in one optimum: two layers stay, exact has the constant",
             "three layers of width 16, not r, passed: small weights and depth prefer low ranks",
             "a rank chosen on the fitted data passed: `validated-below` came, its values known"],
)  # fmt: skip

DEEP, LINEAR = "sigma**2*r*(M + N - r)/n", "sigma**2*M*N/n"
HALF_WAY = f"sqrt(({DEEP})*({LINEAR}))"  # the geometric mean: as far from the one as the other
# Margins: below half of the .35, in M or N, to twice the larger side; the 5 % to r(M+N).
APART = {"linear": LINEAR, "twice the larger side": "sigma**2*r*(2*max(M, N) - r)/n"}
MOVED = [Moved("sigma", "2*sigma", "twice the noise"), Moved("M", "2*M", "more outputs"),
         Moved("N", "2*N", "more inputs")]  # fmt: skip


@claim.problem
def low_rank_map(M, N, r, sigma, full_rank=0):
    """W = U V / sqrt(r), entries N(0, 1): a strong signal, of the same moments at any rank."""
    return lab.regression.low_rank.Problem(M, N, min(M, N) if full_rank else r, sigma)


@claim.experiment(
    [Axis.geometric("n", quick=(256, 4096), full=(256, 2**15), at={"M": 16, "N": 16, "r": 2}),
     Axis("M", quick=[8, 12, 16, 24, 32], at={"n": 2048, "N": 32, "r": 2}),
     Axis("N", quick=[8, 12, 16, 24, 32], at={"n": 2048, "M": 32, "r": 2}),
     Axis("r", quick=[1, 2, 3, 4, 6], full=[1, 2, 3, 4, 6, 8], at={"n": 2048, "M": 32, "N": 32})],
    free={"full_rank": 0, "share": 1.0},
    checks=[
        Rate("deep", DEEP, margin=0.15, rivals=APART, fails=[
            Without("a bottleneck", "least_squares", axis="M"),
            Without("a bottleneck, in r", "least_squares", axis="r"),
            Moved("r", "2*r", "a map of twice the rank of the bottleneck", axis="n"),
            Falsifier("too narrow", told={"share": 0.5}, axis="n")]),
        AtMost("validated", DEEP, margin=0.15, rivals={"linear": LINEAR},
               fails=[Moved("full_rank", 1, "a truth of full rank", axis="M")]),
        Below("validated", HALF_WAY, fails=[
            Without("held-out data: all ranks", "least_squares"),
            Moved("sigma", "2*sigma", "twice the noise", axis="n")]),
        Rate("best_linear", LINEAR, margin=0.15, rivals={"deep": DEEP},
             fails=[Falsifier("a bottleneck", quantity="deep", axis="M")])],
    cost="M*N", replicates={"quick": 128, "standard": 256, "full": 1024}, block=16,
)  # fmt: skip
def regression(problem, n, r, sigma, share, *, replicates, rng):
    """Networks of two layers, U and V, with a bottleneck of r; they end at the optimum."""
    data = problem.data(n, held_out=n // 4, replicates=replicates, rng=rng)
    estimators, train = lab.estimators.reduced_rank, lab.networks.deep_linear.train_deep_linear
    deep = train(*data.all.moments, [round(share * r)], steps=800, rng=rng)
    return data.risks(
        deep=deep, validated=estimators.validated_rank(data.fit, data.held_out),
        least_squares=estimators.least_squares(data.all),
        best_linear=estimators.ridge(data.all, sigma**2))  # fmt: skip


@claim.experiment(
    Axis.geometric("n", quick=(2**12, 2**15), full=(2**12, 2**18)),
    cases=[{"M": 16, "N": 24, "r": 2}, {"M": 32, "N": 48, "r": 4}],
    checks=[
        Agrees("exact", DEEP, margin=0.05, rivals={"r(M+N)": "sigma**2*r*(M + N)/n"}, fails=[
            *MOVED, Without("a bottleneck", "least_squares"),
            Falsifier("rank too high by one", quantity="too_rich"),
            Moved("r", "2*r", "a map of twice the rank")]),
        Agrees("least_squares", "sigma**2*M*N/(n - N - 1)", margin=0.05,
               fails=[*MOVED, Falsifier("knowing the rank", quantity="exact")])],
    cost="M*N", replicates={"quick": 512, "standard": 1024, "full": 4096}, block=64,
    real=["both estimators, the data and the exact risk"], proxied=[],
)  # fmt: skip
def constants(problem, n, r, **draw):
    """The constants in front of the rates, where n is large against M and N."""
    data, fit = problem.data(n, **draw), lab.estimators.reduced_rank.reduced_rank
    least_squares = lab.estimators.reduced_rank.least_squares(data.all)
    return data.risks(
        exact=fit(data.all, r), too_rich=fit(data.all, r + 1), least_squares=least_squares
    )
