"""Mistakes in networks of finitely many neurons and in minibatches."""

from tests.mutants import Mutant

GIBBS, PARTICLES = "ratecheck/lab/mean_field/gibbs.py", "ratecheck/lab/mean_field/particles.py"
DENSITY, LAWS = "ratecheck/lab/mean_field/density.py", "ratecheck/lab/finite_sums/laws.py"
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
    Mutant("minibatches with replacement", LAWS, "    if replacement:\n", "    if batch:\n",
           "minibatch", SQUARED, only="[B]"),
    Mutant("a minibatch for all of a time of 5", DENSITY, "hold=max(1, hold)",
           "hold=round(5 / self.step)", "minibatch", SQUARED, only="[inv_eta]"),
    Mutant("a minibatch's sum divided by n", LAWS, "1 / batch, device", "1 / n, device",
           "minibatch", SQUARED, only="[inv_eta]"),
    Mutant("a minibatch's noise that grows as steps shrink", DENSITY,
           "mean[i] -= step * w * slope", "mean[i] -= math.sqrt(step) * 0.4 * w * slope",
           "minibatch", SQUARED, only="[inv_eta]"),
]  # fmt: skip
