"""Mistakes in Langevin dynamics on a Hilbert space."""

from tests.mutants import Mutant

HILBERT, NETWORK = (f"ratecheck/lab/langevin/{name}.py" for name in ("hilbert", "functional"))
GAP = {"gap": 0.5}

MUTANTS = [
    Mutant("noise that is added after the implicit step", HILBERT,
           "self.heat / (o.beta * o.eigenvalues(modes) * (1 + drift / 2))",
           "self.heat * (1 + drift) ** 2 / (o.beta * o.eigenvalues(modes) * (1 + drift / 2))",
           "law"),
    Mutant("modes at the prior, with no step in them", HILBERT,
           "self.heat / (o.beta * o.eigenvalues(modes) * (1 + drift / 2))",
           "self.heat / (o.beta * o.eigenvalues(modes))", "law"),
    Mutant("noise of variance eta in the first mode", HILBERT,
           "math.sqrt(2 * self.step * self.heat / o.beta)", "math.sqrt(self.step / o.beta)",
           ("law", "forgetting"), GAP),
    Mutant("the loss pushes uphill", HILBERT, "(on.x - self.step * o.slope(on.x))",
           "(on.x + self.step * o.slope(on.x))", "law"),
    Mutant("no loss in the chain: one valley", HILBERT, "(on.x - self.step * o.slope(on.x))",
           "on.x", "forgetting", GAP),
    Mutant("a Gibbs law without temperature's square", HILBERT,
           "on.law(self.beta * (self.lam / 2 * on.x**2", "on.law(self.beta * (self.lam * on.x**2",
           "law"),
    Mutant("time counted in steps of 1/10", HILBERT, "steps = round(time / chain.step)",
           "steps = round(10 * time)", "forgetting", GAP),
    Mutant("neurons that see no gradient", NETWORK, "dynamics(o, w, slope, xi), dyn",
           "dynamics(o, w, 0.0, xi), dyn", "neurons"),
    Mutant("labels that the gradient does not see", NETWORK,
           "residual = self.off(h).unsqueeze(-2)", "residual = h.mean(-2, keepdim=True)",
           "neurons"),
    Mutant("a gradient of four times the size", NETWORK,
           "self.c / (2 * len(self.x) * len(self.teacher))", "self.c / len(self.x)", "neurons"),
    Mutant("what inputs do not see has no step", NETWORK,
           "* unseen(o, dynamics.step), gibbs.mean", "* unseen(o, 0.0), gibbs.mean", "neurons"),
    Mutant("neurons that go uphill", NETWORK, "xi - eta * slope", "xi + eta * slope", "neurons"),
    Mutant("a limit under the prior", NETWORK, "above.mean(1) / weights",
           "weights.mean(1) / weights", "neurons"),
    Mutant("half of the noise's variance in networks", NETWORK,
           "math.sqrt(2 * eta * self.heat / o.beta)", "math.sqrt(eta * self.heat / o.beta)",
           "neurons", only="trace"),
    Mutant("the explicit chain's step for both", NETWORK, "if not self.implicit:", "if True:",
           "dimension"),
]  # fmt: skip
