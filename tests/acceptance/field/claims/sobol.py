"""Scrambled Sobol points: their squared error is n^-3 at powers of two, n^-2 at other n."""

from ratecheck import Axis, Claim, Rate, Without

claim = Claim(
    title="Scrambled Sobol points have squared error n^-3 at powers of two",
    source="Owen, Ann. Statist. 25 (1997) 1541-1562, Theorem 1",
    statement=r"\operatorname{Var} \hat I_n = O( n^{-3} \log n )",
    not_shown=["the logarithm", "other integrands"],
    real=["scipy's scrambled Sobol points"],
    proxied=["a smooth integrand by the exponential of a sum"],
)
CHECKS = [
    Rate("error", "n**-3", margin=0.5, fails=[Without("scrambled points", "plain")], name="fast"),
    Rate("error", "n**-2", margin=0.5, name="slow"),
]


def errors(n, replicates, rng):
    """Squared errors of the integral of exp(u + v) over the unit square."""
    import numpy as np
    import torch
    from scipy.stats import qmc

    from ratecheck import lab

    numpy_rng = lab.draws.numpy_generator(rng)
    error = np.empty(replicates)
    for i in range(replicates):
        u = qmc.Sobol(2, scramble=True, rng=numpy_rng).random(n)
        error[i] = (np.exp(u).prod(1).mean() - (np.e - 1) ** 2) ** 2
    plain = torch.rand(replicates, n, generator=rng).mean(1) - 0.5
    return {"error": error, "plain": plain.square()}


@claim.experiment(
    Axis("n", quick=[2**k for k in range(4, 11)]), checks=CHECKS, replicates=200, cost="n"
)
def powers(n, *, replicates, rng):
    """Powers of two."""
    return errors(n, replicates, rng)


@claim.experiment(
    Axis("n", quick=[17, 37, 71, 131, 261, 517, 1031]), checks=CHECKS, replicates=200, cost="n"
)
def others(n, *, replicates, rng):
    """Other n."""
    return errors(n, replicates, rng)
