"""Mistakes in density estimation by diffusion models, in total variation."""

from tests.mutants import Mutant

CLAIM = "claims/diffusion_models/diffusion_tv.py"
NATURE, REVERSE = "ratecheck/lab/diffusion/densities.py", "ratecheck/lab/diffusion/reverse.py"
HELD_OUT = "ratecheck/lab/diffusion/held_out.py"
SPLINES, ONE = "spline_score", {"s": 1.0}
FEW = {"n": [2**10, 2**12, 2**14, 2**16]}

MUTANTS = [
    Mutant("as many data at every point of the axis", NATURE, "draw_counts(self.mass, n, rng)",
           "draw_counts(self.mass, 4096, rng)", SPLINES, ONE, FEW, only="constructive["),
    Mutant("the sampler stops at a constant time", REVERSE, "law = diffused(mass, t_low)",
           "law = diffused(mass, 0.01)", "jumps"),
    Mutant("pieces as many as sqrt(n)", CLAIM, "scale * n ** (1 / (2 * s + 1))",
           "scale * n**0.5", SPLINES, ONE, FEW, only="constructive["),
    Mutant("pieces as for a density twice as smooth", CLAIM, "scale * n ** (1 / (2 * s + 1))",
           "scale * n ** (1 / (4 * s + 1))", SPLINES, ONE, FEW, only="constructive["),
    Mutant("coefficients on the border in l-infinity", NATURE, "k ** (-s - 0.5)", "k ** (-s)",
           SPLINES, ONE, FEW, only="constructive["),
    Mutant("data of the uniform law", NATURE, "draw_counts(self.mass, n, rng)",
           "draw_counts(torch.full_like(self.mass, 1 / self.mass.shape[1]), n, rng)", SPLINES, ONE,
           FEW, only="constructive["),
    Mutant("squared distances", NATURE, "self.mass) + outside / 2", "self.mass) ** 2 + outside / 2",
           SPLINES, ONE, FEW, only="constructive["),
    Mutant("the number of pieces chosen on the data that were fitted", HELD_OUT,
           "torch.xlogy(held_out[active], density)", "torch.xlogy(train[active], density)",
           SPLINES, ONE, FEW, only="validated["),
    Mutant("the data themselves in place of the fit", HELD_OUT,
           "density[mine] = fitted(counts[mine], size)",
           "density[mine] = counts[mine] / counts[mine].sum(1, keepdim=True)",
           SPLINES, ONE, FEW, only="validated["),
]  # fmt: skip
