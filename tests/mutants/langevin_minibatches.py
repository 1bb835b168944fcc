"""Mistakes in Langevin samplers with minibatches, in their snapshots and in their price."""

from tests.mutants import Mutant

SUMS, CLAIM = "ratecheck/lab/langevin/balanced.py", "claims/langevin/langevin_minibatches.py"
SNAPSHOTS = "ratecheck/lab/finite_sums/snapshots.py"
FEW = {"inv_eps": [64, 128, 256, 512], "d": [6, 12, 24, 48]}
ROOTS = {"n": [m**2 for m in (16, 24, 32, 48, 64)]}

MUTANTS = [
    Mutant("a snapshot that is never renewed", SUMS, "(1 + 0 * keep, 0, 0), (1, 0, 0), (0, 0, 1)",
           "(1 + 0 * keep, 0, 0), (0, 1, 0), (0, 0, 1)", "components", points=ROOTS, only="R4-n"),
    Mutant("no control variate", SUMS, "(-apart, apart, 0)", "(-apart, 0, 0)", "components",
           points=ROOTS, only="R4-n"),
    Mutant("a control variate of the wrong sign", SUMS, "(-apart, apart, 0)", "(-apart, -apart, 0)",
           "components", points=ROOTS, only="R4-n"),
    Mutant("batches of one, whatever the plan", SUMS,
           "_random(fixed, seen, o.chance(plan.batch))", "_random(fixed, seen, o.chance(1))",
           "components", points={"n": [m**2 for m in (128, 192, 256, 384, 512)]}, only="R4-n"),
    Mutant("every step pays a full gradient", SNAPSHOTS, "(self.inner - 1)) / self.inner",
           "(self.inner - 1)) / self.inner + n", "components", points=ROOTS, only="R4-n"),
    Mutant("an epoch pays one batch", SNAPSHOTS, "self.batch * (self.inner - 1)", "self.batch",
           "components", points=ROOTS, only="R4-n", survives="with batches and epochs of sqrt(n) "
           "a snapshot costs as much as all of its batches: a constant, which no exponent sees"),
    Mutant("recursive gradients that never start afresh", SUMS, "renew[..., 2, 2] = 0",
           "renew[..., 2, 2] = 1", "components", points=ROOTS, only="R7-n"),
    Mutant("half of the noise's variance", SUMS, "else 2 * size + 0 * a", "else size + 0 * a",
           "snapshots", points=FEW, only="R4[inv_eps]"),
    Mutant("an exact step in place of Euler's", SUMS, "if self.exact else 1 - size * a",
           "if True else 1 - size * a", "snapshots", points=FEW, only="R8-slack"),
    Mutant("W2 squared", SUMS, "** 2) @ o.shares) ** 0.5", "** 2) @ o.shares)", "snapshots",
           points=FEW, only="R4[inv_eps]"),
    Mutant("velocities without friction's noise", SUMS, "steps.heat * (1 - rho**2)\n",
           "0 * steps.heat * (1 - rho**2)\n", "components", points=ROOTS, only="R7-n"),
    Mutant("KL of one coordinate", SUMS, "o.a * mean**2) / 2) @ o.shares",
           "o.a * mean**2) / 2).mean(1)", "snapshots", points=FEW, only="R8-slack[d]"),
]  # fmt: skip
