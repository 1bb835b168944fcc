"""Random projections keep distances up to k^(-1/2)."""

from ratecheck import Axis, Claim, Rate, Without, lab

claim = Claim(
    title="k random projections distort squared distances by k^(-1/2)",
    source="Dasgupta & Gupta, Random Struct. Algorithms 22 (2003) 60-65, Theorem 2.1",
    statement=r"\max_{i,j} \Big| \frac{\| P x_i - P x_j \|^2}{\| x_i - x_j \|^2} - 1 \Big|"
    r" = O\big( \sqrt{ \log N / k } \big)",
    symbols={"k": "number of projections", "N": "number of points"},
    real=["the projection of 16 points", "the largest distortion"],
    proxied=["arbitrary points by normal ones"],
    not_shown=["the logarithm in N"],
)


@claim.experiment(
    Axis.geometric("k", quick=(2**4, 2**10)),
    checks=[
        Rate("distortion", "k**(-1/2)", margin=0.2, rivals={"means, not deviations": "1/k"},
             fails=[Without("independent rows", "repeated")]),
        Rate("distortion", "1/k", margin=0.2, name="wrong-squared"),
    ],
    replicates=256, cost="k",
)  # fmt: skip
def projection(k, *, replicates, rng):
    """Of 16 points in 256 dimensions; and the same with 8 rows again and again."""
    import torch

    points = lab.draws.normal(replicates, 16, 256, rng=rng)
    first, second = torch.triu_indices(16, 16, 1)
    between = points[:, first] - points[:, second]
    rows = lab.draws.normal(replicates, 256, k, rng=rng)

    def distortion(rows):
        ratio = (between @ rows).square().mean(2) / between.square().sum(2)
        return (ratio - 1).abs().amax(1)

    return {"distortion": distortion(rows), "repeated": distortion(rows[..., :8])}
