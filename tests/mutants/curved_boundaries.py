"""Mistakes in estimation of regions."""

from tests.mutants import Mutant

REGIONS, GRAPHS = "ratecheck/lab/estimators/regions.py", "ratecheck/lab/targets/fragments.py"
REGRESSION = "ratecheck/lab/regression/problem.py"
CLAIM = "claims/deep_learning/curved_boundaries.py"
ROUGH = {"alpha": 0.75}

MUTANTS = [
    Mutant("strips as for a density", CLAIM, "c * n ** (growth / (alpha + 1))",
           "c * n ** (growth / (2 * alpha + 1))", "rough_boundary", ROUGH),
    Mutant("labels that are not centred, under a graph", REGIONS, "y.cpu().numpy() - 0.5",
           "y.cpu().numpy()", "rough_boundary", ROUGH),
    Mutant("the scales' weights under a root", GRAPHS, "sizes = [2.0 ** (-j * alpha)",
           "sizes = [2.0 ** (-j * alpha / 2)", "rough_boundary", ROUGH),
    Mutant("noise that grows with the data", REGRESSION,
           "target(x) + self.sigma * normal", "target(x) + self.sigma * n**0.25 * normal",
           "rough_boundary", ROUGH),
    Mutant("labels without noise", REGRESSION, "target(x) + self.sigma * normal",
           "target(x) + 0 * normal", "rough_boundary", ROUGH, survives="a border between m "
           "data is found to 1/m without noise, too: noise is no part of this rate"),
    Mutant("labels that are not centred, in a half-plane", REGIONS,
           "zip(x, y - 0.5, strict=True)", "zip(x, y, strict=True)", "half_plane", only="/deep["),
    Mutant("borders through the centre of the data", REGIONS, "offset = normal @ x[i]",
           "offset = normal @ x.mean(0)", "half_plane", only="/deep["),
    Mutant("a linear estimator of data without noise", REGRESSION,
           "noise = self.problem.prior, self.problem.sigma**2", "noise = self.problem.prior, 1e-4",
           "half_plane", only="/linear[", survives="without noise linear estimators of a jump "
           "across a line are at n^(-1/2), which is the bound that is claimed"),
]  # fmt: skip
