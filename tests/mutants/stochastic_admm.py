"""Mistakes in alternating directions, online and by dual coordinate ascent."""

from tests.mutants import Mutant

ONLINE, FUSED = (f"ratecheck/lab/finite_sums/{name}.py" for name in ("online_admm", "fused"))
CLAIM = "claims/optimisation/stochastic_admm.py"
LATER = (2**9, 2**10, 2**11, 2**12)

MUTANTS = [
    Mutant("a gradient that points uphill", ONLINE, "return z * off.sign()",
           "return -z * off.sign()", "online"),
    Mutant("dual averages that forget: the last gradient alone", ONLINE,
           "sums[0] = sums[0] + o.slope(x, rng)", "sums[0] = t * o.slope(x, rng)", "online"),
    Mutant("steps that do not fall", ONLINE, "step = s.first / (t + s.late) ** s.power",
           "step = s.first / 8", ("online", "strongly_convex")),
    Mutant("dual averaging with steps, not their inverse", ONLINE,
           "weight = s.first * t ** (1 - s.power)", "weight = s.first * t ** (-s.power)",
           "online"),
    Mutant("the proximal step of another weight", FUSED, "(u.abs() - step * self.size)",
           "(u.abs() - 3 * step * self.size)", "strongly_convex", points={"T": LATER}),
    Mutant("a multiplier of the wrong sign", ONLINE,
           "slope = o.slope(x, rng) - b.join(dual - s.rho", "slope = o.slope(x, rng) + b.join("
           "dual - s.rho", "strongly_convex"),
    Mutant("labels with no noise, squared by mistake", ONLINE, "return z * off.sign()",
           "return z * off", "online"),
    Mutant("steps 1/t^(1/2) where the loss is strongly convex", ONLINE,
           "(t + s.late) ** s.power", "(t + s.late) ** (s.power / 2)", "strongly_convex",
           points={"T": LATER}),
    Mutant("passes that count one block's data", CLAIM,
           '"sdca": n * lib.passes(problem, goal, batch=8',
           '"sdca": n**2 / 64 * lib.passes(problem, goal, batch=8', "finite_sum"),
    Mutant("differences that are not shrunk", FUSED, "(u.abs() - step * self.size).clamp_min(0)",
           "u.abs()", "strongly_convex", points={"T": LATER}),
]  # fmt: skip
