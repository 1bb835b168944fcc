"""Mistakes in trained networks across a jump."""

from tests.mutants import Mutant

TARGET, REGRESSION = "ratecheck/lab/targets/broken_series.py", "ratecheck/lab/regression/problem.py"
STACKED, TRAINING = "ratecheck/lab/networks/stacked.py", "ratecheck/lab/networks/training.py"
CLAIM = "claims/deep_learning/piecewise_network.py"
ONE, TWO = {"s": 1.0}, {"s": 2.0}
FEW = {"n": [90, 180, 360, 720]}

MUTANTS = [
    Mutant("a hundred steps at every n", CLAIM, "passes * n // 128", "100",
           "trained_network", TWO, FEW),
    Mutant("noise that grows with the data", REGRESSION,
           "target(x) + self.sigma * normal", "target(x) + self.sigma * (n / 90) ** 0.5 * normal",
           "trained_network", ONE, FEW),
    Mutant("data beyond the first sixty are not seen", STACKED, "torch.randint(fitted, shape",
           "torch.randint(60, shape", "trained_network", ONE, FEW),
    Mutant("the first snapshot is kept", TRAINING, "better = loss < self.loss",
           "better = (loss < self.loss) & self.loss.isinf()", "trained_network", ONE, FEW),
    Mutant("a first layer whose kinks are at the origin", STACKED,
           "biases.copy_(-(through * weights.mT).sum(-1)[:, None])", "biases.zero_()",
           "trained_network", TWO, FEW),
    Mutant("variances taken for sizes", TARGET, "k ** (-2 * self.s - 1)", "k ** (-self.s - 0.5)",
           "trained_network", TWO, FEW),
    Mutant("a rate that is a hundredth", CLAIM, "rate=1e-2", "rate=1e-4", "trained_network", TWO,
           FEW),
    Mutant("networks of two neurons", CLAIM, "Recipe((24, 24, 24)", "Recipe((2,)",
           "trained_network", TWO, FEW),
]  # fmt: skip
