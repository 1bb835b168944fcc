"""A network that could be compressed generalises as if it were, though it is not."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Moved, Rate, Without, lab

claim = Claim(
    title="A compressible linear network pays (m/n)^((2a+b-1)/(2a+b)), a ReLU one no more",
    source="Suzuki, Abe & Nishimura, ICLR 2020 (arXiv:1909.11274), b = 1 or a = 0 (formulas of the "
    "talk, theorem number not verified); both at once by the same balance of rank and noise",
    statement=r"""Y = W X + \varepsilon,\; s_j(W) = j^{-a},\; \mu_j(\mathrm{Cov} X) = j^{-b}:
        \quad \mathbb{E} \| (\hat W - W) X \|^2 \asymp (m / n)^{(2a + b - 1) / (2a + b)}; \qquad
        \mathrm{gap} \le C \min_r ( r^{1 - b} + m r / n ) = O( (m / n)^{(b - 1) / b} )""",
    symbols={"n": "number of data", "m": "width", "a": "decay of the weights",
             "b": "decay of the covariance of what a layer reads", "decayed": "risk with weight "
             "decay", "full": "risk without weight decay", "gap": "test minus training error of "
             "ReLU networks, or 0", "rank": "directions that say all but 2 %"},
    ranges={"a": "0 <= a <= 3", "b": "1 <= b <= 3", "n": "n >= 16", "m": "8 <= m <= 512"},
    real=["ReLU networks, trained by Adam, of more weights than data", "linear: the exact risk"],
    proxied=["two-sided: a linear network of two layers, its global optimum, a whitened fixed "
             "design, the singular vectors of W and of the covariance the same; sigma told"],
    not_shown=["the talk's second term, logarithms, depth", "gaps as large as the bound: they fall "
               "faster", "decaying weights of ReLU networks: trained ones have a near 0.3"],
    unmoved={"m": "an axis"}, history=[
        "linear: after a trial, cases in which a, b move the exponent by twice the margin; 2a + b ="
        " 2 left (m bends); `full` for mutants; ratio 2, not 4: ranks are rounded (open seeds)",
        "ReLU: at b = 2 ranks grew like m^.5, isotropic inputs killed nothing, noise had m^(1-1/b);"
        " open seeds: pairs, n <= 192 at d = 320, a fourth grid, 2 % not 5, 96 for 32, gaps >= 0"],
)  # fmt: skip

RATE = "(m/n)**((2*a + b - 1)/(2*a + b))"
SOON = {"axis": "n", "points": [2**k for k in range(9, 14)]}
FEW = {"replicates": {"quick": 96, "standard": 128, "full": 256}, "block": 16}


@claim.problem
def spectrum(a, b):
    """Decay of the singular values of W Cov^(1/2)."""
    return a + b / 2


@claim.problem
def inputs(b, dimension, noise):
    return lab.regression.decaying.Decaying(b, dimension, bool(noise))


@claim.experiment(
    [Axis.geometric("n", quick=(512, 2**17), full=(512, 2**19), at={"m": 128}),
     Axis("m", [64, 96, 128, 192], full=[64, 96, 128, 192, 256], at={"n": 2**14})],
    cases=[{"a": 0.75, "b": 1}, {"a": 0.5, "b": 2}, {"a": 0, "b": 2.5}], **FEW,
    ranges={"a": "2*a + b >= 2.5", "n": "n >= 4*m"}, free={"sigma": 0.3}, problem=spectrum,
    checks=[
        Rate("decayed", RATE, margin=0.06, rivals={"full": "m**2/n"}, fails=[
            Moved("a", "a - 1/2", "weights that decay more slowly", when="a >= 1/2", **SOON),
            Moved("b", "0", "isotropic inputs", **SOON), Without("weight decay", "full"),
            Falsifier("one direction alone", quantity="one")]),
        Rate("full", "m**2/n", margin=0.1, fails=[Falsifier("weight decay", quantity="decayed")])],
)  # fmt: skip
def linear(problem, n, m, sigma, *, replicates, rng):
    """Risks of spectral rules on one observed map."""
    lib = lab.estimators.soft_spectrum
    seen = lib.observe(m, problem, n, sigma, replicates=replicates, rng=rng)
    decayed, full, one = seen.decayed(lib.edge(m, n, sigma)), seen.values, seen.truncated(1)
    return {"decayed": seen.risk(decayed), "full": seen.risk(full), "one": seen.risk(one)}


def trained(problem, n, m, batch, replicates, rng, ranked=False):
    """At each (n, m), networks of least training error: gap, and directions that count."""
    import torch

    lib, teachers = lab.networks.directions, problem.draw(replicates=replicates, rng=rng)
    (x, y), (fresh, labels) = (teachers.data(size, rng=rng) for size in (max(n), 1000))
    found = {"gap": [], "rank": []}
    for size, wide in zip(n, m, strict=True):
        at, own = x[:, :size], y[:, :size]
        net = lib.fitted(at, own, (wide, wide), batch=batch, rng=rng)
        error, training = (net(fresh) - labels).square(), (net(at) - own).square()
        found["gap"].append((error.mean(1) - training.mean(1)).clamp(min=0))
        found["rank"] += [lib.ranks(net, at, fresh, share=0.02)] if ranked else []
    return {name: torch.stack(each, 1) for name, each in found.items() if each}


@claim.experiment(
    Axis.geometric("n", quick=(24, 192), full=(24, 768)), cases=[{"b": 3}],
    free={"dimension": 320, "noise": 0, "m": 24}, data="trajectories", problem=inputs, **FEW,
    checks=[AtMost("gap", "(m/n)**((b - 1)/b)", margin=0.15, rivals={"no decay": "1"}, fails=[
        Moved("b", "0", "isotropic inputs")])],
)  # fmt: skip
def relu(problem, n, m, **draw):
    """Networks of one width on growing data."""
    return trained(problem, n, [m] * len(n), 32, **draw)


@claim.experiment(
    Axis("m", [20, 32, 50, 80], full=[20, 32, 50, 80, 128]), cases=[{"b": 3}],
    free={"dimension": 32, "noise": 0, "n": 512}, data="trajectories", problem=inputs, **FEW,
    checks=[AtMost("gap", "1", margin=0.25, rivals={"m": "m"}, fails=[Moved("noise", 1, "noise")]),
            AtMost("rank", "1", margin=0.5, rivals={"m": "m"}, fails=[Moved("b", 0, "no decay")])],
)  # fmt: skip
def width(problem, n, m, **draw):
    """Networks of growing width: sharper than the bound, which grows like m^((b - 1)/b)."""
    return trained(problem, [n] * len(m), m, 64, ranked=True, **draw)
