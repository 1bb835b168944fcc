"""Mistakes in minibatches of mean-field networks."""

from tests.mutants import Mutant

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
]  # fmt: skip
