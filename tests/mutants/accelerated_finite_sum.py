"""Mistakes in methods for finite sums."""

from tests.mutants import Mutant

LAB = "ratecheck/lab/finite_sums/"
METHODS, NET, CLAIM = LAB + "accelerated.py", LAB + "elastic_net.py", "claims/optimisation/"
CLAIM += "accelerated_finite_sum.py"

MUTANTS = [
    Mutant("gradients of the full sum are free", CLAIM, "problem.n + 4 * n, lib", "4.0, lib",
           "gradients"),
    Mutant("batches are not charged by their size", CLAIM, "(n + 2 * batch * inner) * epochs",
           "(n * inner) * epochs", "sparse_regression"),
    Mutant("a fifth of the snapshot's weight", CLAIM, '"weight": 0.5', '"weight": 0.1',
           "gradients"),
    Mutant("no point of momentum", METHODS, "(1 / (3 * alphas * o.L)).clamp_max(0.5)",
           "(0.5 + 0 * alphas)", "gradients"),
    Mutant("no control variate", METHODS, "(tau, 1 - tau - snapshot, snapshot - 1)",
           "(tau, 1 - tau - snapshot, snapshot)", "gradients"),
    Mutant("the full gradient is left out", METHODS, "fixed = fixed + minus((0, 0, 1)) * mean",
           "fixed = fixed + 0 * minus((0, 0, 1)) * mean", "gradients"),
    Mutant("batches without noise", METHODS, "minus(apart), mean, variance / batch",
           "minus(apart), mean, 0 * variance", "gradients"),
    Mutant("components whose curvature is that of f", LAB + "blocks.py",
           "mean, square = above / self.n, above**2 / self.n",
           "mean, square = above / self.n, (above / self.n) ** 2", "gradients"),
    Mutant("no slow directions", LAB + "blocks.py", "self.L * self.kappa**-steps",
           "self.L * self.kappa ** (-steps / 2)", "gradients"),
    Mutant("no momentum in descent", METHODS, "(1 - q**2) * beta * q), (-q",
           "0 * beta * q), (-q", "gradients"),
    Mutant("a full gradient at every step", CLAIM, "problem.n + 4 * n, lib",
           "2 * n * problem.n, lib", "gradients"),
    Mutant("snapshots are kept for n^(3/2) steps", CLAIM, '"inner": 2 * n, "snap',
           '"inner": 2 * round(n**1.5), "snap', "gradients"),
    Mutant("no soft thresholding", NET, "(x.abs() - step * self.lam).clamp_min(0)", "x.abs()",
           "sparse_regression",
           survives="the penalty is small: the minimum without it is nearer than the goal"),
]  # fmt: skip
