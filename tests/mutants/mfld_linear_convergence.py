"""Mistakes in the law of mean-field Langevin dynamics and in its functionals."""

from tests.mutants import Mutant

PLANE, CLAIM = "ratecheck/lab/mean_field/plane.py", "claims/mean_field/mfld_linear_convergence.py"
SQUARED = {"loss": "squared"}

MUTANTS = [
    Mutant("an entropy of half the weight in the velocity", PLANE,
           "velocity + self.network.lam * law.slope", "velocity + self.network.lam / 2 * law.slope",
           "identity", SQUARED),
    Mutant("half of the noise's variance", PLANE, "2 * self.step * self.network.lam * heat",
           "self.step * self.network.lam * heat", "identity", SQUARED),
    Mutant("neurons that do not interact", PLANE, "self.gradient(self.outputs(mass))",
           "self.gradient(0 * self.outputs(mass))", "identity", SQUARED),
    Mutant("an objective without entropy", PLANE, "self.loss(mass) + self.network.lam * entropy",
           "self.loss(mass) + 0 * entropy", "identity", SQUARED),
    Mutant("the whole second moment in F", PLANE, "self.network.ridge / 2 * float(mass",
           "self.network.ridge * float(mass", "identity", SQUARED),
    Mutant("a gradient without the derivative of tanh", PLANE,
           "((1 - self.tanh**2) * push) @", "((1 - 0 * self.tanh**2) * push) @", "identity",
           SQUARED),
    Mutant("lambda I in place of lambda^2 I", PLANE,
           "return float(law.mass[seen] @ (velocity**2).sum(1))",
           "return float(law.mass[seen] @ (velocity**2).sum(1)) / self.network.lam", "identity",
           SQUARED),
    Mutant("no self-consistency: the minimiser's Gibbs law", PLANE,
           "for p in (self._best, on.proximal(mass))", "for p in (self._best, self._best)", "decay",
           SQUARED),
    Mutant("the two Gibbs laws exchanged", PLANE, "for p in (self._best, on.proximal(mass))",
           "for p in (on.proximal(mass), self._best)", "decay", SQUARED),
    Mutant("divergences that are not weighted by lambda", PLANE, "lam * divergence(mass, p)",
           "divergence(mass, p)", "decay", SQUARED),
    Mutant("time that is counted in steps of one", CLAIM, "round(t / eta)", "round(t)", "decay"),
    Mutant("alpha in place of lambda alpha", CLAIM, "-2 * share * seen.curvature * t",
           "-2 * share * seen.curvature * t / problem.lam", "decay", SQUARED),
    Mutant("two wells that are one", "ratecheck/lab/mean_field/tasks.py", "if not convex:",
           "if convex < 0:", "decay", SQUARED),
]  # fmt: skip
