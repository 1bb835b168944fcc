"""Langevin dynamics with snapshots saves a factor sqrt(n) of component gradients."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Faster, Rate, Without, lab

claim = Claim(
    title="SVRG-LD samples with sqrt(n)/eps gradients instead of n/eps",
    source="Kinoshita & Suzuki, NeurIPS 2022, Theorem 1, Corollary 1.1 (arXiv:2203.16217)",
    statement=r"""\eta = \frac{\alpha}{16 \sqrt 6 L^2 \sqrt n \gamma} \wedge
        \frac{3 \alpha \varepsilon}{448 d L^2 \gamma}, \; B = m = \sqrt n: \quad
        \mathrm{KL}(\rho_k \,\|\, \nu) \le \varepsilon \;\text{ after }\; \tilde O \Bigl( \Bigl( n +
        \frac{d \sqrt n}{\varepsilon} \Bigr) \frac{\gamma^2 L^2}{\alpha^2} \Bigr)
        \text{ gradients}""",
    symbols={"n": "number of components of F = (1/n) sum f_i", "eps": "accuracy in KL divergence",
             "B": "size of a minibatch", "m": "steps between two snapshots", "d": "dimension",
             "gamma": "inverse temperature: the target is proportional to exp(-gamma F)",
             "alpha": "log-Sobolev constant of the target", "L": "smoothness of every component",
             "rho_k": "law after k steps", "nu": "the target",
             "svrg": "component gradients until KL <= eps",
             "full_gradient": "component gradients of Langevin dynamics"},
    free={"a": 0.6, "b": 1.5, "c": [8.0, 4.0, 16.0], "gamma": [2.0, 1.0]},
    real=["the Markov chain; its law is exact",
          "a target that is not log-concave, components that are not convex, differ in curvature",
          "the law of minibatches without replacement"],
    proxied=["dimension 1 (sarah_langevin has more)", "the step's prefactors by a and b",
             "a batch's mean sign by a Gauss rule with its first 17 moments",
             "snapshots spread evenly over their epoch; log KL interpolated between snapshots"],
    not_shown=["the factor gamma^2 L^2 / alpha^2", "the step's own constants, of order 1e-5",
               "that the bound is tight in eps and d: the bias is smaller than it allows",
               "by theory_step, more than that its rule arrives: the rule has the exponents"],
    ranges={"eps": "0.0001 <= eps <= 0.05", "n": "n >= 16 and n == floor(n)"},
    unmoved={"eps": "the goal"},
    history=["gradients were counted to the first KL <= eps, a jump by epochs; now interpolated",
             "the stale snapshot ran to n = 1024, two fifths of its run, and survived: now to 576",
             "until 2026-11-29 a check of gradients to 5 eps, where the step is a/sqrt(n): their "
             "exponent was that of the rule, and nothing else was seen"],
)  # fmt: skip

# A snapshot costs n gradients and every other step 2 B: 3 sqrt(n) - 2 a step if B = m = sqrt(n).
CHARGE = "3*sqrt(n) - 2"
SGLD = Falsifier("no control variate", told={"variates": 0}, points=[64, 100, 144, 196, 256])


@claim.problem
def double_well(n, c, gamma):
    """Curvatures differ by c; slopes by 4 sqrt(n), which a control variate cancels."""
    return lab.langevin.double_well.DoubleWell(n, c, gamma, slope=4 * n**0.5)


# Margins in n: at most a sixth of what is between sqrt(n) and n, the nearest rival.
@claim.experiment(
    Axis("n", quick=[m**2 for m in (8, 12, 16, 24, 32, 48, 64)],
         full=[m**2 for m in (8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64)]),
    cases=[{"eps": 0.002}], data="exact",
    free={"variates": 1, "batch_power": 0.5, "epoch_power": 0.5, "epoch_scale": 1.0},
    checks=[
        AtMost("svrg", CHARGE, margin=0.08, rivals={"full gradients": "n"}, fails=[
            SGLD, Falsifier("B = 1 < m", told={"batch_power": 0}, points=[64, 100, 144, 256, 400]),
            # milder c and gamma forgive a stale snapshot at the few n that it can be run at
            Falsifier("stale snapshot, m = n/4", told={"epoch_power": 1.0, "epoch_scale": 0.25},
                      points=[64, 100, 144, 256, 400, 576], when="c >= 8 and gamma >= 2")]),
        Faster("svrg", than="full_gradient", by=f"n/({CHARGE})", margin=0.08, fails=[SGLD])],
)  # fmt: skip
def best_step(problem, n, eps, variates, batch_power, epoch_power, epoch_scale):
    """Gradients until KL <= eps at the best step size of each method, found by a search."""
    sampler, best = lab.langevin.density, lab.search.best_cost
    batch, inner = max(1, round(n**batch_power)), max(1, round(epoch_scale * n**epoch_power))
    reduced, full = lab.finite_sums.snapshots.Snapshots(batch, inner), sampler.langevin_gradients
    cost = sampler.svrg_gradients if variates else sampler.sgld_gradients
    return {"svrg": best(lambda h: cost(problem, h, eps, reduced), 0.4),
            "full_gradient": best(lambda h: full(problem, h, eps), 0.4)}  # fmt: skip


@claim.experiment(
    [Axis("n", [m**2 for m in (8, 12, 16, 20, 24, 28, 32)], at={"eps": 0.01}),
     Axis("eps", [0.01 / 2**k for k in range(6)], at={"n": 256})],
    data="exact", free={"power": 1.0},
    checks=[
        Rate("svrg", CHARGE, axis="n", margin=0.06, rivals={"full gradients": "n"}, fails=[
            Without("variance reduction", "full_gradient"), Without("b eps", "by_n")]),
        # the rival is four margins away; KL(rho_0 || nu) = 3.41
        AtMost("svrg", "log(2*3.41/eps)/eps", axis="eps", margin=0.25, name="svrg-eps",
               rivals={"eps^-2": "1/eps**2"}, fails=[Falsifier("step eps^2", told={"power": 2.0},
               points=[0.01, 0.007, 0.005, 0.0035, 0.0025])])],
)  # fmt: skip
def theory_step(problem, n, eps, a, b, power):
    """The corollary's step, of a/sqrt(n) and b eps the smaller."""
    lib, cap, step = lab.langevin.density, a / n**0.5, b * (50 * eps) ** power / 50
    svrg = lib.svrg_gradients
    return {"svrg": svrg(problem, min(cap, step), eps), "by_n": svrg(problem, cap / 10, eps),
            "full_gradient": lib.langevin_gradients(problem, step, eps)}  # fmt: skip
