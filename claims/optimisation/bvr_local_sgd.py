"""BVR-L-SGD: rounds governed by the heterogeneity of Hessians instead of smoothness."""

from ratecheck import AtMost, Axis, Below, Claim, Falsifier, Without, lab

# The theorem's bound with the constants of the step, 1/(K eta) = zeta + 2 L/sqrt(B) + 2 L b/B (+
# 2 sqrt(n) L/(B P) where the global gradient is sampled): f falls by eps^2 K eta a round.
LOCAL = "zeta + 2*L/sqrt(B) + 2*L*b/B"
SAMPLED = f"({LOCAL} + 2*L*sqrt(n)/(B*P))/(2*eps**2) + n/(B*P)"

claim = Claim(
    title="BVR-L-SGD needs zeta/eps^2 rounds where minibatch SGD needs L/eps^2",
    source="Murata & Suzuki, ICML 2021, Table 1 and Section 4 (arXiv:2102.03198)",
    statement=r"""
        \mathbb{E} \| \nabla f(\tilde x) \|^2 \le \varepsilon^2 \;\text{ after }\; O \Bigl(
        \frac{\zeta}{\varepsilon^2} + \frac{L}{\sqrt B \, \varepsilon^2} + \frac{\sqrt n \, L}{B P
        \varepsilon^2} + \frac{n}{B P} \Bigr) \;\text{ rounds}, \quad \text{minibatch SGD: }\;
        O \Bigl( \frac{L}{\varepsilon^2} + \frac{\sigma^2 L}{B P \varepsilon^4} \Bigr)
    """,
    symbols={"eps": "norm of the gradient that is to be reached; inv_eps is 1/eps",
             "zeta": "second-order heterogeneity: how far a worker's Hessian is off the mean",
             "inv_zeta": "1/zeta", "L": "smoothness of the objective", "P": "number of workers",
             "n": "number of components over all workers",
             "B": "component gradients that a worker may compute in a round, B = K b",
             "b": "components in a local minibatch, so that K = B/b local steps",
             "sigma": "standard deviation of a component's gradient"},
    free={"L": 1.0, "spread": [1.0, 0.5], "b": 1},
    real=["BVR-L-SGD: global SARAH estimate, local SARAH steps with minibatches, random pick",
          "a non-convex objective with heterogeneity zeta and unbounded differences of gradients",
          "the norm of the true gradient"],
    proxied=["two variables: a ramp of length 1/(2 eps) that resists all who move by small steps",
             "the constants of the step size; components are rougher than L by a constant factor",
             "minibatches with replacement; only the signs of the components matter"],
    not_shown=["optimality: overshooting this ramp does no harm, so that a larger step is faster; "
               "the exponents belong to the theorem's step", "other objectives",
               "the gain from picking one worker instead of averaging (it serves the proof)",
               "the output drawn at random from the run: the first point good enough counts"],
    unmoved={"L": "four times as large it moves no slope: the step, told of L, sets the rounds",
             "zeta": "as L, up to a hundred times", "sigma": "as L", "P": "an axis moves it",
             "eps": "the objective is made for it", "B": "the method's", "b": "the method's"},
    history=["all methods started at u = 0, in the same rounds in every replicate, for which there "
             "is no interval; the start became random",
             "the falsifier of Local SGD ran over the axis' grid, its curve being flat to 16 and "
             "broken off then, [-1.0, 0.6]: now to 1/zeta = 16; the step 1/(2L) starts at B = 1024",
             "grids of five points, one in a hundred of which is called jagged, became denser"],
)  # fmt: skip


@claim.problem
def workers(L, P, spread, eps=None, inv_eps=None, zeta=None, inv_zeta=None, sigma=0.0):
    """An objective made for its eps; eps and zeta come as they are or inverted, as the axis is."""
    eps, zeta = eps or 1 / inv_eps, zeta or 1 / inv_zeta
    return lab.finite_sums.resisting.Resisting(eps, L, zeta, P, spread, sigma)


@claim.experiment(
    Axis("inv_zeta", quick=[2, 3, 4, 6, 8, 12, 16, 24, 32],
         full=[2, 4, 6, 8, 12, 16, 24, 32, 48, 64]),
    cases=[{"eps": 0.015, "P": 8, "B": 2**14}], free={"b": [1, 4]}, cost="1/inv_zeta",
    checks=[
        # the rival of -0.85 is 0; a round and the ramp's end are 2 of the last point's 49: 0.01
        AtMost("bvr", f"({LOCAL})/eps**2".replace("zeta", "1/inv_zeta"), margin=0.1, fails=[
            Without("local steps: one step a round", "minibatch"),
            Falsifier("Local SGD at its best number of steps", "local",
                      points=[2, 3, 4, 6, 8, 12, 16])], rivals={"smoothness rules": "1"}),
        Below("bvr", than="minibatch", fails=[Without("correction, same K, step", "uncorrected")]),
        Below("bvr", than="local", fails=[Without("correction, same K, step", "uncorrected")])],
    replicates={"quick": 16, "standard": 32, "full": 64},
    real=[*claim.real, "minibatch SGD and Local SGD with full gradients beside it"],
)  # fmt: skip
def heterogeneity(problem, inv_zeta, eps, B, L, b, *, replicates, rng):
    """Workers that grow alike, with so many local steps that L/sqrt(B) is small.

    Local SGD takes the best of K = 1, 2, 4, ..., 256; a method without correction that has not
    arrived after three times the rounds of minibatch SGD counts with these.
    """
    federated, start = lab.finite_sums.federated, problem.start(replicates=replicates, rng=rng)
    schedule = federated.theory_schedule(B, b, L, 1 / inv_zeta)
    longest, local_sgd = federated.allowed(L / eps**2), federated.local_sgd_rounds
    minibatch = local_sgd(problem, 1, 0.5 / L, start, longest)
    same = local_sgd(problem, schedule.steps, schedule.step, start, 3 * minibatch)
    return {"bvr": federated.bvr_rounds(problem, schedule, start, rng=rng), "minibatch": minibatch,
            "local": federated.best_local_sgd_rounds(problem, 256, L, start, longest),
            "uncorrected": same.minimum(3 * minibatch)}  # fmt: skip


@claim.experiment(
    Axis.geometric("inv_eps", quick=(16, 128), full=(16, 512)), cost="inv_eps**4",
    cases=[{"zeta": 0.05, "P": 8, "B": 16}], free={"sigma": [2.0, 4.0], "step_power": 2.0},
    checks=[
        AtMost("bvr", "inv_eps**2", margin=0.15, rivals={"noise rules": "inv_eps**4"},
               fails=[Without("variance reduction", "sgd")]),
        AtMost("minibatch", "inv_eps**2", margin=0.15, rivals={"noise rules": "inv_eps**4"},
               fails=[Falsifier("gradients with noise", "sgd")]),
        AtMost("sgd", "2*inv_eps**2 + sigma**2*inv_eps**4/(P*B)", margin=0.15, fails=[
            Falsifier("step eps^3", told={"step_power": 3.0}, points=[16, 22, 32, 45, 64])])],
    replicates={"quick": 16, "standard": 32, "full": 64},
    real=[*claim.real, "minibatch SGD with full and with sampled gradients beside it"],
)  # fmt: skip
def accuracy(problem, inv_eps, zeta, P, B, L, sigma, b, step_power, *, replicates, rng):
    """Growing accuracy; sampled minibatch SGD has step 1/(2L + sigma^2 L/(eps^2 B P))."""
    federated, start = lab.finite_sums.federated, problem.start(replicates=replicates, rng=rng)
    schedule, eps = federated.theory_schedule(B, b, L, zeta), 1 / inv_eps
    step = (16 * eps) ** (step_power - 2) / (2 * L + sigma**2 * L / (eps**2 * P * B))
    noisy, longest = problem.without_spread(), federated.allowed(1 / (step * eps**2))
    full = federated.allowed(L / eps**2)
    return {
        "bvr": federated.bvr_rounds(problem, schedule, start, rng=rng),
        "sgd": federated.minibatch_rounds(noisy, step, P * B, start, longest, rng=rng),
        "minibatch": federated.local_sgd_rounds(problem, 1, 0.5 / L, start, full),
    }


@claim.experiment(
    Axis.geometric("B", quick=(16, 4096), full=(16, 2**16)), cost="1",
    cases=[{"eps": 0.02, "P": 8, "zeta": 1e-4}], free={"b": [1, 4], "aware": 1},
    checks=[AtMost("bvr", f"({LOCAL})/eps**2", margin=0.15, fails=[
        # the variance of batches of b shows from K = b on
        Falsifier("step 1/(2L) whatever the variance", told={"aware": 0},
                  points=[2**k for k in range(10, 15)])], rivals={"no use of local steps": "1"})],
    replicates={"quick": 32, "standard": 64, "full": 128},
)  # fmt: skip
def local_budget(problem, B, eps, L, zeta, b, aware, *, replicates, rng):
    """Workers that are almost alike: the variance of local batches rules, L/sqrt(B)."""
    federated, start = lab.finite_sums.federated, problem.start(replicates=replicates, rng=rng)
    schedule, longest = federated.theory_schedule(B, b, L, zeta), None
    if not aware:
        schedule, longest = schedule._replace(step=0.5 / L), federated.allowed(L / eps**2)
    return {"bvr": federated.bvr_rounds(problem, schedule, start, longest, rng=rng)}


@claim.experiment(
    [Axis("n", quick=[2**k * m for k in range(11, 15) for m in (2, 3)] + [2**16],
          full=[2**k for k in range(12, 21)], at={"B": 16, "P": 2}),
     Axis("B", quick=[4, 6, 8, 12, 16, 24, 32, 48, 64], at={"n": 2**14, "P": 2}),
     Axis("P", quick=[2, 4, 6, 8, 12, 16, 24, 32], at={"n": 2**18, "B": 16})],
    cases=[{"eps": 0.01, "zeta": 1e-3}], free={"sample": 0, "aware": 1}, cost="1/(B*P)",
    checks=[AtMost("bvr", SAMPLED, margin=0.12, fails=[
        Falsifier("a full gradient every time", "full", axis="n"),
        Falsifier("step that ignores the sampling", told={"aware": 0}, axis="n"),
        Falsifier("a sample that does not grow with B", told={"sample": 8}, axis="B",
                  points=[4, 6, 8, 12, 16, 24]),
        Falsifier("a sample that does not grow with P", told={"sample": 32}, axis="P")],
        # the rival n^1 is half an exponent away, B^(-1/2) and P^0 at least as much
        rivals={"full gradients": f"({LOCAL})*n/(B*P)", "local batches": LOCAL})],
    replicates={"quick": 32, "standard": 64, "full": 128},
    real=[*claim.real, "a full gradient every n/(B P) rounds, at the price of n/(B P) rounds"],
)  # fmt: skip
def sampled_global_gradient(problem, n, B, P, eps, zeta, L, b, sample, aware, *, replicates, rng):
    """More components than a round can see, sqrt(n) L/(B P): B P of them are in its difference.

    (Or ``sample`` of them.) A full gradient comes as often as that many rounds pay for it.
    """
    federated, start = lab.finite_sums.federated, problem.start(replicates=replicates, rng=rng)
    every, seen = federated.theory_schedule(B, b, L, zeta), min(n, sample or B * P)
    period, K = max(1, round(n / seen)), every.steps
    shared = seen if period > 1 else 0
    step = federated.theory_step(L, zeta, K, b, components=n, sample=aware * shared)
    schedule = federated.Schedule(K, b, step, period, period, shared)
    longest = federated.allowed(2 / (K * step * eps**2) + n / seen)
    rounds = federated.bvr_rounds(problem, schedule, start, longest, rng=rng)
    full = federated.bvr_rounds(problem, every, start, rng=rng)
    return {"bvr": rounds, "full": max(1, round(n / (B * P))) * full}
