"""Mistakes in dual averaging."""

from tests.mutants import Mutant

LAB, CLAIM = "ratecheck/lab/mean_field/averaging.py", "claims/mean_field/particle_dual_averaging.py"
ONE = {"loss": "squared"}

MUTANTS = [
    Mutant("labels that slopes do not see", LAB, "return f - y if self._squared",
           "return f if self._squared", "outer", ONE,
           {"T": [32, 48, 72, 108]}),
    Mutant("slopes of the first law for ever", LAB, "f, gap = laws(law, method.heat)",
           "f, gap = laws(laws.prior(replicates))[0], laws(law)[1]", "outer", ONE),
    Mutant("the mean forgets nothing: a sum", LAB, "c = (1 - share) * c + share * t",
           "c = c + share * t", "outer", ONE),
    Mutant("weights of 1 in place of s", LAB, "self.order / (t + self.order)",
           "1 / (t + 1)", "outer", ONE),
    Mutant("weights s^2", LAB, "self.order / (t + self.order)",
           "3 / (t + 3)", "outer", ONE),
    Mutant("a regulariser that is not averaged: half of it", LAB, "c = (1 - share) * c + ",
           "new[:, -1] = 0.5\n        c = (1 - share) * c + ", "outer", ONE),
    Mutant("examples in turn, not drawn", LAB,
           "i = torch.randint(laws.n, (replicates, 1), generator=rng, device=c.device)",
           "i = torch.full((replicates, 1), t % laws.n, device=c.device)", "outer", ONE),
    Mutant("half of the data is never drawn", LAB, "torch.randint(laws.n, (replicates, 1)",
           "torch.randint(laws.n // 2, (replicates, 1)", "outer", ONE),
    Mutant("Gibbs laws of twice the temperature", LAB, "c = c / heat", "c = c / (2 * heat)",
           "outer", ONE),
    Mutant("no entropy in L", LAB, "entropy = -(c * mean).sum(-1) - self.lam * partition[:, 0]",
           "entropy = 0.0", "outer", ONE),
    Mutant("the first iterate is left out of the mean", LAB, "total = total + t * gap",
           "total = total + (t > 1) * t * gap", "outer", ONE,
           survives="one term of weight 1/T^2, which the theorem's bound has for itself"),
    Mutant("a weighted mean without 2", LAB, "found.append(2 * total / (t * (t + 1)))",
           "found.append(total / (t * (t + 1)))", "outer", ONE),
    Mutant("the last iterate in place of the weighted mean", LAB,
           "found.append(2 * total / (t * (t + 1)))", "found.append(gap)", "outer", ONE),
    Mutant("linear theory without interaction", LAB, "- new * h @ sigma\n", "\n", "outer", ONE),
    Mutant("neurons that go uphill", LAB, "self.x = self.x - self._step",
           "self.x = self.x + self._step", "neurons", ONE),
    Mutant("neurons without the network's gradient", LAB, "@ self._inputs + square * self.x",
           "@ self._inputs * 0 + square * self.x", "neurons", ONE),
    Mutant("neurons without the regulariser", LAB, "@ self._inputs + square * self.x",
           "@ self._inputs + 0 * square * self.x", "neurons", ONE),
    Mutant("noise of four times the size", LAB, "math.sqrt(2 * step * heat",
           "4 * math.sqrt(2 * step * heat", "neurons", ONE, {"T": [256, 512, 1024, 2048]}),
    Mutant("every loop from where the neurons were at first", LAB,
           "self.x = self.x - self._step * drift + ",
           "self.first = getattr(self, 'first', self.x); "
           "self.x = self.first - self._step * drift + ", "neurons", ONE),
    Mutant("a network that is never asked: the laws' own outputs", LAB, "f = neurons.follow(law)",
           "neurons.follow(law)", "neurons", ONE),
]  # fmt: skip
