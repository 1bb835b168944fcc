"""Mistakes in dual coordinate ascent."""

from tests.mutants import Mutant

DUAL, CLAIM = "ratecheck/lab/mean_field/dual.py", "claims/mean_field/particle_sdca.py"
ONE = {"spread": 0.0, "n": 4, "inv_lam": 64}

MUTANTS = [
    Mutant("a law that does not follow g", DUAL, "if self._ascent.frozen else self._log",
           "if True else self._log", "linear", ONE),
    Mutant("expectations under the prior: probabilities of the wrong sign", DUAL,
           "self._log - change * chosen / scale", "self._log + change * chosen / scale", "linear",
           ONE),
    Mutant("a law whose exponent lacks 1/n", DUAL, "weights.softmax(-1), self._problem.lam * n",
           "weights.softmax(-1), self._problem.lam", "linear", ONE),
    Mutant("one coordinate for ever", DUAL, "i = torch.randint(n, (replicates, 1)",
           "i = 0 * torch.randint(n, (replicates, 1)", "linear", ONE),
    Mutant("a step that forgets g", DUAL, "(mean - self._labels[i] - self._g.gather(1, i))",
           "(mean - self._labels[i])", "linear", ONE),
    Mutant("labels that are not seen", DUAL, "(mean - self._labels[i] - ", "(mean - ", "linear",
           ONE),
    Mutant("the step that all coordinates at once need", DUAL,
           "together = n if ascent.whole or ascent.careful else 1", "together = n", "steps",
           {"spread": 0.0}, {"scale": [8, 12, 16, 24], "inv_lam": [8, 12, 16, 24]}),
    Mutant("an entropy of half the weight in the partition function", DUAL,
           "concave + self._problem.lam * partition", "concave + self._problem.lam / 2 * partition",
           "linear", {"spread": 1.0, "n": 8, "inv_lam": 32}),
    Mutant("sweeps that cost one coordinate", CLAIM, "400 * round(inv_lam * scale + 1), size)",
           "400 * round(inv_lam * scale + 1), 1)", "steps", {"spread": 0.0},
           {"scale": [8, 12, 16, 24], "inv_lam": [8, 12, 16, 24]}),
    Mutant("a tenth of the step", DUAL, "ascent.step / (1 + together",
           "0.1 * ascent.step / (1 + together", "linear", ONE),
    Mutant("time counted in steps, not in n + 1/lambda", CLAIM, "round(at * (n + inv_lam))",
           "round(at * n)", "linear", ONE),
]  # fmt: skip
