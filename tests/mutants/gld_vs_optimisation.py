"""Mistakes in Langevin dynamics as an optimiser."""

from tests.mutants import Mutant

TILTED, GENERATOR = (f"ratecheck/lab/langevin/{name}.py" for name in ("tilted", "generator"))

MUTANTS = [
    Mutant("a temperature that falls away in the generator", GENERATOR,
           "forth = np.exp(-gamma * (middle - value[:-1])) / (gamma * h**2)",
           "forth = np.exp(-(middle - value[:-1])) / (gamma * h**2)", "barrier"),
    Mutant("noise that does not know the temperature", TILTED,
           "math.sqrt(2 * step * heat / gamma) * mask", "math.sqrt(2 * step * heat / 16) * mask",
           "temperature"),
    Mutant("noise of size step", TILTED, "math.sqrt(2 * step * heat / gamma) * mask",
           "step * math.sqrt(2 * heat / gamma) * mask", "temperature"),
    Mutant("one noise for all coordinates", TILTED, "normal(replicates, chains, o.d, rng=rng)",
           "normal(replicates, chains, 1, rng=rng)", "temperature",
           survives="F is nearly a sum over coordinates: its mean sees no correlation of noises"),
    Mutant("uphill along the valley's axis", TILTED, "x = x - step * o.gradient(x)",
           "x = x - step * o.gradient(x) * (x[..., :1] > 0)", "temperature"),
    Mutant("the other coordinates are forgotten", TILTED,
           "return self.phi(z[..., 0]) + self._off(z).square().sum(-1) / 2",
           "return self.phi(z[..., 0])", "temperature"),
    Mutant("an average from the start, nothing else", TILTED, "if k >= first:", "if k < 3:",
           "temperature"),
    Mutant("barriers from the saddle's own side", GENERATOR,
           "back = np.exp(-gamma * (middle - value[1:])) / (gamma * h**2)",
           "back = np.exp(-gamma * (middle - value[1:]) / 2) / (gamma * h**2)", "barrier"),
    Mutant("the first eigenvalue in place of the second", GENERATOR, "return float(found[1])",
           "return float(abs(found[0]) + 1e-9)", "barrier"),
    Mutant("half of the noise's variance in the chain", TILTED,
           "    sd = math.sqrt(2 * step * heat / gamma)\n    on =",
           "    sd = math.sqrt(step * heat / gamma)\n    on =", "steps"),
    Mutant("a chain that begins at the global minimum's side", TILTED,
           "begin = o.stationary[-1] if", "begin = -0.2 if", "steps"),
    Mutant("a barrier of another height", TILTED, "cls(tilt).barrier - height",
           "cls(tilt).barrier - 1.25 * height", "barrier"),
]  # fmt: skip
