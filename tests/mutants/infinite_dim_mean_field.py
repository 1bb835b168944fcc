"""Mistakes in networks of functional neurons."""

from tests.mutants import Mutant

LAB, DUAL, OUTER = (f"ratecheck/lab/mean_field/{x}.py" for x in ("hilbert", "dual", "averaging"))
STEP = "ratecheck/lab/langevin/functional.py"
ONLINE, WALK = {"N": 8, "n": 16, "lam": 0.1}, {"N": 64, "n": 16, "lam": 0.1}
FINITE = {"N": 8, "n": 8, "lam": 1 / 32}

MUTANTS = [
    Mutant("expectations under the prior: probabilities of the wrong sign", DUAL,
           "self._log - change * chosen / scale", "self._log + change * chosen / scale",
           "finite_sample", FINITE),
    Mutant("a law whose exponent lacks 1/n", DUAL, "weights.softmax(-1), self._problem.lam * n",
           "weights.softmax(-1), self._problem.lam", "finite_sample", FINITE),
    Mutant("a step that forgets g", DUAL, "(mean - self._labels[i] - self._g.gather(1, i))",
           "(mean - self._labels[i])", "finite_sample", FINITE),
    Mutant("a step for all coordinates at once", DUAL,
           "together = n if ascent.whole or ascent.careful else 1", "together = n",
           "finite_sample", FINITE),
    Mutant("the dual of another weight", LAB, "labels, self.best.network.lam)",
           "labels, 4 * self.best.network.lam)", "finite_sample", FINITE,
           survives="with more entropy than is told steps are shorter than they have to be"),
    Mutant("the latest example only", OUTER, "c = (1 - share) * c + ", "c = 0 * c + ",
           "online", ONLINE),
    Mutant("slopes without the outputs", OUTER, "return f - y if", "return 0 * f - y if",
           "online", ONLINE),
    Mutant("walkers that go uphill", STEP, "* xi - eta * slope", "* xi + eta * slope",
           "walkers", WALK),
    Mutant("walkers that see no network", LAB, "self._step(o, self.w, slope, ",
           "self._step(o, self.w, 0 * slope, ", "walkers", WALK),
    Mutant("walkers without tanh's slope", LAB, "(1 - o.features(self.w).square()) * c",
           "torch.ones_like(o.features(self.w)) * c", "walkers", WALK),
    Mutant("walkers whose outputs are of a single neuron", LAB, "return o.features(self.w).mean(1)",
           "return o.features(self.w)[:, 0]", "walkers", WALK,
           survives="its slopes are unbiased, and are averaged over examples"),
    Mutant("walkers that start anew in each loop", LAB, "        o = self._curves\n        for",
           "        o, self.w = self._curves, 0 * self.w\n        for", "walkers", WALK),
    Mutant("noise of four times the variance", STEP, "math.sqrt(2 * eta * self.heat / o.beta)",
           "math.sqrt(8 * eta * self.heat / o.beta)", "walkers", WALK),
    Mutant("a regulariser that does not grow", STEP,
           "torch.arange(1, last + 1).to(self.x) ** self.p",
           "torch.arange(1, last + 1).to(self.x) ** 0", "dimension"),
    Mutant("a divergence of a single mode", LAB, "excess = lam * modes / 2", "excess = lam / 2",
           "dimension"),
]  # fmt: skip
