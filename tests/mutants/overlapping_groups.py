"""Mistakes in dual coordinate ascent with alternating directions, on groups of real features."""

from tests.mutants import Mutant

SDCA, GROUPS, LOSSES = (
    f"ratecheck/lab/finite_sums/{name}.py" for name in ("sdca_admm", "groups", "losses")
)
CLAIM = "claims/optimisation/overlapping_groups.py"

MUTANTS = [
    Mutant("copies that both stand by rows", GROUPS, "u[..., 1, :, :] * down",
           "u[..., 1, :, :] * along", "accuracy", only="passes["),
    Mutant("features that are shrunk, not groups", GROUPS, "shorter / each.clamp_min",
           "shorter / u[..., 0, :, :].abs().clamp_min", "accuracy", only="passes["),
    Mutant("a proximal step without the ridge", GROUPS, "-3) / (1 + step * self.ridge)", "-3)",
           "accuracy", only="passes["),
    Mutant("dual coordinates of the wrong sign", LOSSES, "return -t * margin.sigmoid()",
           "return t * margin.sigmoid()", "accuracy", only="passes["),
    Mutant("dual coordinates that forget where they were", SDCA, "a[each, i] + along / scale[i], c",
           "along / scale[i], c", "accuracy", only="passes["),
    Mutant("dual steps that are n/8 times smaller", SDCA, "scale = SAFE * torch",
           "scale = SAFE * n / 8 * torch", "tumours_seen", only="looks[",
           survives="the conjugates are 4-strongly convex, dual steps have slack: n/64 changes 3 % "
           "of looks, n/8 their slope from .81 to 1.16, within what an upper bound in n allows"),
    Mutant("multipliers that see the last residual alone", SDCA, "(n * r - (n - batch) * old)",
           "(batch * r)", "accuracy", only="passes[",
           survives="without its extrapolation it is linear as well, at another mu"),
    Mutant("the penalty of one datum, not of n", SDCA, "tau * n) / tau", "tau) / tau", "accuracy",
           only="passes["),
    Mutant("always the first block", SDCA, "torch.randint(n // batch, (replicates,)",
           "0 * torch.randint(n // batch, (replicates,)", "accuracy", only="passes["),
    Mutant("multipliers that move in steps of n^(-3/2)", SDCA, "rho / (4 * n) * (n",
           "rho / (n**1.5) * (n", "tumours_seen"),
    Mutant("looks that count blocks of blocks", CLAIM, '"looks": n * passes',
           '"looks": n**2 / 64 * passes', "tumours_seen"),
    Mutant("Newton's method stops after a step", LOSSES, "STEPS = 8", "STEPS = 1", "accuracy",
           only="passes["),
]  # fmt: skip
