"""Variance-reduced Langevin samplers save a factor sqrt(n) of component gradients."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Faster, Rate, Without, lab

# A snapshot costs n gradients and every other step 2 B: 3 sqrt(n) - 2 a step if B = m = sqrt(n).
CHARGE = "3*sqrt(n) - 2"

claim = Claim(
    title="SVRG-LD and SARAH-LD sample with sqrt(n)/eps gradients instead of n/eps",
    source="Kinoshita & Suzuki, NeurIPS 2022, Theorems 1-2, Corollaries 1.1-2.1 (arXiv:2203.16217)",
    statement=r"""
        \eta = \frac{\alpha}{16 \sqrt 6 L^2 \sqrt n \gamma} \wedge
        \frac{3 \alpha \varepsilon}{448 d L^2 \gamma}, \; B = m = \sqrt n: \quad
        \mathrm{KL}(\rho_k \,\|\, \nu) \le \varepsilon \;\text{ after }\; \tilde O \Bigl( \Bigl(
        n + \frac{d \sqrt n}{\varepsilon} \Bigr) \frac{\gamma^2 L^2}{\alpha^2} \Bigr)
        \;\text{ component gradients}
    """,
    symbols={"n": "number of components of F = (1/n) sum f_i", "eps": "accuracy in KL divergence",
             "B": "size of a minibatch", "m": "steps between two snapshots", "d": "dimension",
             "gamma": "inverse temperature: the target is proportional to exp(-gamma F)",
             "alpha": "log-Sobolev constant of the target", "L": "smoothness of every component"},
    free={"a": 0.6, "b": 1.5, "c": 8.0, "gamma": 2.0},
    real=["the Markov chains and the exact law of their iterates (no Monte Carlo)",
          "a target that is not log-concave, components that are not convex, differ in curvature",
          "the law of minibatches without replacement"],
    proxied=["dimension 1", "the prefactors of the step: a and b in place of the theorem's",
             "a batch's mean sign, hypergeometric, by a Gauss rule with its first 17 moments",
             "whole snapshots by snapshots spread evenly over their epoch"],
    not_shown=["the factors d and gamma^2 L^2 / alpha^2", "the step's own constants, of order 1e-5",
               "that the bound is tight in eps: the chain's bias is smaller than it allows"],
    ranges={"eps": "0.0005 <= eps <= 0.05", "inv_eps": "20 <= inv_eps <= 10000",
            "n": "n >= 16 and n == floor(n)"},
    history=["at the best step gradients were counted to the first KL <= eps, which jumps by whole "
             "epochs and was inconclusive; log KL is now interpolated between ends of epochs",
             "the stale snapshot ran to n = 1024, two fifths of its run, and survived: now to 576"],
)  # fmt: skip


@claim.problem
def double_well(n, c, gamma):
    """Curvatures differ by c; slopes by 4 sqrt(n), which a control variate cancels."""
    return lab.langevin.double_well.DoubleWell(n, c, gamma, slope=4 * n**0.5)


@claim.experiment(
    Axis("n", quick=[m**2 for m in (8, 12, 16, 24, 32, 48, 64)],
         full=[m**2 for m in (8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64)]),
    cases=[{"eps": 0.002}], data="exact",
    free={"c": [8.0, 4.0, 16.0], "gamma": [2.0, 1.0],
          "batch_power": 0.5, "epoch_power": 0.5, "epoch_scale": 1.0},
    checks=[
        AtMost("svrg", CHARGE, margin=0.08, rivals={"full gradients": "n"}, fails=[
            Without("a control variate", "sgld"),
            Falsifier("B = 1 < m", told={"batch_power": 0.0}),
            # milder c and gamma forgive a stale snapshot at the few n that it can be run at
            Falsifier("stale snapshot, m = n/4", told={"epoch_power": 1.0, "epoch_scale": 0.25},
                      points=[64, 100, 144, 256, 400, 576], when="c >= 8 and gamma >= 2")]),
        Faster("svrg", than="full_gradient", by=f"n/({CHARGE})", margin=0.08,
               fails=[Without("a control variate", "sgld")])],
    proxied=["dimension 1", *claim.proxied[2:], "whole epochs by fractions, log KL interpolated"],
)  # fmt: skip
def best_step(problem, n, eps, batch_power, epoch_power, epoch_scale):
    """Gradients until KL <= eps at the best step size of each method, found by a search."""
    sampler, best = lab.langevin.density, lab.search.best_cost
    batch, inner = max(1, round(n**batch_power)), max(1, round(epoch_scale * n**epoch_power))
    reduced = lab.finite_sums.snapshots.Snapshots(batch, inner)
    return {
        "svrg": best(lambda h: sampler.svrg_gradients(problem, h, eps, reduced, smooth=True), 0.4),
        "sgld": best(lambda h: sampler.sgld_gradients(problem, h, eps, round(n**0.5)), 0.4,
                     refinements=1),
        "full_gradient": best(lambda h: sampler.langevin_gradients(problem, h, eps), 0.4),
    }  # fmt: skip


@claim.experiment(
    Axis("n", quick=[m**2 for m in (8, 12, 16, 20, 24, 28, 32)]),
    cases=[{"eps": 0.01}], data="exact", free={"b": [1.5, 0.75], "c": [8.0, 4.0, 16.0]},
    checks=[
        Rate("svrg", CHARGE, margin=0.06, rivals={"full gradients": "n"}, fails=[
            Without("variance reduction: full gradients", "full_gradient"),
            Falsifier("step always at the cap", told={"a": 0.05})]),
        Faster("svrg", than="full_gradient", by=f"n/({CHARGE})", margin=0.08,
               fails=[Falsifier("step always at the cap", told={"a": 0.05})])],
)  # fmt: skip
def theory_step(problem, n, eps, a, b):
    """The corollary's step min(a/sqrt(n), b eps) where b eps rules: steps do not depend on n."""
    sampler = lab.langevin.density
    return {"svrg": sampler.svrg_gradients(problem, min(a / n**0.5, b * eps), eps),
            "full_gradient": sampler.langevin_gradients(problem, b * eps, eps)}  # fmt: skip


@claim.experiment(
    Axis("n", quick=[m**2 for m in (64, 96, 128, 192, 256)]), cases=[{"eps": 0.01}], data="exact",
    checks=[Rate("svrg", f"({CHARGE})/min(a/sqrt(n), b*eps)", margin=0.06, fails=[
        Without("the cap", "uncapped", when="a/sqrt(4096) < b*eps")], rivals={"uncapped": CHARGE})],
)  # fmt: skip
def capped_step(problem, n, eps, a, b):
    """Where a/sqrt(n) rules, the n of the theorem's bracket shows: n gradients in all."""
    gradients = lab.langevin.density.svrg_gradients
    return {"svrg": gradients(problem, min(a / n**0.5, b * eps), eps),
            "uncapped": gradients(problem, b * eps, eps)}  # fmt: skip


@claim.experiment(
    Axis.geometric("inv_eps", quick=(50, 1600), full=(50, 6400)),
    cases=[{"n": 256}], data="exact", free={"step_power": 1.0},
    # the rival is four margins away; KL(rho_0 || nu) = 3.41; eps^2 at 1600 needs too fine a grid
    checks=[AtMost(method, "inv_eps*log(2*3.41*inv_eps)", margin=0.25, fails=[
        Falsifier("step eps^2", told={"step_power": 2.0}, points=[50, 70, 100, 140, 200, 280])],
        rivals={"square": "inv_eps**2"}) for method in ("svrg", "full_gradient")],
)  # fmt: skip
def accuracy(problem, inv_eps, n, a, b, step_power):
    """The corollary's step at growing accuracy: (1/eps) log(2 KL(rho_0)/eps) gradients."""
    eps = 1 / inv_eps
    return theory_step(problem, n, eps, a, b * (50 * eps) ** (step_power - 1))


@claim.experiment(
    Axis("n", quick=[m**2 for m in (8, 10, 12, 16, 20)],
         full=[m**2 for m in (8, 12, 16, 20, 24, 28, 32)]),
    cases=[{"eps": 0.01}], free={"chains_by_eps": 120.0},
    checks=[Rate("sarah", CHARGE, margin=0.06, rivals={"full gradients": "n"}, fails=[
        Without("variance reduction: full gradients", "full_gradient"),
        Falsifier("step always at the cap", told={"a": 0.05})])],
    replicates={"quick": 16, "standard": 32, "full": 64}, cost="1",
    real=["SARAH-LD by real chains with the exact law of minibatches", "a non-log-concave target"],
    proxied=[*claim.proxied[:2], "KL divergence by that of a histogram of 24 bins, less its bias"],
)  # fmt: skip
def sarah(problem, n, eps, a, b, chains_by_eps, **draw):
    """SARAH-LD; a replicate is an ensemble of chains that keep the histogram's bias small."""
    root = lab.finite_sums.snapshots.Snapshots.square_root(n)
    steps = lab.langevin.sarah.sarah_steps(
        problem, min(a / root.batch, b * eps), eps, root,
        chains=round(chains_by_eps / eps), longest=5000, **draw)  # fmt: skip
    return {"sarah": root.charge(n) * steps, "full_gradient": n * steps}
