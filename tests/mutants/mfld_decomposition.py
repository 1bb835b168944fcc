"""Mistakes in minibatches of mean-field networks."""

from tests.mutants import Mutant

PARTICLES = "ratecheck/lab/mean_field/particles.py"
DENSITY, LAWS = "ratecheck/lab/mean_field/density.py", "ratecheck/lab/finite_sums/laws.py"
SQUARED = {"loss": "squared"}

MUTANTS = [
    Mutant("minibatches with replacement", LAWS, "    if replacement:\n", "    if batch:\n",
           "minibatch", SQUARED, only="[B]"),
    Mutant("a minibatch for all of a time of 5", DENSITY, "hold=max(1, hold)",
           "hold=round(5 / self.step)", "minibatch", SQUARED, only="[inv_eta]"),
    Mutant("a minibatch's sum divided by n", LAWS, "1 / batch, device", "1 / n, device",
           "minibatch", SQUARED, only="[inv_eta]"),
    Mutant("a minibatch's noise that grows as steps shrink", DENSITY,
           "mean[i] -= step * w * slope", "mean[i] -= math.sqrt(step) * 0.4 * w * slope",
           "minibatch", SQUARED, only="[inv_eta]"),
    Mutant("minibatches that neurons do not see", PARTICLES,
           "((-r * step) * weights * self.slopes(seen))",
           "((-r * step) * weights.mean(-1, True) * self.slopes(seen))", "additivity"),
    Mutant("a minibatch's gradient twice", PARTICLES, "draw(n, size, AHEAD, replicates)",
           "draw(n, size, AHEAD, replicates) * (2 if size < n else 1)", "additivity"),
    Mutant("noise of the step alone, no temperature", PARTICLES, "math.sqrt(2 * step * self._lam)",
           "math.sqrt(2 * step * self._lam * step)", "additivity"),
    Mutant("the minimiser of another temperature", PARTICLES,
           "gap = f.double() - self._centre", "gap = f.double() - 0.8 * self._centre",
           "additivity"),
]  # fmt: skip
