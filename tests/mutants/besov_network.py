"""Mistakes in trained networks on Besov balls."""

from tests.mutants import Mutant

BUMPS, REGRESSION = "ratecheck/lab/targets/bumps.py", "ratecheck/lab/regression/problem.py"
NETWORKS, TRAINING = "ratecheck/lab/networks/stacked.py", "ratecheck/lab/networks/training.py"
CLAIM = "claims/deep_learning/besov_network.py"
FEW = {"n": [64, 128, 256, 512]}

MUTANTS = [
    Mutant("noise that grows with the data", REGRESSION,
           "target(x) + self.sigma * normal", "target(x) + self.sigma * (n / 64) ** 0.5 * normal",
           "trained_network", points=FEW),
    Mutant("data beyond the first forty-eight are not seen", NETWORKS,
           "torch.randint(fitted, shape", "torch.randint(48, shape", "trained_network", points=FEW),
    Mutant("a twentieth of the training", CLAIM, "network=trained(steps)",
           "network=trained(steps // 20)", "trained_network"),
    Mutant("the first snapshot is kept", TRAINING, "better = loss < self.loss",
           "better = (loss < self.loss) & self.loss.isinf()", "trained_network"),
    Mutant("a needle as wide at every n", BUMPS, "(c * sigma**2 / n) ** (1 /",
           "(c * sigma**2 / 64) ** (1 /", "trained_network"),
    Mutant("a linear estimator of data without noise", REGRESSION,
           "noise = self.problem.prior, self.problem.sigma**2", "noise = self.problem.prior, 1e-3",
           "trained_network", points=FEW),
    Mutant("one hidden layer of four neurons", CLAIM, "(width,) * depth", "(4,)",
           "trained_network"),
    Mutant("a rate that is a hundredth", CLAIM, "rate=5e-3", "rate=5e-5", "trained_network"),
    Mutant("bumps of the row as high at every n", BUMPS, "row_height=beta * sigma * n **",
           "row_height=beta * sigma * 64 **", "trained_network"),
    Mutant("a batch that does not grow", CLAIM, "batch=n // 32", "batch=2", "trained_network"),
]  # fmt: skip
