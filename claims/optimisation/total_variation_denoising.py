"""SDCA-ADMM is linear on an image: total-variation denoising of a photograph."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Without, lab

claim = Claim(
    title="SDCA-ADMM denoises a photograph by total variation in O(n log(1/eps)) looks at a pixel",
    source="Suzuki, ICML 2014 (arXiv:1311.0622, its abstract; the rate from memory, theorem "
    "numbers not verified), for the applications that the talk names",
    statement=r"""P(w) = \frac1n \sum_{i \le n} \frac{( w_i - y_i )^2}{2} + \frac{C}{n} \sum_{i \sim
        j} | w_i - w_j | + \frac{\lambda}{2n} \sum_{i \sim j} ( w_i - w_j )^2: \quad \mathbb{E}
        P(w_k) - P^* \le c \Bigl( 1 - \frac{\mu}{K} \Bigr)^k, \; K = n/8 \text{ blocks}""",
    symbols={"y": "grey levels of a square of n pixels, with noise", "n": "pixels, each a datum",
             "i ~ j": "pixels that are neighbours, in a row or in a column",
             "C": "size of the penalty, that of the noise", "lambda": "ridge",
             "eps": "what is left of P - P*",
             "mu": "condition, below 1: looks are O(n) where it does not fall with n",
             "passes": "passes over all pixels until P - P* is eps",
             "looks": "passes times n", "whole": "looks, if all coordinates move at once"},
    ranges={"n": "16 <= n <= 45369 and n == 16*floor(n**(1/2)/4)**2", "inv_eps": "inv_eps >= 4",
            "image": [0, 1], "noise": "0 < noise <= 1/2", "ridge": "0 <= ridge <= 1"},
    free={"image": [0, 1], "noise": [0.2, 0.1], "ridge": [0.1, 0.01], "sharp": 0},
    real=["photographs, in grey, as scikit-learn ships them", "squared losses, differences along "
          "rows and columns, blocks of eight dual coordinates", "P*, by another method"],
    proxied=["Gaussian noise, of one seed"],
    not_shown=["that mu does not fall where images grow on", "how mu depends on the penalty",
               "how near the clean image is", "one mu: passes for a tenth of eps "
               "are 9 at first, and more when it is known which pixels are equal: 22 here, 46 at a "
               "noise of .1, where such a logarithm that starts late is not told from log^2"],
    unmoved={"n": "the number of pixels", "inv_eps": "the goal"},
    history=["grid in eps, margins and blocks are those of `overlapping_groups`",
             "first run, after a prototype's passes had been seen: rho = .3, the noise .1, C the "
             "noise times (2 log n)^(1/2), looks until eps = 10^-5. It passed, but images' errors "
             "were larger than the noise, passes those of the multiplier's step alone, and mutants "
             "of the penalty passed as well. So C became the noise, .1 became .2, rho the loss' "
             "curvature, 1, and eps 10^-6, after passes at each of them had been seen",
             "falsifiers: points were set when passes had been seen; online steps n/(t + n) were "
             "slower still"],
)  # fmt: skip


@claim.problem
def photograph(image, noise, ridge, sharp, n=256):
    return lab.finite_sums.denoising.patch(n, image, noise, ridge, bool(sharp))


# Margin: half of what is between log and log^2 on this grid, as in `stochastic_admm`.
@claim.experiment(
    Axis("inv_eps", quick=[10, 10**2, 10**3, 10**4, 10**5, 10**6]), data="trajectories",
    problem=photograph, free={"dual": 1}, replicates=16, block=16,
    checks=[AtMost("passes", "log(inv_eps)", margin=0.07, rivals={"log^2": "log(inv_eps)**2"},
                   fails=[Falsifier("the dual: blocks drawn online", told={"dual": 0},
                                    points=[5, 10, 20, 40]),
                          Falsifier("a smooth loss: the absolute one", nature={
                              "sharp": 1, "ridge": 0}, points=[100, 300, 1000, 3000])])],
)  # fmt: skip
def accuracy(problem, inv_eps, dual, *, replicates, rng):
    """Passes until P - P* is eps of the start's, for all eps in one run."""
    lib, goals = lab.finite_sums.denoising, [1 / each for each in inv_eps]
    draw = {"replicates": replicates, "rng": rng}
    if dual:
        return {"passes": lib.passes(problem, goals, batch=8, longest=400, **draw)}
    return {"passes": lib.online_passes(problem, goals, longest=80, **draw)}


# Margin: a quarter of what is between n and n^2.
@claim.experiment(
    Axis("n", quick=[8**2, 12**2, 16**2, 24**2], full=[8**2, 12**2, 16**2, 24**2, 32**2, 48**2]),
    data="times", problem=photograph, replicates=16, block=16,
    checks=[AtMost("looks", "n", margin=0.25, rivals={"all at once": "n**2"},
                   fails=[Without("blocks: all coordinates at once", "whole")])],
)  # fmt: skip
def pixels_seen(problem, n, *, replicates, rng):
    """Looks at a pixel until P - P* is 1e-6 of the start's, for squares with one corner."""
    lib = lab.finite_sums.denoising
    whole = lib.passes(problem, [1e-6], batch=n, longest=10_000, replicates=1, rng=rng)
    passes = lib.passes(problem, [1e-6], batch=8, longest=400, replicates=replicates, rng=rng)
    return {"looks": n * passes[:, 0], "whole": n * whole[:, 0].expand(replicates)}
