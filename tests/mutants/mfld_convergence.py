"""Mistakes in mean-field Langevin dynamics with infinitely many neurons."""

from tests.mutants import Mutant

DENSITY, GIBBS = "ratecheck/lab/mean_field/density.py", "ratecheck/lab/mean_field/gibbs.py"
QUADRATIC = "ratecheck/lab/mean_field/quadratic.py"
SQUARED, LOGISTIC = {"loss": "squared"}, {"loss": "logistic"}

MUTANTS = [
    Mutant("the mean's noise does not fall with N", QUADRATIC, "q.lam * c.heat / c.particles",
           "q.lam * c.heat / 16", "gaussian"),
    Mutant("a batch's noise does not fall with the step", QUADRATIC,
           "c.step * q.spread * c.factor / 2", "q.spread * c.factor / 2", "gaussian",
           points={"scale": [4**k for k in range(2, 9)]}),
    Mutant("no heat in the other modes", QUADRATIC, "return q.lam * c.heat / (q.ridge",
           "return q.lam / (q.ridge", "gaussian"),
    Mutant("half of the noise's variance", DENSITY,
           "math.sqrt(2 * self.step * self.network.lam * heat)",
           "math.sqrt(self.step * self.network.lam * heat)", "step_size", SQUARED),
    Mutant("neurons that do not interact", DENSITY, "network.slopes(f) @ self.derivatives",
           "network.slopes(0 * f) @ self.derivatives", "step_size", LOGISTIC),
    Mutant("noise of size eta^(3/4)", DENSITY, "math.sqrt(2 * self.step * self.network.lam * heat)",
           "self.step**0.75 * math.sqrt(2 * self.network.lam * heat)", "step_size", SQUARED),
    Mutant("half of the ridge in the drift", DENSITY, "(network.ridge * x + pull)",
           "(0.5 * network.ridge * x + pull)", "step_size", SQUARED),
    Mutant("a wrong derivative of tanh", DENSITY, "(1 - t**2))", "(1 - t))", "step_size", SQUARED),
    Mutant("a Gibbs law at temperature one", GIBBS, "/ network.size) / network.lam\n        weight",
           "/ network.size)\n        weight", "step_size", LOGISTIC),
]  # fmt: skip
