"""NAME: the mean of n independent draws has mean squared error sigma^2/n.

A small theorem in the place of yours. Judge it, then change it field by field.
"""

from ratecheck import Axis, Claim, Rate, Without, lab

claim = Claim(
    title="The mean of n independent draws has mean squared error sigma^2/n",
    # Author, venue, year, and the place in the text; an arXiv number or a DOI becomes a link.
    source="I.-J. Bienaymé, C. R. Acad. Sci. Paris 37 (1853), p. 309",
    statement=r"\mathbb{E} ( \bar x_n - \mu )^2 = \sigma^2 / n",  # LaTeX without dollar signs
    symbols={"n": "number of draws", "sigma": "standard deviation of a draw"},
    real=["the mean of the draws"],  # the theorem's objects that are simulated
    proxied=["any law with a variance by the normal law"],  # and those that are replaced
    not_shown=["draws without a variance"],  # what a PASS does not show
    # What the theorem leaves open, such as a step size; {"mu": [1.0, 0.0, 5.0]} tries others, too.
    free={"mu": 1.0},
)


@claim.experiment(
    # What moves: four points or more, over a range in which the rates differ visibly.
    Axis.geometric("n", quick=(2**6, 2**12), full=(2**6, 2**16)),
    # The theorem's parameters, one assignment a case; formulas may use their names.
    cases=[{"sigma": 1.0}],
    # The claim. The margin is at most half the distance to the nearest rival, here 1/2. With the
    # mechanism taken out the check must FAIL, or its PASS would mean nothing.
    checks=[Rate("risk", "sigma**2/n", margin=0.2, rivals={"the error, not squared": "n**(-1/2)"},
                 fails=[Without("independence: a part in common", "dependent")])],
    cost="n",  # of one replicate, up to a constant: used to plan, never to judge
)  # fmt: skip
def means(n, sigma, mu, *, replicates, rng):
    """Means of n normal draws."""
    draws = mu + sigma * lab.draws.normal(replicates, n, rng=rng)
    common = sigma * lab.draws.normal(replicates, rng=rng)
    mean = draws.mean(1)
    # Numbers greater than 0, of shape (replicates,), for every quantity named above.
    return {"risk": (mean - mu) ** 2, "dependent": (mean + 0.3 * common - mu) ** 2}
