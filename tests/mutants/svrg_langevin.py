"""Mistakes in variance-reduced Langevin samplers."""

from tests.mutants import Mutant

DENSITY, SARAH = "ratecheck/lab/langevin/density.py", "ratecheck/lab/langevin/sarah.py"
SNAPSHOTS = "ratecheck/lab/finite_sums/snapshots.py"
CLAIM = "claims/langevin/svrg_langevin.py"
FEW = {"n": [64, 100, 144, 196, 256]}

MUTANTS = [
    # the first is what the gate runs
    Mutant("every step pays a full gradient", SNAPSHOTS, "(self.inner - 1)) / self.inner",
           "(self.inner - 1)) / self.inner + n", "theory_step"),
    Mutant("snapshots are free", SNAPSHOTS, "(n + 2 * self.batch", "(2 * self.batch", "best_step"),
    Mutant("half of the noise's variance", "ratecheck/lab/langevin/double_well.py",
           "math.sqrt(2 * step / self.gamma)", "math.sqrt(step / self.gamma)", "theory_step"),
    Mutant("no control variate", DENSITY, "c * (x - x[s])", "c * x", "theory_step"),
    Mutant("a drift of half the size", DENSITY, "x[i] - step * (drift[i]",
           "x[i] - step * (0.5 * drift[i]", "theory_step"),
    Mutant("batches with replacement of one component", "ratecheck/lab/langevin/double_well.py",
           "mean_sign_law(self.n, size)", "mean_sign_law(self.n, 1)", "best_step"),
    Mutant("snapshots that are never refreshed", DENSITY,
           "laws = epoch_laws(well, step, snapshots)",
           "laws = epoch_laws(well, step, Snapshots(snapshots.batch, 4 * snapshots.inner))",
           "best_step"),
    Mutant("the extra gradient is forgotten", SARAH, "extra += well.c", "extra = well.c", "sarah"),
    Mutant("never restarted from a full gradient", SARAH, "k % snapshots.inner == 0", "k == 0",
           "sarah"),
    Mutant("noise twice as strong", SARAH, "rng=rng, dtype=torch.float32) * sd - step",
           "rng=rng, dtype=torch.float32) * 2 * sd - step", "sarah"),
]  # fmt: skip
