"""Mistakes in networks and kernels that are to learn a parity."""

from tests.mutants import Mutant

LAB, CLAIM = "ratecheck/lab/mean_field/parity.py", "claims/mean_field/mfld_parity.py"
PAIRS, TRIPLES = {"k": 2, "d": 32, "pace": 30}, {"k": 3, "d": 16, "pace": 75}

MUTANTS = [
    Mutant("kernels that are tested on their data", LAB,
           "at, truth = parity.draw(TESTED, replicates=replicates, rng=rng)\n    table",
           "at, truth = z, y\n    table", "kernels", {"k": 2}),
    Mutant("four times the data", LAB, "math.comb(self.d, self.k)",
           "4 * math.comb(self.d, self.k)", "kernels", {"k": 2}),
    Mutant("a kernel that is told where to look", LAB,
           "tangent(coordinates).to(z.device), z[..., :coordinates]",
           "tangent(coordinates := parity.k).to(z.device), z[..., :parity.k]", "kernels", {"k": 2}),
    Mutant("frozen features", LAB, "x.mul_(keep).baddbmm_(slopes, a)", "x.mul_(keep)", "networks",
           TRIPLES),
    Mutant("ascent", LAB, "(eta * scale / n) * y", "(-eta * scale / n) * y", "networks", TRIPLES),
    Mutant("labels of other inputs", LAB, "learn(chain, z, y, counts", "learn(chain, z, "
           "y.roll(1, 1), counts", "networks", TRIPLES),
    Mutant("neurons without a bias", LAB, "torch.ones_like(z[..., :1])",
           "torch.zeros_like(z[..., :1])", "networks", PAIRS),
    Mutant("a sum where the mean over data belongs", LAB, "(eta * scale / n) * y",
           "(eta * scale) * y", "networks", TRIPLES),
    Mutant("noise without the weight of the entropy", LAB, "math.sqrt(2 * eta * chain.lam)",
           "math.sqrt(2 * eta)", "networks", TRIPLES),
    Mutant("an activation that has no derivative", LAB, "torch.addcmul(s, s, s, value=-1)",
           "torch.ones_like(s)", "networks", TRIPLES),
    Mutant("inputs divided by d, not by its root", LAB, "z / math.sqrt(z.shape[-1])",
           "z / z.shape[-1]", "networks", TRIPLES),
    Mutant("an entropy of weight 1, not 1/d", CLAIM,
           "chain = lib.Chain(N, lam=weight / d)\n    return", "chain = lib.Chain(N, lam=weight)"
           "\n    return", "networks", TRIPLES),
    Mutant("steps that do not grow with d", CLAIM, "round(part * pace * d)", "round(part * pace)",
           "networks", TRIPLES),
    Mutant("one neuron", CLAIM, "chain = lib.Chain(N, lam=weight / d)\n    return",
           "chain = lib.Chain(1, lam=weight / d)\n    return", "networks", TRIPLES),
    Mutant("features of the start in place of networks", CLAIM, "    if moving:",
           "    ratios, power = (0.3, 0.45, 0.7), 2\n    sizes = [round(r * d**2) for r in ratios]"
           "\n    if False:", "samples", points={"d": [10, 13, 16, 20]}),
    Mutant("no noise", LAB, "math.sqrt(2 * eta * chain.lam)", "0.0", "networks", TRIPLES,
           survives="gradient descent learns features as well; the claim says so"),
]  # fmt: skip
