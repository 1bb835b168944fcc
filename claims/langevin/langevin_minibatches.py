"""Five bounds on the gradients of Langevin samplers with minibatches, at the best step."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Flat, Moved, Rate, Without, lab

claim = Claim(
    title="With snapshots Langevin samplers need sqrt(n) gradients, not n; in eps one row is sharp",
    source="Kinoshita & Suzuki, NeurIPS 2022 (arXiv:2203.16217), Corollary 1.1 (R8) and the table, "
    "as on the talk's slide; R4 to R7: Zou et al., 2018-2021 (numbers not verified; R4 inferred)",
    statement=r"""\text{gradients } \nabla f_i \text{ to } \varepsilon: \quad n + \sqrt{n d} /
        \varepsilon \; (W_2, \text{R4}), \quad n + n^{3/4} / \varepsilon^2 + n^{1/2} /
        \varepsilon^4 \; (W_2, \text{R5}), \quad \varepsilon^{-2} \; (\mathrm{TV}, \text{R6}), \quad
        n + \sqrt n / \varepsilon^2 \; (W_2, \text{R7}), \quad n + d \sqrt n / \varepsilon \;
        (\mathrm{KL}, \text{R8})""",
    symbols={"n": "components of F = (1/n) sum f_i", "d": "dimension", "inv_eps": "1/eps",
             "R4": "SVRG-LD, strongly log-concave: sharp here in eps, d and, by its price, n",
             "R5": "SVRG-LD, dissipative: an upper bound, by R4", "R6": "SGLD, warm start: only an "
             "upper bound in eps here", "R7": "SRVR-HMC, dissipative: sharp here in n, an upper "
             "bound in eps", "R8": "SVRG-LD, log-Sobolev: sharp here in n, an upper bound in eps "
             "and d", "w2": "gradients until W2 is eps", "kl": "gradients until KL is eps",
             "tv": "gradients until TV is eps", "hmc": "gradients of SRVR-HMC until W2 is eps",
             "w2-left": "what R4's step leaves in W2, over eps", "kl-left": "what R8's step leaves "
             "in KL, over eps", "more": "nature has n^more, d^wide"},
    ranges={"d": "d >= 2", "inv_eps": "inv_eps >= 8", "n": "n >= 16 and n == floor(n)"},
    free={"c": 4.0, "excess": 0.0, "exact": 0, "more": 1, "wide": 1},
    real=["the samplers' exact first two moments in d dimensions, at the best of all steps",
          "components that are not convex; all coordinates see the same minibatches"],
    proxied=["quadratics, KL, W2 and TV of Gaussians with the chain's moments; epochs of sqrt(n)"],
    not_shown=["e^(O(d)) of R5, R6 and R7: barriers that cost it are out of any machine's reach",
               "that R6 to R8 are loose: for Hessians that are not Lipschitz they may be sharp",
               "R8 in the term n and with SARAH (sarah_langevin); better batches than sqrt(n)"],
    history=["prototypes had been seen; grids, n, 1/eps moved as R4, R8, R4-n were undecided; so "
             "were R8 at c = 2, R7 with batches of one, two falsifiers along d: they are left out"],
)  # fmt: skip


@claim.problem
def balanced(d, wide, n, more, c, slopes):
    """Curvatures 1, 2 and 4, by which components differ by c."""
    return lab.langevin.balanced.Balanced(round(n**more), round(d**wide), c, 4 * slopes * n**0.5)


HOT = Falsifier("noise off", told={"excess": 1}, axis="inv_eps", points=[8, 16, 32, 64, 128])
HOTTER = Falsifier("noise off, as d grows", told={"excess": 1}, axis="d", points=[3, 6, 12, 24, 48])
EXACT = Falsifier("no bias: an exact step", told={"exact": 1}, axis="inv_eps")
BOLD = Falsifier("the root of that step", told={"power": 0.5})
WIDE = Moved("wide", 1.25, "more coordinates than are told", axis="d")
EPS = Axis.geometric("inv_eps", (2**7, 2**12), full=(2**7, 2**14), at={"d": 48})
D = Axis("d", [6 * 2**k for k in range(5)], at={"inv_eps": 1600})


# Margins: a fifth of what is between exponents of 1/2, 1 and 2. Logarithms: of the start over eps.
@claim.experiment(
    [EPS, D], data="exact", free={"n": 2**10, "slopes": 1, "power": 1.0},
    checks=[
        Rate("w2", "sqrt(d)*inv_eps*log(0.83*sqrt(d)*inv_eps)", margin=0.1, name="R4",
             rivals={"the root": "sqrt(inv_eps*sqrt(d))"}, fails=[HOT, WIDE, EXACT]),
        AtMost("kl", "d*inv_eps*log(0.65*d*inv_eps)", margin=0.1, name="R8", fails=[HOT, HOTTER]),
        Flat("w2-left", margin=0.1, name="R4-slack", fails=[HOT, BOLD]),
        Rate("kl-left", "1/(inv_eps*d)", margin=0.1, name="R8-slack", rivals={"sharp": "1"},
             fails=[HOT, BOLD, WIDE])])  # fmt: skip
def snapshots(problem, d, inv_eps, power, exact, excess):
    """SVRG-LD: the best step, and what is left at the steps eps/sqrt(d) and eps/d of theorems."""
    of, noise = lab.langevin.balanced, {"exact": exact, "excess": excess}
    rules = {"w2": 1 / (inv_eps * d**0.5), "kl": 1 / (inv_eps * d)}
    aims = {name: (problem, of.svrg, getattr(of, name)) for name in rules}
    best = {name: of.gradients(*aim, 1 / inv_eps, **noise) for name, aim in aims.items()}
    return best | {f"{name}-left": inv_eps * of.stationary(*aim, rules[name] ** power, **noise)
                   for name, aim in aims.items()}  # fmt: skip


@claim.experiment(
    EPS, cases=[{"d": 48}], data="exact", free={"n": 2**10, "slopes": 1 / 64},
    checks=[AtMost("tv", "inv_eps**2*log(inv_eps)", margin=0.1, name="R6", fails=[HOT]),
            AtMost("w2", "inv_eps**2*log(inv_eps)", margin=0.1, name="R7", fails=[HOT])],
)  # fmt: skip
def others(problem, inv_eps, excess):
    """SGLD, until TV is eps and where all curvatures are 1, and SRVR-HMC; batches of sqrt(n)."""
    of = lab.langevin.balanced
    aims = {"tv": (problem.alike(), of.stochastic, of.tv), "w2": (problem, of.underdamped, of.w2)}
    return {name: of.gradients(*aim, 1 / inv_eps, excess=excess) for name, aim in aims.items()}


CHARGE = {"formula": "3*sqrt(n) - 2", "margin": 0.1, "rivals": {"full gradients": "n"}}  # a step
MORE = Moved("more", 1.5, "more components than are told")
ONE = Falsifier("batches of one", told={"batches": 0}, points=[2**k for k in range(14, 19)])


@claim.experiment(
    Axis("n", [m**2 for m in (16, 24, 32, 48, 64, 96, 128)]), cases=[{"d": 48}], data="exact",
    free={"slopes": 1, "batches": 0.5},
    checks=[Rate("w2", **CHARGE, name="R4-n", fails=[MORE, ONE, Without("snapshots", "sgld")]),
            Rate("hmc", **CHARGE, name="R7-n", fails=[MORE]),
            Rate("kl", **CHARGE, name="R8-n", fails=[MORE, ONE])])  # fmt: skip
def components(problem, n, batches):
    """Gradients at the best step until W2 is 0.002, or KL 0.00001."""
    of, lib = lab.langevin.balanced, lab.finite_sums.snapshots
    plan = lib.Snapshots(round(n**batches), round(n**0.5))
    aims = {"w2": (of.svrg, of.w2, 2e-3), "hmc": (of.underdamped, of.w2, 2e-3),
            "kl": (of.svrg, of.kl, 1e-5), "sgld": (of.stochastic, of.w2, 2e-3)}  # fmt: skip
    return {name: of.gradients(problem, *aim, plan=plan) for name, aim in aims.items()}
