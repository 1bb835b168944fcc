"""Trained deep networks learn functions with a jump at the rate of their smooth pieces."""

from ratecheck import AtMost, Axis, Below, Claim, Falsifier, Moved, lab

claim = Claim(
    title="Networks that are trained across a jump keep the rate n^(-2s/(2s+1)) of its pieces",
    source="Imaizumi & Fukumizu, AISTATS 2019, Theorems 1 and 3 (arXiv:1802.04474), numbers not "
    "verified",
    statement=r"""
        f = f_1 1_{x < c} + f_2 1_{x \ge c},\; f_m \in C^s: \qquad
        \mathbb{E} \| \hat f_{\mathrm{deep}} - f \|_{L_2}^2 \lesssim n^{-2s/(2s+1)}, \qquad
        \inf_{\hat f \;\mathrm{linear}} \sup_f \mathbb{E} \| \hat f - f \|_{L_2}^2
        \gtrsim n^{-1/2}
    """,
    symbols={"n": "number of data", "s": "smoothness of the pieces",
             "sigma": "standard deviation of the noise",
             "network": "risk of the trained network", "amplitude": "size of the pieces"},
    free={"sigma": [0.3, 0.15, 0.6], "jump": 1.0, "amplitude": [1.0, 2.0], "passes": [256, 512]},
    real=["ReLU networks trained by Adam from random weights", "pieces of smoothness exactly s"],
    proxied=["least squares over sparse networks by training and early stopping on held-out data"],
    not_shown=["linear estimators, which piecewise_smooth has; the sparsity and the logarithms of "
               "the theorem's network; the lower bound for networks"],
    ranges={"s": "3/4 <= s <= 3"},  # below, the two rates come within the margin
    history=[
        "1000 steps at every n drew the jump as a ramp (slope -0.49), so steps grow with the data; "
        "width, rate and batch were set by cost at equal risk",
        "until November 2026 the pieces ended at frequency 64, the network was asked for s = 1 on "
        "pieces of smoothness 3, and no check saw s: now they have 256 frequencies and the s that "
        "is claimed. That nature moves to s = 1/4 was chosen after a scan on other seeds: at s/2 "
        "networks still have slope -0.60 where -2/3 is claimed",
        "after a run with 48 replicates and margin 0.12 at s = 2: 96 replicates, and the margin by "
        "the same rule as at s = 1; its advantage over linear estimators, 0.17 [0.08, 0.26] and "
        "0.21 [0.09, 0.32], was undecided and is asked of least squares",
        "the rougher pieces are judged on 90..720, later on 45..360: cheap",
        "until 2026-11-29 amplitude 1/2, minibatches of 128 and a grid from 180: the jump had "
        "most of the risk, and five of eight mistakes were not seen. Blocks of 16 and 32 on other "
        "seeds, at amplitudes 1, 2, 4: pieces have 2/3 of the risk at s = 1 and amplitude 1 "
        "(slopes -0.67 and -0.85 for s = 1 and 2); at 2 slopes came within the margin (-0.61 and "
        "-0.69). Minibatches of 32 take four times the steps in twice the time. The bound on the "
        "risk was written then, when networks had 2.7 times the risk of the oracle at s = 1 and "
        "6.5 times at s = 2. At 96 replicates one seed of three left s = 1 undecided: 192"],
)  # fmt: skip

SERIES, STUCK = "n**(-2*s/(2*s + 1))", {"linear": "n**(-1/2)"}
# Who knows the jump and estimates the first (a^2 n/sigma^2)^(1/(2s+1)) cosines of the pieces has
# risk (1 + 1/(2s)) (sigma^2/n)^(2s/(2s+1)) a^(2/(2s+1)). The bound is half-way, in logarithms,
# between this at the s that is claimed and at s = 1/4, to which nature is moved.
HALF_WAY = (
    "sqrt(3*(1 + 1/(2*s))*(sigma**2/n)**(1/3 + 2*s/(2*s + 1))*amplitude**(4/3 + 2/(2*s + 1)))"
)
ROUGHER = Moved("s", 0.25, "pieces far rougher than claimed", points=[45, 90, 180, 360])
FAILS = [Falsifier("a hundred steps", "untrained"), ROUGHER]


@claim.problem
def interval_jump(s, sigma, jump, amplitude):
    """A jump at a random place in a random function of smoothness s, and no more, on [0, 1]."""
    prior = lab.targets.broken_series.Prior(s, jump, amplitude)
    return lab.regression.designs.interval(prior, sigma)


@claim.experiment(
    Axis.geometric("n", quick=(90, 1440), standard=(90, 2880), full=(90, 11520)),
    cases=[{"s": 1.0}, {"s": 2.0}],
    checks=[  # margins: half the distance to n^(-1/2), at s = 1 and at s = 2
        AtMost("network", SERIES, margin=0.08, rivals=STUCK, when="s < 2", fails=FAILS),
        AtMost("network", SERIES, margin=0.15, rivals=STUCK, when="s >= 2", fails=FAILS,
               name="network-smoother"),
        Below("network", HALF_WAY, name="network-near-oracle", fails=FAILS),
    ],
    unmoved=dict.fromkeys(["amplitude", "sigma"], "a size, which the theorem leaves open"),
    cost="n", replicates=192,
)  # fmt: skip
def trained_network(problem, n, passes, *, replicates, rng):
    """A ReLU network of three hidden layers of 24, trained on data with a jump."""
    data, networks = problem.data(n, replicates=replicates, rng=rng), lab.networks.stacked

    def trained(steps):
        recipe = networks.Recipe((24, 24, 24), steps, rate=1e-2, batch=32, restarts=1)
        network = networks.fit(2 * data.x - 1, data.y, recipe, rng=rng)
        return lambda at: network(2 * at - 1)

    return data.risks(network=trained(passes * n // 32), untrained=trained(100))
