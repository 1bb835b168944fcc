"""Mistakes in regression by maps of low rank."""

from tests.mutants import Mutant

DATA = "ratecheck/lab/regression/low_rank.py"
FITS, DEEP = "ratecheck/lab/estimators/reduced_rank.py", "ratecheck/lab/networks/deep_linear.py"
CLAIM = "claims/deep_learning/reduced_rank.py"
SMALL = {"M": 16, "N": 24, "r": 2}

MUTANTS = [
    Mutant("half of the noise", DATA, "sigma * noise", "0.5 * sigma * noise", "constants", SMALL),
    Mutant("noise as large at every n", DATA, "(w @ root + sigma * noise) @ root.mT",
           "w @ root @ root.mT + sigma * noise", "constants", SMALL),
    Mutant("one rank too many is kept", FITS, "order < rank", "order <= rank", "constants", SMALL),
    Mutant("the largest singular value is dropped", FITS, "order < rank",
           "(order > 0) & (order <= rank)", "constants", SMALL),
    Mutant("a truth of full rank", CLAIM, "min(M, N) if full_rank else r", "min(M, N)", "constants",
           SMALL),
    Mutant("degrees of freedom not halved", DATA, "(degrees / 2, gen", "(degrees, gen",
           "constants", SMALL),
    Mutant("risk of an entry", DATA, ".square().sum((-2, -1))", ".square().mean((-2, -1))",
           "constants", SMALL),
    Mutant("fitted to data without noise", DATA, "sigma * noise) @", "0 * noise) @", "constants",
           SMALL),
    Mutant("the rank chosen on the data that were fitted", CLAIM,
           "validated_rank(data.fit, data.held_out)", "validated_rank(data.fit, data.fit)",
           "regression", only="validated-below[M]"),
    Mutant("a network without a bottleneck", CLAIM, "[round(share * r)]", "[32]",
           "regression", only="too-narrow"),
    Mutant("a first layer that is not trained", DEEP, "part = slope if index == 0 else",
           "part = 0 * layers[0] if index == 0 else", "regression", only="deep[n]"),
    Mutant("as many outputs as inputs", CLAIM, "Problem(M, N, min", "Problem(N, N, min",
           "regression", only="deep[M]"),
    Mutant("ridge that is as large as the Gram matrix", CLAIM, "ridge(data.all, sigma**2)",
           "ridge(data.all, sigma**2 * n)", "regression", only="best_linear[n]"),
]  # fmt: skip
