"""Mistakes in the algorithm for differences of convex functions."""

from tests.mutants import Mutant

METHOD, NATURE = "ratecheck/lab/boltzmann/difference.py", "ratecheck/lab/boltzmann/machine.py"

MUTANTS = [
    Mutant("a batch of four whatever is asked", METHOD, "1 if method.alike else method.batch",
           "4", "terms"),
    Mutant("the inner slope forgets its anchor", METHOD,
           "drawn - tangent + (x - anchor) / method.gamma", "drawn - tangent", "terms",
           survives="gamma is infinite then: the EM algorithm, which the theorem covers"),
    Mutant("inner steps that do not shrink", METHOD, "2 / (k + 1) if method.settling",
           "0.25 if method.settling", "terms"),
    Mutant("inner steps that shrink like the root", METHOD, "2 / (k + 1) if method.settling",
           "0.5 / k**0.5 if method.settling", "terms",
           survives="averages of slower steps have an error of 1/K as well (Polyak & Juditsky)"),
    Mutant("the model is sampled where the inner steps began", METHOD,
           "machine.law(x / method.heat), u", "machine.law(anchor / method.heat), u", "terms"),
    Mutant("the sampled slope of g is taken twice", METHOD, "(drawn - tangent",
           "(2 * drawn - tangent", "terms"),
    Mutant("the last inner iterate in place of the mean", METHOD, "mean = mean + k * x",
           "mean = k * (k + 1) / 2 * x", "terms",
           survives="last iterates of steps 2 gamma/k have an error of 1/K as well"),
    Mutant("a batch that grows like the root", METHOD, "1 if method.alike else method.batch",
           "round(method.batch**0.5)", "terms"),
    Mutant("hidden units that follow the model's own visible ones", METHOD,
           "law = machine.completed(theta)", "law = machine.law(theta)", "terms"),
    Mutant("Newton on the model at another temperature", METHOD, "law = machine.law(x / heat)",
           "law = machine.law(x / heat / 1.5)", "terms"),
    Mutant("states that are drawn uniformly", NATURE, "steps = law.cumsum(1)",
           "steps = (0 * law + 1).cumsum(1)", "terms"),
    Mutant("no weights between the units in the slope", NATURE,
           "return self.moments(self.law(theta)) - self.moments(self.completed(theta))",
           "return self.moments(self.law(theta)) - self.moments(self.law(theta / 2))", "terms"),
]  # fmt: skip
