"""Mistakes in noisy gradient descent on networks."""

from tests.mutants import Mutant

LAB, CLAIM = "ratecheck/lab/langevin/neurons.py", "claims/deep_learning/neural_vs_kernel_ngd.py"
DEEP, NET = {"gamma": 2.0, "d": 8}, "noisy_descent"

MUTANTS = [
    Mutant("a covariance of teachers that are linear", LAB,
           "return arcsine(x @ z.mT * (square / self.dimension), square, square)",
           "return self.variance(x) * (x @ z.mT) / self.dimension", "linear_estimators", DEEP),
    Mutant("inputs on a circle", "ratecheck/lab/regression/designs.py",
           "        x *= math.sqrt(self.dimension)",
           "        x[..., 2:] = 0\n        x *= math.sqrt(self.dimension)",
           "linear_estimators", DEEP),
    Mutant("teachers that are linear", LAB,
           "return (torch.erf(x @ self.inner) @ self.outer[..., None])[..., 0]",
           "return ((x @ self.inner) @ self.outer[..., None])[..., 0]", NET, DEEP),
    Mutant("an inner gradient without the outer weight", LAB,
           "(SLOPE * at.outer[:, None])", "SLOPE", NET, DEEP, only="/network["),
    Mutant("an inner gradient that climbs", LAB, "(u - eta * c * inner", "(u + eta * c * inner",
           NET, DEEP, only="/network["),
    Mutant("noise of the step, not of its root", LAB, "math.sqrt(2 * eta / descent.beta), []",
           "2 * eta / math.sqrt(descent.beta) * 3, []", NET, DEEP, only="/network["),
    Mutant("a temperature that falls like n^(-1/2)", CLAIM, "(n / 48) ** power",
           "(n / 48) ** (power / 2)", NET, DEEP, only="/network["),
    Mutant("a ridge that does not fall", LAB, "1 / (1 + descent.step / descent.beta)",
           "1 / (1 + descent.step / 30)", NET, DEEP, only="/network["),
    Mutant("a tenth of the steps", LAB, "steps: int = 600", "steps: int = 60", NET, DEEP,
           only="/network["),
    Mutant("students whose neurons weigh alike", LAB, "weights(descent.gamma, descent.neurons)",
           "weights(-0.5, descent.neurons)", NET, DEEP, only="/network["),
    Mutant("data beyond the first forty-eight are not seen", LAB,
           "x, y = data.x.float(), data.y.float()",
           "x, y = data.x.float()[:, :48], data.y.float()[:, :48]", NET, DEEP, only="/network["),
    Mutant("labels of other inputs", LAB, "x, y = data.x.float(), data.y.float()",
           "x, y = data.x.float(), data.y.float().roll(1, 1)", NET, DEEP, only="/network["),
]  # fmt: skip
