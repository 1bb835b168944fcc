"""Mistakes in noisy gradient descent that keep it from its posterior."""

from tests.mutants import Mutant

LAB = "ratecheck/lab/langevin/neurons.py"
CLAIM = "claims/deep_learning/noisy_descent_posterior.py"

MUTANTS = [
    Mutant("a gradient of half the loss", LAB, "* (2 / x.shape[1])", "/ x.shape[1]",
           "both_layers", only="left-"),
    Mutant("noise without its factor 2", LAB, "math.sqrt(2 * self.step / self.beta)",
           "math.sqrt(self.step / self.beta)", "inner_weights_known", only="ratio-"),
    Mutant("no ridge", LAB, "return 1 / (1 + self.step / self.beta)", "return 1.0",
           "inner_weights_known", only="ratio-"),
    Mutant("an inner gradient that climbs", LAB, "chain.moved(u, c * inner, rng)",
           "chain.moved(u, -c * inner, rng)", "both_layers", only="left-"),
    Mutant("labels of other inputs", LAB, "x, y, at = data.x.float(), data.y.float(),",
           "x, y, at = data.x.float(), data.y.float().roll(1, 1),", "both_layers", only="left-"),
    Mutant("a temperature that forgets n", CLAIM, "chain = lib.Chain(gamma + ridge, n / (",
           "chain = lib.Chain(gamma + ridge, 16 / (", "both_layers", only="left-"),
    Mutant("noise of the step, not of its root", LAB, "math.sqrt(2 * self.step / self.beta)",
           "self.step * math.sqrt(2 / self.beta)", "both_layers", only="left-"),
    Mutant("outer weights that are not weighed in the gradient", LAB,
           "chain.moved(w, t * outer, rng)", "chain.moved(w, outer, rng)", "both_layers",
           only="left-agrees[", survives="t_1 is .96: the first neuron, which makes most of what "
           "is left at the data, hardly notices"),
    Mutant("looks from the start on", LAB, "return 4 * k >= 3 * self.steps and", "return",
           "both_layers", only="left-"),
    Mutant("a gradient summed over the data", LAB, "w = chain.moved(w, 2 / off.shape[1] * (seen",
           "w = chain.moved(w, 2 / 24 * (seen", "inner_weights_known", only="ratio-"),
    Mutant("networks of half the height when risks are taken", LAB,
           "risks.append(data.risk((at @ w", "risks.append(data.risk((0.5 * at @ w",
           "inner_weights_known", only="ratio-"),
]  # fmt: skip
