"""Mistakes in noisy gradient descent on networks."""

from tests.mutants import Mutant

LAB = "ratecheck/lab/langevin/neurons.py"
CLAIM = "claims/deep_learning/neural_vs_kernel_ngd.py"

MUTANTS = [
    Mutant("students whose neurons weigh alike", LAB, "falling(self.gamma + 1, neurons)",
           "falling(0.0, neurons)", "known_features"),
    Mutant("a ridge of H_(gamma+2)", LAB, "falling(self.gamma + 1, neurons)",
           "falling(self.gamma + 2, neurons)", "known_features"),
    Mutant("noise without its factor 2", LAB, "math.sqrt(2 * self.step / self.beta)",
           "math.sqrt(self.step / self.beta)", "posterior", only="ratio"),
    Mutant("no ridge", LAB, "return 1 / (1 + self.step / self.beta)", "return 1.0", "posterior"),
    Mutant("a gradient of half the loss", LAB, "* (2 / x.shape[1])", "/ x.shape[1]", "posterior",
           only="left"),
    Mutant("an inner gradient that climbs", LAB, "chain.moved(u, c * inner, rng)",
           "chain.moved(u, -c * inner, rng)", "posterior", only="left"),
    Mutant("labels of other inputs", LAB, "x, y, at = data.x.float(), data.y.float(),",
           "x, y, at = data.x.float(), data.y.float().roll(1, 1),", "posterior", only="left"),
    Mutant("a temperature that forgets n", CLAIM, "n / (2 * sigma**2 * heat)",
           "16 / (2 * sigma**2 * heat)", "posterior"),
    Mutant("features that stay as they were", LAB, "chain.moved(u, c * inner, rng), ", "u, ",
           "noisy_descent", only="network"),
    Mutant("a teacher whose neurons weigh alike", LAB, "falling(self.power, self.neurons)",
           "falling(0.0, self.neurons)", "noisy_descent", only="network"),
    Mutant("a chain of fifty steps", LAB, "steps: int = 500", "steps: int = 50", "noisy_descent",
           only="network", survives="undecided, as the bound has slack; how long a chain must be "
           "is not shown"),
    Mutant("inputs on a circle", CLAIM, "problem(gamma, d, neurons", "problem(gamma, 2, neurons",
           "noisy_descent", only="linear"),
]  # fmt: skip
