"""BVR-L-SGD: rounds governed by the heterogeneity of Hessians instead of smoothness."""

from ratecheck import Above, AtMost, Axis, Below, Claim, Falsifier, Moved, Rate, Without, lab

claim = Claim(
    title="BVR-L-SGD gets by with O(zeta/eps^2) rounds, minibatch SGD with O(L/eps^2)",
    source="Murata & Suzuki, ICML 2021, Table 1 (arXiv:2102.03198), as on the talk's slide",
    statement=r"""\mathbb{E} \| \nabla f \|^2 \le \varepsilon^2 \text{ after } O \Bigl(
        \frac{\zeta}{\varepsilon^2} + \frac{L}{\sqrt B \, \varepsilon^2} + \frac{\sqrt n \, L}{B P
        \varepsilon^2} + \frac{n}{B P} \Bigr) \text{ rounds}, \text{ minibatch SGD: }
        O \Bigl( \frac{L}{\varepsilon^2} + \frac{\sigma^2 L}{B P \varepsilon^4} \Bigr)""",
    symbols={"eps": "goal for |grad f|", "inv_eps": "1/eps", "zeta": "how far a worker's Hessian "
             "is off the mean", "inv_zeta": "1/zeta", "L": "smoothness", "P": "workers",
             "n": "all components", "B": "gradients of a worker in a round: K steps of B/K",
             "sigma": "noise", "skew": "share of a worker's loss in its own class, as zeta",
             "bvr": "rounds of BVR-L-SGD", "sgd": "rounds of minibatch SGD", "minibatch": "rounds "
             "with full gradients", "local": "rounds of Local SGD", "bvr_share": "rounds of "
             "BVR-L-SGD over minibatch SGD's", "local_share": "those of Local SGD over them"},
    free={"L": [1.0, 0.5], "spread": 1.0, "share": 1.0, "power": 1.0, "sigma": 16.0},
    real=["each method at its best of a grid of steps, numbers of local steps and periods",
          "E |grad f|^2, by second moments, not samples", "full gradients, with their price"],
    proxied=["a quadratic f of all scales of curvature; workers and components are not convex",
             "Hessians that commute, but for zeta's term; batches with replacement"],
    not_shown=["optimality; n/(B P); B at sqrt(n); its step; exponents of Local SGD, networks"],
    unmoved={"P": "an axis moves it", "inv_eps": "the goal", "n": "spread moves what it is for"},
    history=["after slopes: small curvatures (SGD bent at 2^11); B from n to 2^14, not 2^18; "
             "ridge, 32 data, skew to .8 (below .5 Local SGD won), hard start; replicates by 2; n "
             "of equal components; shares; turned (L to L/20: -.77 by log(L/zeta), so from L/8)"],
)  # fmt: skip


@claim.problem
def dial(L, P, spread, share, power, inv_zeta, sigma):
    return lab.finite_sums.quadratics.Quadratics(share * inv_zeta**-power, L, P, spread, sigma)


@claim.problem
def labels(inv_skew, share, *, replicates, rng):
    return lab.finite_sums.clients.clients(share / inv_skew, replicates=replicates, rng=rng)


def term(kind, rate, axis, rival, *fails, of="bvr"):
    """A term of the table along one axis; the nearest rival is half a power or more away."""
    named = {"name": f"{of}-{axis}", "axis": axis, "rivals": {"another power": rival}}
    return kind(of, rate, margin=0.2, fails=fails, **named)


ALIKE, QUIET = Moved("share", 0, "workers that are alike"), Moved("sigma", 0, "no gradient noise")


@claim.experiment(
    Axis("inv_zeta", [1.1 * 2 ** (k / 2) for k in range(6, 17)]), free={"inv_eps": 2**9, "P": 4},
    data="times", replicates=64, problem=dial, ranges={"P": "P == 2*floor(P/2)"}, checks=[
        term(AtMost, "1/inv_zeta", "inv_zeta", "1/sqrt(inv_zeta)", ALIKE,
             Moved("power", 0.5, "sqrt(zeta)"), Without("correction", "local"))])  # fmt: skip
def heterogeneity(problem, inv_eps, *, replicates, rng):
    """Hessians turned at random; B to infinity. Local SGD with K = 1 is minibatch SGD."""
    return lab.finite_sums.turned.fewest_rounds(problem, 1 / inv_eps, replicates, rng)


@claim.experiment(
    [Axis.geometric("inv_eps", (2**8, 2**12), at={"inv_zeta": 8, "B": 2**14, "P": 4, "n": 2**16}),
     Axis.geometric("B", (2**8, 2**14), at={"inv_eps": 2**10, "P": 4, "n": 2**8}),
     Axis.geometric("n", (2**10, 2**17), at={"inv_eps": 2**10, "B": 16, "P": 4}),
     Axis.geometric("P", (2, 32), at={"inv_eps": 2**10, "B": 16, "n": 2**18})],
    data="times", replicates=64, problem=dial, ranges={"P": "P == 2*floor(P/2)"},
    free={"inv_zeta": 1e6, "period": -1, "charged": 1, "alone": 0}, checks=[
        term(AtMost, "inv_eps**2", "inv_eps", "inv_eps**3", Without("variance reduction", "sgd")),
        term(Rate, "1/sqrt(B)", "B", "1/B", Moved("inv_zeta", 4, "workers that differ by 1/4"),
             Moved("spread", 0, "equal components", points=[2**k for k in range(6, 11)]),
             Without("local steps", "minibatch")),
        term(Rate, "sqrt(n)", "n", "n",
             Falsifier("a full gradient in every round", told={"period": 0}),
             Falsifier("full gradients that cost nothing", told={"charged": 0}),
             Falsifier("stale snapshots, 2^14 rounds old", told={"period": 2**14}),
             Moved("spread", 0, "equal components", points=[2**k for k in range(11, 17)])),
        term(Rate, "1/P", "P", "1/sqrt(P)", Falsifier("one worker's sample", told={"alone": 1})),
        term(AtMost, "inv_eps**2", "inv_eps", "inv_eps**4", Without("full gradients", "sgd"),
             of="minibatch"),
        term(Rate, "inv_eps**4", "inv_eps", "inv_eps**3", QUIET, of="sgd"),
        *[term(Rate, f"1/{x}", x, f"1/sqrt({x})", QUIET, of="sgd") for x in "BP"]])  # fmt: skip
def terms(problem, inv_eps, B, P, n, period, charged, alone, *, replicates, rng):
    """Rounds, each term where it rules: B and n at zeta ~ 0. Periods are searched unless told."""
    lib, start = lab.finite_sums.federated, problem.start(replicates=replicates, rng=rng)
    known = {"budget": B, "full": charged * n / (B * P), "seen": B if alone else B * P,
             "sampled": (0, *lib.doublings(2**14)) if period < 0 else (period,)}  # fmt: skip
    best, at = lib.fewest_rounds, (problem, start, 1 / inv_eps)
    return {"bvr": best(lib.bvr_sgd, *at, lib.doublings(B)[::2], **known), "minibatch":
            best(lib.local_sgd, *at), "sgd": best(lib.minibatch_sgd, *at, batch=B * P)}  # fmt: skip


@claim.experiment(
    Axis("inv_skew", [1.25, 1.5, 1.75, 2]), ranges={"inv_skew": "1 <= inv_skew <= 2"},
    real=["a tanh network, data with skewed labels: each run, until it stays at |grad f| <= 0.03"],
    proxied=["full local gradients: B to infinity", "runs that do not arrive, by their budget"],
    checks=[Below("bvr_share", "1", fails=[Without("correction", "local_share")]),
            Above("local_share", "1", fails=[ALIKE])], problem=labels, replicates=128)  # fmt: skip
def networks(problem, *, replicates, rng):
    """Shares of minibatch SGD's rounds. K = 4 and 2; at most 1.5 times as long, run by run."""
    return lab.finite_sums.clients.contrast(problem, 0.03, {"bvr": 4, "local": 2}, 1.5, rng)
