"""Mistakes in trained networks on Besov balls."""

from tests.mutants import Mutant

BUMPS, REGRESSION = "ratecheck/lab/targets/bumps.py", "ratecheck/lab/regression/problem.py"
STACKED, TRAINING = "ratecheck/lab/networks/stacked.py", "ratecheck/lab/networks/training.py"
DESCENT, CLAIM = "ratecheck/lab/networks/descent.py", "claims/deep_learning/besov_network.py"


def mutant(name: str, file: str, old: str, new: str, survives: str = "") -> Mutant:
    return Mutant(name, file, old, new, "trained_network", only="/network", survives=survives)


MUTANTS = [
    mutant("noise that grows with the data", REGRESSION, "target(x) + self.sigma * normal",
           "target(x) + self.sigma * (n / 64) ** 0.5 * normal"),
    mutant("a prior without the needle", CLAIM, "c=c, beta=beta)", "c=c, beta=beta, needles=0)"),
    mutant("a needle no higher than at p = 2", BUMPS, "height=width ** (s - 1 / p)",
           "height=width ** (s - 1 / 2)"),
    mutant("absolute errors for squares", REGRESSION, "(values - self.truth).square().mean(1)",
           "(values - self.truth).abs().mean(1)"),
    mutant("data beyond the first forty-eight are not seen", STACKED,
           "torch.randint(fitted, shape", "torch.randint(48, shape"),
    mutant("one layer of two neurons", CLAIM, "(width,) * depth", "(2,)"),
    mutant("neurons that are linear", DESCENT,
           "bottom = zero if layer < len(sizes) - 2 else", "bottom ="),
    mutant("all layers but the last are frozen", DESCENT,
           "    for layer in range(len(sizes) - 2, -1, -1):", "    gradient[:] = zero\n"
           "    for layer in range(len(sizes) - 2, len(sizes) - 3, -1):"),
    mutant("a hundredth of the rate", CLAIM, "rate=5e-3", "rate=5e-5"),
    mutant("the first snapshot is kept", TRAINING, "better = loss < self.loss",
           "better = (loss < self.loss) & self.loss.isinf()"),
    mutant("fewer steps for more data", CLAIM, "network=trained(steps)", "network=trained(steps * 64 // n)"),
    mutant("a needle as wide at every n", BUMPS, "(c * sigma**2 / n) ** (1 /",
           "(c * sigma**2 / 64) ** (1 /"),
    mutant("judged at the inputs that were trained on", REGRESSION, "Data(self, target, x, y, at,",
           "Data(self, target, x, y, x,"),
]  # fmt: skip
