"""Mistakes in trained networks on Besov balls."""

from tests.mutants import Mutant

BUMPS, REGRESSION = "ratecheck/lab/targets/bumps.py", "ratecheck/lab/regression/problem.py"
STACKED, TRAINING = "ratecheck/lab/networks/stacked.py", "ratecheck/lab/networks/training.py"
DESCENT, CLAIM = "ratecheck/lab/networks/descent.py", "claims/deep_learning/besov_network.py"


SPIKE, FEW = {"s": 1, "p": 1}, {"n": [2**6, 2**8, 2**9, 2**10]}


def trained(name: str, file: str, old: str, new: str, survives: str = "") -> Mutant:
    """A mistake that the network's risk shows."""
    return Mutant(name, file, old, new, "trained_network", only="/network", survives=survives)


def nature(name: str, file: str, old: str, new: str) -> Mutant:
    """A mistake in the prior, on which linear estimators then do well: no training is needed."""
    return Mutant(name, file, old, new, "trained_network", SPIKE, FEW, "the-best-linear",
                  given={"steps": 32})  # fmt: skip


MUTANTS = [
    nature("a prior without the needle", CLAIM, "c=c, beta=beta)", "c=c, beta=beta, needles=0)"),
    nature("a needle no higher than at p = 2", BUMPS, "height=width ** (s - 1 / p)",
           "height=width ** (s - 1 / 2)"),
    nature("a needle as wide at every n", BUMPS, "(c * sigma**2 / n) ** (1 /",
           "(c * sigma**2 / 64) ** (1 /"),
    trained("noise that grows with the data", REGRESSION, "target(x) + self.sigma * normal",
            "target(x) + self.sigma * (n / 64) ** 0.5 * normal"),
    trained("absolute errors for squares", REGRESSION, "(values - self.truth).square().mean(1)",
            "(values - self.truth).abs().mean(1)"),
    trained("data beyond the first forty-eight are not seen", STACKED,
            "torch.randint(fitted, shape", "torch.randint(48, shape"),
    trained("one layer of two neurons", CLAIM, "(width,) * depth", "(2,)"),
    trained("no hidden layer", CLAIM, "(width,) * depth", "()"),
    trained("all layers but the last are frozen", DESCENT,
            "    for layer in range(len(sizes) - 2, -1, -1):", "    gradient[:] = zero\n"
            "    for layer in range(len(sizes) - 2, len(sizes) - 3, -1):"),
    trained("fewer steps for more data", CLAIM, "network=trained(steps)",
            "network=trained(steps * 64 // n)"),
    trained("a hundredth of the rate", CLAIM, "rate=5e-3", "rate=5e-5",
            survives="undecided at quick effort: networks that miss each needle have exponent "
            "-1/2, which is as near to the margin as the interval is long"),
    trained("the first snapshot is kept", TRAINING, "better = loss < self.loss",
            "better = (loss < self.loss) & self.loss.isinf()"),
]  # fmt: skip
