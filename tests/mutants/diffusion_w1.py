"""Mistakes in density estimation by diffusion models, in Wasserstein distance."""

from tests.mutants import Mutant

CLAIM = "claims/diffusion_models/diffusion_w1.py"
TORUS, WAVES = "ratecheck/lab/diffusion/torus.py", "ratecheck/lab/diffusion/trigonometric.py"
MODEL, TWO, ONE = "one_model", {"s": 2.0, "d": 3}, {"s": 1.0, "d": 3}

MUTANTS = [
    Mutant("as many data at every point of the axis", TORUS,
           "self.field * (n / self.field[0].numel())",
           "self.field * (2**19 / self.field[0].numel())",
           MODEL, TWO),
    Mutant("the potential's gradient divided by |k| once", TORUS,
           "torch.where(square > 0, square, torch.inf)",
           "torch.where(square > 0, square.sqrt(), torch.inf)",
           MODEL, TWO),
    Mutant("the sampler stops at a constant time", CLAIM, "late, w1, tv = heated(fitted, t_low)",
           "late, w1, tv = heated(fitted, 0.01)", MODEL, TWO),
    Mutant("waves as for a density half as smooth", CLAIM, "** 2 * n) ** (1 / (2 * s + d))",
           "** 2 * n) ** (1 / (s + d))", MODEL, TWO),
    Mutant("waves as in one dimension less", CLAIM, "** 2 * n) ** (1 / (2 * s + d))",
           "** 2 * n) ** (1 / (2 * s + d - 1))", MODEL, TWO),
    Mutant("coefficients a power smoother", TORUS,
           "power = -(self.s + self.dimension / 2) / 2", "power = -(self.s + self.dimension) / 2",
           MODEL, ONE),
    Mutant("data of the uniform law", TORUS, "torch.poisson(self.field * (n",
           "torch.poisson(torch.ones_like(self.field) * (n", MODEL, TWO),
    Mutant("the highest waves in place of the lowest", WAVES, "order = square + along",
           "order = -square + along", MODEL, TWO),
    Mutant("heat for the square root of the time", TORUS, "torch.exp(-t * squares(",
           "torch.exp(-(t**0.25) * squares(", MODEL, TWO),
]  # fmt: skip
