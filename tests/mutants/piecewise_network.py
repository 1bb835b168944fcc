"""Mistakes in trained networks across a jump."""

from tests.mutants import Mutant

TARGET, REGRESSION = "ratecheck/lab/targets/broken_series.py", "ratecheck/lab/regression/problem.py"
STACKED, TRAINING = "ratecheck/lab/networks/stacked.py", "ratecheck/lab/networks/training.py"
DESCENT, CLAIM = "ratecheck/lab/networks/descent.py", "claims/deep_learning/piecewise_network.py"
FEW, SMALL = {"n": [90, 180, 360, 720]}, {"n": [90, 128, 180, 256]}
LARGE = {"n": [360, 720, 1440, 2880]}


def slow(name: str, file: str, old: str, new: str, s: float) -> Mutant:
    """A mistake that the exponent shows."""
    return Mutant(name, file, old, new, "trained_network", {"s": s}, FEW)


def bad(name: str, file: str, old: str, new: str, points: dict[str, list[int]] = SMALL) -> Mutant:
    """A mistake that the size of the risk shows."""
    return Mutant(name, file, old, new, "trained_network", {"s": 1.0}, points, only="near-oracle")


MUTANTS = [
    bad("a hundred steps at every n", CLAIM, "passes * n // 32", "100", LARGE),
    slow("noise that grows with the data", REGRESSION, "target(x) + self.sigma * normal",
         "target(x) + self.sigma * (n / 90) ** 0.5 * normal", 1.0),
    slow("data beyond the first sixty are not seen", STACKED, "torch.randint(fitted, shape",
         "torch.randint(60, shape", 1.0),
    bad("the first snapshot is kept", TRAINING, "better = loss < self.loss",
        "better = (loss < self.loss) & self.loss.isinf()"),
    Mutant("a first layer whose kinks are at the origin", STACKED,
           "biases.copy_(-(through * weights.mT).sum(-1)[:, None])", "biases.zero_()",
           "trained_network", {"s": 1.0}, SMALL, only="near-oracle", survives="the theorem's least "
           "squares has no start: training moves the kinks, for 1.1 to 1.8 times the risk, less as "
           "n grows"),
    slow("variances taken for sizes", TARGET, "k ** (-2 * self.s - 1)", "k ** (-self.s - 0.5)",
         2.0),
    bad("a rate that is a hundredth", CLAIM, "rate=1e-2", "rate=1e-4"),
    bad("networks of two neurons", CLAIM, "Recipe((24, 24, 24)", "Recipe((2,)"),
    bad("neurons that are linear", DESCENT, "bottom = zero if layer < len(sizes) - 2 else",
        "bottom ="),
    bad("judged in other coordinates than trained in", CLAIM, "fit(2 * data.x - 1", "fit(data.x"),
]  # fmt: skip
