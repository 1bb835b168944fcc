"""Mistakes in minibatches of mean-field networks."""

from tests.mutants import Mutant

DENSITY, LAWS = "ratecheck/lab/mean_field/density.py", "ratecheck/lab/finite_sums/laws.py"
CLAIM = "claims/mean_field/mfld_decomposition.py"
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
           "minibatch", SQUARED, only="[inv_eta]",
           survives="the bound stays true: what was of order step^(3/2) is of order step^(3/4)"),
    Mutant("a minibatch of one, whatever is asked", CLAIM, "neurons.excess(B, burn",
           "neurons.excess(1, burn", "minibatch", SQUARED, only="[B]"),
    Mutant("a minibatch of the root of what is asked", CLAIM, "neurons.excess(B, burn",
           "neurons.excess(round(B**0.5), burn", "minibatch", SQUARED, only="[B]"),
    Mutant("a step that does not shrink", CLAIM, "continuum(problem, 1 / inv_eta)",
           "continuum(problem, 0.2)", "minibatch", SQUARED, only="[inv_eta]"),
    Mutant("a step that shrinks like the fourth root", CLAIM, "continuum(problem, 1 / inv_eta)",
           "continuum(problem, 0.8 * inv_eta**-0.25)", "minibatch", SQUARED, only="[inv_eta]",
           survives="an upper bound that is not sharp: the excess falls like the step^(3/2) or so, "
           "which leaves -.37 of -1/2 within the margin"),
]  # fmt: skip
