"""Mistakes in Langevin dynamics with recursive gradients."""

from tests.mutants import Mutant

SARAH, SNAPSHOTS = "ratecheck/lab/langevin/sarah.py", "ratecheck/lab/finite_sums/snapshots.py"
WELL = "ratecheck/lab/langevin/double_well.py"

MUTANTS = [
    Mutant("every step pays a full gradient", SNAPSHOTS, "(self.inner - 1)) / self.inner",
           "(self.inner - 1)) / self.inner + n", "sarah", only="sarah[n]"),
    Mutant("never restarted from a full gradient", SARAH, "extra = torch.zeros_like(x)",
           "extra = extra if epoch else torch.zeros_like(x)", "sarah", only="sarah[n]"),
    Mutant("noise twice as strong", SARAH, "rng=rng, dtype=torch.float32).mul_(sd)",
           "rng=rng, dtype=torch.float32).mul_(2 * sd)", "sarah", only="sarah[n]"),
    Mutant("the extra gradient does not add up", SARAH, "extra += moved", "extra = moved",
           "sarah", only="sarah[n]", survives="an estimate with less noise than "
           "SARAH's: at this step noise costs less than eps, and the drift rules the steps"),
    Mutant("half of the noise's variance", WELL, "math.sqrt(2 * step / self.gamma)",
           "math.sqrt(step / self.gamma)", "sarah", only="sarah[n]"),
    Mutant("a drift of half the size", SARAH, "step * (well.gradient(x) + extra)",
           "step * (0.5 * well.gradient(x) + extra)", "sarah", only="sarah[n]"),
    Mutant("batches of one component", SARAH, "mean_sign_law(well.n, snapshots.batch)",
           "mean_sign_law(well.n, 1)", "sarah", only="sarah[n]"),
    Mutant("every coordinate is charged", "claims/langevin/sarah_langevin.py",
           '{"sarah": spent, "partial"', '{"sarah": d * spent, "partial"', "sarah",
           only="sarah-d[d]"),
]  # fmt: skip
