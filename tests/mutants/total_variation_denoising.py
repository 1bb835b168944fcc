"""Mistakes in dual coordinate ascent with alternating directions, on the pixels of an image."""

from tests.mutants import Mutant

DENOISING = "ratecheck/lab/finite_sums/denoising.py"
LOSSES = "ratecheck/lab/finite_sums/losses.py"
CLAIM = "claims/optimisation/total_variation_denoising.py"

MUTANTS = [
    Mutant("differences' duals that forget where they were", DENOISING, "q = v + b.split",
           "q = b.split", "accuracy", only="passes["),
    Mutant("differences' duals that do not see residuals", DENOISING, "b.split(w / rho - r)",
           "b.split(w / rho)", "accuracy", only="passes[",
           survives="r is 0 where it ends; until then it is descent and ascent of the Lagrangian "
           "without its square, which is linear as well where losses are strongly convex"),
    Mutant("a proximal step that shrinks twice as much", DENOISING, "softshrink(u, step * self",
           "softshrink(u, 2 * step * self", "accuracy", only="passes["),
    Mutant("a proximal step without the ridge", DENOISING, "shrunk / (1 + step * self.ridge)",
           "shrunk", "accuracy", only="passes["),
    Mutant("the penalty of one datum, not of n", DENOISING, "b.prox(tau * q, tau * n)",
           "b.prox(tau * q, tau)", "accuracy", only="passes["),
    Mutant("differences' duals that are moved as if the graph had one edge", DENOISING,
           "device=rng.device), rho * (b.largest + 1)", "device=rng.device), rho", "accuracy",
           only="passes["),
    Mutant("dual coordinates that forget where they were", DENOISING, "a[each, i] + along / SAFE",
           "along / SAFE", "accuracy", only="passes["),
    Mutant("dual coordinates of the wrong sign", LOSSES, "return (c * p - t) / (1 + c)",
           "return (c * p + t) / (1 + c)", "accuracy", only="passes["),
    Mutant("residuals that do not see the coordinates", DENOISING,
           "            r.view_as(a)[each, i] += moved - a[each, i]\n", "", "accuracy",
           only="passes["),
    Mutant("residuals that do not see the differences", DENOISING, "r, r + b.join(new - v), new",
           "r, r, new", "accuracy", only="passes["),
    Mutant("no multiplier", DENOISING, "w = w - rho / (4 * n) * (n", "w = w - 0 * (n", "accuracy",
           only="passes["),
    Mutant("multipliers that move by the residual of a block", DENOISING,
           "(n * r - (n - batch) * old)", "(batch * r)", "accuracy", only="passes[",
           survives="without its extrapolation it is linear as well, at another mu"),
    Mutant("multipliers that move in steps of n^(-3/2)", DENOISING, "rho / (4 * n) * (n",
           "rho / (n**1.5) * (n", "pixels_seen", only="looks["),
    Mutant("always the first block", DENOISING, "torch.randint(blocks, (replicates,)",
           "0 * torch.randint(blocks, (replicates,)", "accuracy", only="passes["),
    Mutant("looks that count blocks of blocks", CLAIM, '"looks": n * passes',
           '"looks": n**2 / 64 * passes', "pixels_seen", only="looks[", survives="undecided: "
           "passes fall on the larger squares, and a curve that comes down to n in the end fits"),
    Mutant("a minimum of the loss alone", DENOISING, "return float(bound / n)", "return 0.0",
           "accuracy", only="passes["),
    Mutant("an absolute loss that is the squared one", DENOISING, "Absolute() if sharp else",
           "Squared() if sharp else", "accuracy"),
]  # fmt: skip
