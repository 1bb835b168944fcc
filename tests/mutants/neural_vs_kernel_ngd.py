"""Mistakes in noisy gradient descent on networks."""

from tests.mutants import Mutant

LAB = "ratecheck/lab/langevin/neurons.py"
CLAIM = "claims/deep_learning/neural_vs_kernel_ngd.py"

MUTANTS = [
    Mutant("students whose neurons weigh alike", LAB, "falling(self.gamma + 1, neurons)",
           "falling(0.0, neurons)", "known_features"),
    Mutant("a ridge of H_(gamma+2)", LAB, "falling(self.gamma + 1, neurons)",
           "falling(self.gamma + 2, neurons)", "known_features"),
    Mutant("a temperature that does not know n", CLAIM, "n**power / (2 * sigma**2))\n    return",
           "1 / (2 * sigma**2))\n    return", "known_features"),
    Mutant("a sequence inside of the class", LAB, "truth, t, kept = falling(self.gamma + 0.5",
           "truth, t, kept = falling(self.gamma + 1.5", "known_features"),
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
