"""Mistakes in regression on Besov balls."""

from tests.mutants import Mutant

WAVELETS, SMOOTHING = (
    "ratecheck/lab/estimators/wavelets.py",
    "ratecheck/lab/estimators/smoothing.py",
)
BUMPS, REGULAR = "ratecheck/lab/targets/bumps.py", "ratecheck/lab/regression/regular.py"
CLAIM, SPARSE = "claims/deep_learning/besov_regression.py", {"s": 1, "p": 1}


def mutant(name: str, file: str, old: str, new: str) -> Mutant:
    few = {"n": [2**9, 2**10, 2**11, 2**12, 2**13]}
    return Mutant(name, file, old, new, "regression", SPARSE, few)


MUTANTS = [
    mutant("a needle as wide at every n", BUMPS, "(c * sigma**2 / n) ** (1 /",
           "(c * sigma**2 / 512) ** (1 /"),
    mutant("wavelets without a threshold", WAVELETS, "soft(y, hybrid_threshold(y)) * noise",
           "y * noise"),
    mutant("noise estimated on the coarsest level", WAVELETS, "details[-1].abs()",
           "details[0].abs()"),
    mutant("noise that grows with the data", REGULAR, "truth + self.sigma * noise",
           "truth + self.sigma * (n / 512) ** 0.5 * noise"),
    Mutant("a Wiener filter that is told a tenth of the noise", REGULAR,
           "spectrum, self.problem.sigma**2", "spectrum, 0.01 * self.problem.sigma**2",
           "regression", SPARSE, {"n": [2**9, 2**10, 2**11, 2**12, 2**13]},
           survives="the prior's energies follow n, so that this costs a factor at every n"),
    mutant("a needle for as many data as sqrt(n)", BUMPS, "(c * sigma**2 / n) **",
           "(c * sigma**2 / n**0.5) **"),
    mutant("absolute errors for squares", REGULAR, "(values - self.truth).square().mean(-1)",
           "(values - self.truth).abs().mean(-1)"),
    mutant("a prior without the needle", CLAIM, "needles=needles)", "needles=0)"),
]  # fmt: skip
