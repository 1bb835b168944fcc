"""Mistakes in networks of finitely many neurons."""

from tests.mutants import Mutant

GIBBS, PARTICLES = "ratecheck/lab/mean_field/gibbs.py", "ratecheck/lab/mean_field/particles.py"
SQUARED = {"loss": "squared"}

MUTANTS = [
    Mutant("the Gibbs law of neurons that do not interact", GIBBS,
           "logsumexp(exponent, axis=-1) - math.log(divergence.shape[-1])", "exponent.mean(-1)",
           "gibbs_particles", SQUARED),
    Mutant("a network's output by its first neuron", GIBBS, "(points * z).tanh().mean(-1)",
           "(points * z).tanh()[..., 0]", "gibbs_particles", SQUARED),
    Mutant("energy of a neuron, not of N", GIBBS, "exponent = -particles / lam * divergence",
           "exponent = -1 / lam * divergence", "gibbs_particles", SQUARED),
    Mutant("neurons drawn from the uniform law", GIBBS,
           "u = uniform(replicates, draws, particles, rng=rng) * cumulative[-1]",
           "u = 0.45 + 0.1 * uniform(replicates, draws, particles, rng=rng)",
           "gibbs_particles", SQUARED),
    Mutant("a sum over neurons divided by sqrt(N)", PARTICLES, "r / size), t)",
           "r / size**0.5), t)", "neurons", SQUARED),
    Mutant("half of the noise's variance", PARTICLES, "math.sqrt(2 * step * self._lam)",
           "math.sqrt(step * self._lam)", "neurons", SQUARED),
    Mutant("no ridge", PARTICLES, "1 - step * self._ridge", "1 - 0.0 * self._ridge", "neurons",
           SQUARED),
    Mutant("no gradient of the data", PARTICLES, "((-r * step) * weights", "(0.0 * weights",
           "neurons", SQUARED),
    Mutant("neurons that see no others", PARTICLES, "self._centre.float() if alone else f",
           "self._centre.float()", "neurons", SQUARED),
]  # fmt: skip
