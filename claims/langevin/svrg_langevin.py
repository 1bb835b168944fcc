"""Variance-reduced Langevin samplers save a factor sqrt(n) of component gradients."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Faster, Rate, lab

claim = Claim(
    title="SVRG-LD and SARAH-LD sample with sqrt(n)/eps gradients instead of n/eps",
    source="Kinoshita & Suzuki, NeurIPS 2022, Theorems 1-2 and Corollaries 1.1-2.1 "
    "(arXiv:2203.16217)",
    statement=r"""
        \eta = \frac{\alpha}{16 \sqrt 6 L^2 \sqrt n \gamma} \wedge
        \frac{3 \alpha \varepsilon}{448 d L^2 \gamma}, \; B = m = \sqrt n: \qquad
        \mathrm{KL}(\rho_k \,\|\, \nu) \le \varepsilon \;\text{ after }\;
        \tilde O \Bigl( \Bigl( n + \frac{d \sqrt n}{\varepsilon} \Bigr)
        \frac{\gamma^2 L^2}{\alpha^2} \Bigr) \;\text{ component gradients}
    """,
    symbols={
        "n": "number of components of F = (1/n) sum f_i",
        "eps": "accuracy in KL divergence",
        "B": "size of a minibatch",
        "m": "steps between two snapshots",
        "gamma": "inverse temperature: the target is proportional to exp(-gamma F)",
        "alpha": "log-Sobolev constant of the target",
        "L": "smoothness of every component",
        "d": "dimension",
    },
    not_shown=[
        "the factors d and gamma^2 L^2 / alpha^2",
        "that the bound is tight in eps: the bias of the chain is smaller than the theorem allows",
        "the theorem's own constants in the step (of order 1e-5): only its scaling is used",
    ],
)

# Squares of even numbers: sqrt(n) is whole and half of the components have each sign.
WIDE = [m**2 for m in (8, 12, 16, 24, 32, 48, 64)]
DENSE = [m**2 for m in (8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64)]
STALE = [m**2 for m in (8, 10, 12, 16, 20, 24)]
UNCAPPED = [m**2 for m in (8, 12, 16, 20, 24, 28, 32)]
CAPPED = [m**2 for m in (64, 96, 128, 192, 256)]

# At 1/eps = 1600 a step of eps^2 would need a grid of two thousand points for each snapshot.
COARSE = [50, 70, 100, 140, 200, 280]

# A snapshot costs n gradients, every other step 2 B; with B = m = sqrt(n) that is 3 sqrt(n) - 2 a
# step once a snapshot is spread over its epoch. Full gradients cost n a step by definition, so that
# their exponent is no check of its own, only the other side of the speed-up.
CHARGE = "3*sqrt(n) - 2"

REAL = [
    "the Markov chains and the exact law of their iterates (no Monte Carlo)",
    "a target that is not log-concave, components that are not convex and differ in curvature",
    "the law of minibatches without replacement",
]
PROXIED = [
    "dimension 1",
    "the prefactors of the step: a = 0.6 and b = 1.5 in place of the theorem's",
    "the hypergeometric law of a batch's mean sign by a Gauss rule with its first 17 moments",
    "whole snapshots by snapshots spread evenly over their epoch",
]


def snapshots(batch, inner):
    return lab.finite_sums.snapshots.Snapshots(batch, inner)


def double_well(n, c, gamma, slope=0.0):
    return lab.langevin.double_well.DoubleWell(n, c, gamma, slope)


# What was changed after slopes had been seen:
# - Gradients were first counted up to the first hit of KL <= eps. Right after a snapshot KL dips,
#   so that the count jumps by whole epochs (there are four of them at n = 4096). The verdicts were
#   then INCONCLUSIVE: svrg 0.54 in [0.40, 0.75], speed-up 0.46 in [0.25, 0.60]. A finer search for
#   the step did not change that; now log KL is interpolated between the ends of epochs.
# - The stale snapshot ran up to n = 1024, where n/4 steps are two fifths of its run; it survived
#   by first hits, 0.64 in [0.07, 1.18]. It now ends at n = 576, a quarter of its run.
# Margins, c, gamma and eps are those of the first run. Beyond n = 4096 fewer than four epochs
# remain at this eps, and the n of the theorem's bracket begins to rule: full effort is denser, not
# wider.
@claim.experiment(
    Axis("n", quick=WIDE, full=DENSE),
    cases=[{"eps": 0.002}],
    free={
        "c": [8.0, 4.0, 16.0],
        "gamma": [2.0, 1.0],
        "batch_power": 0.5,
        "epoch_power": 0.5,
        "epoch_scale": 1.0,
    },
    data="exact",
    checks=[
        AtMost(
            "svrg",
            CHARGE,
            margin=0.08,
            rivals={"full gradients": "n"},
            fails=[
                Falsifier("no control variate", quantity="sgld"),
                Falsifier("B = 1 < m", told={"batch_power": 0.0}),
                Falsifier(
                    "stale snapshot, m = n/4",
                    told={"epoch_power": 1.0, "epoch_scale": 0.25},
                    points=STALE,
                    when="c >= 8 and gamma >= 2",
                ),
            ],
        ),
        Faster(
            "svrg",
            than="full_gradient",
            by=f"n/({CHARGE})",
            margin=0.08,
            fails=[Falsifier("no control variate, in the speed-up", quantity="sgld")],
        ),
    ],
    real=REAL,
    proxied=[*PROXIED[:1], *PROXIED[2:], "whole epochs by fractions, log KL interpolated"],
)
def best_step(n, eps, c, gamma, batch_power, epoch_power, epoch_scale):
    """Gradients until KL <= eps at the best step size of each method, found by a search.

    SGLD runs on components that also differ in slope, by 4 sqrt(n): the theorem does not bound
    that, it cancels in SVRG-LD, and it is what a control variate is for.
    """
    langevin = lab.langevin.density
    root = round(n**0.5)
    batch = max(1, round(n**batch_power))
    inner = max(1, round(epoch_scale * n**epoch_power))
    well, reduced = double_well(n, c, gamma, slope=4 * n**0.5), snapshots(batch, inner)

    def svrg(step):
        return reduced.charge(n) * inner * langevin.svrg_epochs(well, step, eps, reduced)

    def sgld(step):
        return root * langevin.sgld_steps(well, step, eps, root)

    def full_gradient(step):
        return n * langevin.langevin_steps(well, step, eps)

    return {
        "svrg": lab.search.best_cost(svrg, 0.4),
        "sgld": lab.search.best_cost(sgld, 0.4, refinements=1),
        "full_gradient": lab.search.best_cost(full_gradient, 0.4),
    }


def svrg_gradients(step, n, eps, c, gamma):
    """Component gradients of SVRG-LD with B = m = sqrt(n) until KL <= eps."""
    root = round(n**0.5)
    reduced, well = snapshots(root, root), double_well(n, c, gamma)
    return reduced.charge(n) * lab.langevin.density.svrg_steps(well, step, eps, reduced)


def at_the_corollarys_step(n, eps, a, b, c, gamma):
    """Gradients of SVRG-LD and of full-gradient LD, whose step needs no cap."""
    return {
        "svrg": svrg_gradients(min(a / n**0.5, b * eps), n, eps, c, gamma),
        "full_gradient": n
        * lab.langevin.density.langevin_steps(double_well(n, c, gamma), b * eps, eps),
    }


@claim.experiment(
    Axis("n", quick=UNCAPPED),
    cases=[{"eps": 0.01}],
    free={"a": 0.6, "b": [1.5, 0.75], "c": [8.0, 4.0, 16.0], "gamma": 2.0},
    data="exact",
    checks=[
        Rate(
            "svrg",
            CHARGE,
            margin=0.06,
            rivals={"full gradients": "n"},
            fails=[
                Falsifier("full gradients", quantity="full_gradient"),
                Falsifier("step always at the cap", told={"a": 0.05}),
            ],
        ),
        Faster(
            "svrg",
            than="full_gradient",
            by=f"n/({CHARGE})",
            margin=0.08,
            fails=[Falsifier("step always at the cap, in the speed-up", told={"a": 0.05})],
        ),
    ],
    real=REAL,
    proxied=PROXIED,
)
def theory_step(n, eps, a, b, c, gamma):
    """The corollary's step min(a/sqrt(n), b eps) where b eps rules.

    The number of steps must then not depend on n: that is what B >= m buys.
    """
    return at_the_corollarys_step(n, eps, a, b, c, gamma)


@claim.experiment(
    Axis("n", quick=CAPPED),
    cases=[{"eps": 0.01}],
    free={"a": 0.6, "b": 1.5, "c": 8.0, "gamma": 2.0},
    data="exact",
    checks=[
        Rate(
            "svrg",
            f"({CHARGE})/min(a/sqrt(n), b*eps)",
            margin=0.06,
            rivals={"uncapped": CHARGE},
            fails=[Falsifier("no cap", quantity="uncapped", when="a/sqrt(4096) < b*eps")],
        )
    ],
    real=REAL,
    proxied=PROXIED,
)
def capped_step(n, eps, a, b, c, gamma):
    """Where a/sqrt(n) rules, the n of the theorem's bracket shows: n gradients in all."""
    return {
        "svrg": svrg_gradients(min(a / n**0.5, b * eps), n, eps, c, gamma),
        "uncapped": svrg_gradients(b * eps, n, eps, c, gamma),
    }


@claim.experiment(
    Axis.geometric("inv_eps", quick=(50, 1600), full=(50, 6400)),
    cases=[{"n": 256}],
    free={"a": 0.6, "b": 1.5, "c": 8.0, "gamma": 2.0, "step_power": 1.0},
    data="exact",
    checks=[
        AtMost(
            "svrg",
            "inv_eps*log(2*3.41*inv_eps)",
            margin=0.25,
            rivals={"square": "inv_eps**2"},
            fails=[Falsifier("step eps^2", told={"step_power": 2.0}, points=COARSE)],
        ),
        AtMost(
            "full_gradient",
            "inv_eps*log(2*3.41*inv_eps)",
            margin=0.25,
            rivals={"square": "inv_eps**2"},
            fails=[
                Falsifier("step eps^2, full gradients", told={"step_power": 2.0}, points=COARSE)
            ],
        ),
    ],
    real=REAL,
    proxied=PROXIED,
)
def accuracy(inv_eps, n, a, b, c, gamma, step_power):
    """The corollary's step at growing accuracy: (1/eps) log(2 KL(rho_0)/eps) gradients."""
    eps = 1 / inv_eps
    return at_the_corollarys_step(n, eps, a, b * (50 * eps) ** (step_power - 1), c, gamma)


@claim.experiment(
    Axis("n", quick=[m**2 for m in (8, 10, 12, 16, 20)], full=UNCAPPED),
    cases=[{"eps": 0.01}],
    free={"a": 0.6, "b": 1.5, "c": 8.0, "gamma": 2.0, "chains_by_eps": 120.0},
    checks=[
        Rate(
            "sarah",
            CHARGE,
            margin=0.06,
            rivals={"full gradients": "n"},
            fails=[
                Falsifier("full gradients", quantity="full_gradient"),
                Falsifier("step always at the cap", told={"a": 0.05}),
            ],
        )
    ],
    replicates={"quick": 16, "standard": 32, "full": 64},
    cost="1",
    real=["SARAH-LD by real chains with the exact law of minibatches", "a non-log-concave target"],
    proxied=[*PROXIED[:2], "KL divergence by that of a histogram of 24 bins, less its bias"],
)
def sarah(n, eps, a, b, c, gamma, chains_by_eps, *, replicates, rng):
    """SARAH-LD at the corollary's step; each replicate is an ensemble of independent chains.

    Their number grows like 1/eps: the bias of the histogram's divergence must stay below eps.
    """
    root = round(n**0.5)
    reduced = snapshots(root, root)
    steps = lab.langevin.sarah.sarah_steps(
        double_well(n, c, gamma), min(a / root, b * eps), eps, reduced,
        chains=round(chains_by_eps / eps),
        longest=5000, replicates=replicates, rng=rng,
    )  # fmt: skip
    return {"sarah": reduced.charge(n) * steps, "full_gradient": n * steps}
