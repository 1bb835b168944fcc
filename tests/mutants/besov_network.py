"""Mistakes in trained networks on Besov balls."""

from tests.mutants import Mutant

REGRESSION = "ratecheck/lab/regression/problem.py"
NETWORKS = "ratecheck/lab/networks/stacked.py"
CLAIM = "claims/deep_learning/besov_network.py"
FEW = {"n": [64, 128, 256, 512]}

MUTANTS = [
    Mutant("training that shortens as the data grow", CLAIM, "network=trained(steps)",
           "network=trained(steps * 8 // n)", "trained_network", points=FEW),
    Mutant("noise that grows with the data", REGRESSION,
           "target(x) + self.sigma * normal", "target(x) + self.sigma * (n / 64) ** 0.5 * normal",
           "trained_network", points=FEW),
    Mutant("a risk against labels with noise", REGRESSION, "return self.target(self.at)",
           "return self.target(self.at) + self.problem.sigma * torch.randn(self.at.shape[:2])",
           "trained_network", points=FEW),
    Mutant("a rate that is a hundredth", CLAIM, "rate=5e-3", "rate=5e-5", "trained_network",
           points=FEW),
    Mutant("a linear estimator whose noise falls with the data", REGRESSION,
           "noise = self.problem.prior, self.problem.sigma**2",
           "noise = self.problem.prior, self.problem.sigma**2 * 64 / self.x.shape[1]",
           "trained_network", points=FEW, only="faster"),
    Mutant("data beyond the first forty-eight are not seen", NETWORKS,
           "torch.randint(fitted, shape", "torch.randint(48, shape", "trained_network", points=FEW),
    Mutant("one hidden layer of four neurons", CLAIM, "(width,) * depth", "(4,)",
           "trained_network"),
    Mutant("a twentieth of the training", CLAIM, "network=trained(steps)",
           "network=trained(steps // 20)", "trained_network"),
]  # fmt: skip
