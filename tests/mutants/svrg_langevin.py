"""Mistakes in Langevin dynamics with snapshots."""

from tests.mutants import Mutant

DENSITY = "ratecheck/lab/langevin/density.py"
SNAPSHOTS, WELL = "ratecheck/lab/finite_sums/snapshots.py", "ratecheck/lab/langevin/double_well.py"
FEW, FIVE = {"n": [64, 100, 144, 196]}, {"n": [64, 100, 144, 256, 400]}

MUTANTS = [
    Mutant("every step pays a full gradient", SNAPSHOTS, "(self.inner - 1)) / self.inner",
           "(self.inner - 1)) / self.inner + n", "theory_step", points=FIVE, only="/svrg["),
    Mutant("half of the noise's variance", WELL, "math.sqrt(2 * step / self.gamma)",
           "math.sqrt(step / self.gamma)", "theory_step", points=FEW, only="/svrg["),
    Mutant("a drift of half the size", DENSITY, "x[i] - step * (drift[i]",
           "x[i] - step * (0.5 * drift[i]", "theory_step", points=FEW, only="/svrg["),
    Mutant("no control variate", DENSITY, "c * (x - x[s])", "c * (x + 4)", "theory_step",
           points=FEW, only="/svrg["),
    Mutant("batches of one component", WELL, "mean_sign_law(self.n, size)",
           "mean_sign_law(self.n, 1)", "best_step"),
    Mutant("a snapshot that is never refreshed", DENSITY, "c * (x - x[s])", "c * (x - 2.0)",
           "theory_step", points=FEW, only="/svrg["),
    Mutant("snapshots are free", SNAPSHOTS, "(n + 2 * self.batch", "(2 * self.batch",
           "theory_step", points=FEW, only="/svrg[", survives="with B = m = sqrt(n) a snapshot "
           "costs half of what its epoch's batches do: a constant, which no exponent sees"),
    Mutant("noise half as strong again", WELL, "math.sqrt(2 * step / self.gamma)",
           "math.sqrt(4.5 * step / self.gamma)", "theory_step", points=FEW, only="/svrg["),
]  # fmt: skip
