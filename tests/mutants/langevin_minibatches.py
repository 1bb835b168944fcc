"""Mistakes in Langevin samplers with minibatches, in their snapshots and in their price."""

from tests.mutants import Mutant

SUMS, CLAIM = "ratecheck/lab/langevin/balanced.py", "claims/langevin/langevin_minibatches.py"
SNAPSHOTS = "ratecheck/lab/finite_sums/snapshots.py"
FEW = {"inv_eps": [64, 128, 256, 512, 1024], "d": [6, 12, 24, 48, 96]}
ROOTS = {"n": [m**2 for m in (16, 24, 32, 48, 64)]}

MUTANTS = [
    Mutant("KL of one coordinate", SUMS, "o.a * mean**2) / 2) @ o.shares",
           "o.a * mean**2) / 2).mean(1)", "snapshots", points=FEW, only="R8-slack[d]"),
    Mutant("a snapshot that is never renewed", SUMS, "(1 + 0 * keep, 0, 0), (1, 0, 0), (0, 0, 1)",
           "(1 + 0 * keep, 0, 0), (0, 1, 0), (0, 0, 1)", "components", points=ROOTS, only="R4-n"),
    Mutant("no control variate", SUMS, "(-apart, apart, 0)", "(-apart, 0, 0)", "components",
           points=ROOTS, only="R4-n"),
    Mutant("a control variate of the wrong sign", SUMS, "(-apart, apart, 0)", "(-apart, -apart, 0)",
           "components", points=ROOTS, only="R4-n"),
    Mutant("every step pays a full gradient", SNAPSHOTS, "(self.inner - 1)) / self.inner",
           "(self.inner - 1)) / self.inner + n", "components", points=ROOTS, only="R4-n"),
    Mutant("an epoch pays one batch", SNAPSHOTS, "self.batch * (self.inner - 1)", "self.batch",
           "components", points=ROOTS, only="R4-n", survives="with batches and epochs of sqrt(n) "
           "a snapshot costs as much as all of its batches: a constant, which no exponent sees"),
    Mutant("recursive gradients that never start afresh", SUMS, "renew[..., 2, 2] = 0",
           "renew[..., 2, 2] = 1", "components", points=ROOTS, only="R7-n", survives="in a time of "
           "log(1/eps) errors add up to a variance of c^2 step/sqrt(n), no more than Euler's bias"),
    Mutant("half of the noise's variance", SUMS, "else 2 * size + 0 * a", "else size + 0 * a",
           "snapshots", points=FEW, only="R4[inv_eps]"),
    Mutant("noise that makes up for the bias", SUMS, "noise = (1 - keep**2) / a if self.exact",
           "noise = (1 - keep**2) / a if True", "snapshots", points=FEW, only="R4[inv_eps]"),
    Mutant("W2 squared", SUMS, "** 2) @ o.shares) ** 0.5", "** 2) @ o.shares)", "snapshots",
           points=FEW, only="R4[inv_eps]"),
    Mutant("velocities without friction's noise", SUMS, "steps.heat * (1 - rho**2)\n",
           "0 * steps.heat * (1 - rho**2)\n", "components", points=ROOTS, only="R7-n"),
]  # fmt: skip
