"""Mistakes in federated methods."""

from tests.mutants import Mutant

FEDERATED, CLIENTS, TURNED = (
    f"ratecheck/lab/finite_sums/{name}.py" for name in ("federated", "clients", "turned")
)
CLAIM = "claims/optimisation/bvr_local_sgd.py"

MUTANTS = [
    Mutant("one worker's sample for all", FEDERATED, "noise / seen, sampled",
           "noise / budget, sampled", "terms", only="bvr-P"),
    Mutant("SGD's noise falls with the batch's root", FEDERATED, "(len(c) * batch)",
           "(len(c) * batch**0.5)", "terms", only="sgd-B"),
    Mutant("SGD without noise", FEDERATED, "noise = (eta * o.sigma) ** 2",
           "noise = 0 * (eta * o.sigma) ** 2", "terms", only="sgd-inv_eps"),
    Mutant("the norm of the gradient for its square", FEDERATED, "goal, powers = eps**2 - floors",
           "goal, powers = eps - floors", "terms", only="sgd-inv_eps"),
    Mutant("workers that are alike", TURNED, "self.dial.zeta * self.signs", "0 * self.signs",
           "heterogeneity"),
    Mutant("the root of zeta", TURNED, "self.dial.zeta * self.signs",
           "self.dial.zeta**0.5 * self.signs", "heterogeneity"),
    Mutant("full gradients cost nothing", FEDERATED, "[1 + j + full for", "[1 + j for", "terms",
           only="bvr-n"),
    Mutant("global differences without noise", FEDERATED, "(c**2 + noise) * second",
           "c**2 * second", "terms", only="bvr-n"),
    Mutant("local steps without noise", FEDERATED, "etas[:, None, None], K, noise * K / budget)",
           "etas[:, None, None], K, 0.0)", "terms", only="bvr-B"),
    Mutant("every local step with all of the budget", FEDERATED, "noise * K / budget)",
           "noise / budget)", "terms", only="bvr-B", points={"B": [2**k for k in range(8, 13)]}),
    Mutant("a full gradient that no number of workers cheapens", CLAIM, "charged * n / (B * P)",
           "charged * n / B", "terms", only="bvr-P"),
    Mutant("second moments by squares of first ones", FEDERATED,
           "first.mean(1), second.mean(1), noise", "first.mean(1), first.mean(1) ** 2, noise",
           "terms", only="bvr-B"),
    Mutant("a worker's own gradient in place of the difference", CLIENTS,
           "v + after - local, after", "after, after", "networks"),
]  # fmt: skip
