"""Mistakes in doubly accelerated variance reduction."""

from tests.mutants import Mutant

DASVRDA, BLOCKS = (f"ratecheck/lab/finite_sums/{name}.py" for name in ("dasvrda", "blocks"))
CLAIM = "claims/optimisation/doubly_stochastic_variance_reduction.py"

MUTANTS = [
    Mutant("half of the workers are idle", CLAIM, "round(2 * n**root)", "round(2 * n**root) // 4",
           "many_workers"),
    Mutant("no momentum between stages", DASVRDA, "if outer else [1.0", "if not outer else [1.0",
           "few_workers"),
    Mutant("no momentum within a stage", DASVRDA, "theta = (k + 1) / 2", "theta = 1.0",
           "few_workers"),
    Mutant("full gradients are free", DASVRDA, "return (inner + n / batch) *", "return inner *",
           "few_workers",
           survives="a stage has n/b steps, so that its full gradient is half of all rounds"),
    Mutant("full gradients cost n rounds", DASVRDA, "return (inner + n / batch) *",
           "return (inner + n) *", "few_workers"),
    Mutant("batches see no noise", DASVRDA, "variance / batch, etas",
           "0 * variance, etas", "few_workers"),
    Mutant("batches as noisy as one component", DASVRDA, "variance / batch, etas",
           "variance, etas", "few_workers"),
    Mutant("the full gradient is left out", DASVRDA, "+ c * mean * (ux + xs)", "+ c * mean * ux",
           "few_workers"),
    Mutant("stages of n steps with any batch", DASVRDA, "inner = max(1, round(n / batch))",
           "inner = n", "few_workers"),
    Mutant("a step for batches of one", DASVRDA, "(1 + gamma * (inner + 1) / batch)",
           "(1 + gamma * (n + 1))", "many_workers"),
    Mutant("no slow directions", BLOCKS, "self.L * self.kappa**-steps",
           "self.L * self.kappa ** (-steps / 2)", "few_workers"),
    Mutant("components whose curvature is that of f", BLOCKS,
           "mean, square = above / self.n, above**2 / self.n",
           "mean, square = above / self.n, (above / self.n) ** 2", "few_workers"),
    Mutant("never restarted", DASVRDA, "for j in range(2 * LOG_LONGEST + 1)",
           "for j in [2 * LOG_LONGEST]", "few_workers"),
]  # fmt: skip
