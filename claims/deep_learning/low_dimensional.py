"""Deep networks find the few directions that matter; every linear estimator pays for all."""

from ratecheck import AtLeast, AtMost, Axis, Below, Claim, Falsifier, Faster, lab

claim = Claim(
    title="Networks reach n^(-2s/(2s+D)) in every ambient dimension, linear estimators do not",
    source="Suzuki & Nitanda, NeurIPS 2021, Theorems 2 and 3 (arXiv:1910.12799), for h(Ax + b) "
    "with both rates; Schmidt-Hieber 2019 (arXiv:1908.00695), Nakada & Imaizumi, JMLR 2020 "
    "(arXiv:1907.02177) and Chen et al. 2019 (arXiv:1908.01842) for inputs of low dimension",
    statement=r"""
        f(x) = h(A x + b),\; A \in \mathbb{R}^{D \times d},\; h \in B^s_{p,q}(\mathbb{R}^D): \qquad
        \mathbb{E} \| \hat f_{\mathrm{deep}} - f \|_{L_2}^2 \lesssim n^{-2s/(2s+D)}, \qquad
        \inf_{\hat f \;\mathrm{linear}} \sup_f \mathbb{E} \| \hat f - f \|_{L_2}^2 \gtrsim
        \max\Bigl( n^{-\frac{2(s - D/p + k/2)}{2(s - D/p + k/2) + k}},\, n^{-2s/(2s+D)} \Bigr)
    """,
    symbols={
        "n": "number of data",
        "d": "ambient dimension",
        "k": "dimension of the set of the inputs: d - 1, they lie on a sphere",
        "D": "number of directions that matter, here 1",
        "s": "smoothness of h in the scale with p = 1: a jump has 1, a kink has 2",
        "sigma": "standard deviation of the noise",
    },
    not_shown=[
        "more than one direction, D > 1",
        "the deep exponent as an equality: h is one function on the border of its class, not the "
        "worst one",
        "the linear exponent of the theorem as an equality: it is a lower bound on the risk; for "
        "directions at random the best linear estimator is at n^(-(2s-1)/(2s-2+d)) at best, and "
        "comes down to that slowly",
        "kinks in dimension 2 and 3, where the two exponents are too close for the simulation",
    ],
    unmoved={
        "early": "problem and method share it so far",
        "late": "problem and method share it so far",
        "s": "problem and method share it so far",
    },
)

DEEP = "n**(-2*s/(2*s + 1))"
# The theorem's linear rate with p = 1, D = 1 and k = d - 1 ...
LINEAR = "n**(-(2*s - 3 + d)/(2*s - 4 + 2*d))"
ADVANTAGE = "n**(2*s/(2*s + 1) - (2*s - 3 + d)/(2*s - 4 + 2*d))"
# ... and what random directions force on every linear estimator in the limit: sharper than the
# theorem, derived for this claim from the spectrum of the prior's covariance.
RANDOM_DIRECTIONS = "n**(-(2*s - 1)/(2*s - 2 + d))"

DECAYS = [0.003, 0.03, 0.3]
RECIPES = {1: (16, 8), 2: (16,)}


def one_direction(d, s, sigma, ridges=1, inputs=0):
    """Jumps or kinks across hyperplanes, inputs on the sphere."""
    prior = lab.targets.ridge_functions.Prior({1: "sign", 2: "abs"}[s], d, ridges)
    return lab.regression.designs.sphere(prior, sigma, d, inputs or None)


# What was changed after slopes had been seen: 800 steps at every n gave -0.57 in [-0.66, -0.49] for
# the jump in dimension 3. A network of few steps draws a jump as a ramp (as in the claim on
# piecewise smooth targets, where that was found), so that from n = 400 on training now grows with
# the data.
def network_risk(data, s, sigma, steps, rng):
    """Trained network whose weight decay c sigma sqrt(d/n) is chosen on held-out data."""
    n, d = data.x.shape[1:]
    recipe = lab.networks.stacked.Recipe(
        RECIPES[s], round(steps * max(1, n / 400)), rate=1e-2, batch=128, restarts=1, slope=1.5,
        decays=tuple(c * sigma * (d / n) ** 0.5 for c in DECAYS),
    )  # fmt: skip
    network = lab.networks.stacked.fit(data.x / d**0.5, data.y, recipe, rng=rng)
    return data.risk(lambda at: network(at / d**0.5))


def frozen_risk(data, rng):
    """Ridge regression on a first layer that is not trained, the ridge chosen on held-out data."""
    features = lab.estimators.random_features
    return data.risk(features.predict(data.x, data.y, data.at, [0.1, 1.0, 10.0], rng=rng))


@claim.experiment(
    Axis.geometric("n", quick=(2**7, 2**10), standard=(2**8, 2**11), full=(2**8, 2**13)),
    cases=[{"d": 3, "s": 1}, {"d": 5, "s": 1}, {"d": 9, "s": 1}],
    free={"sigma": [0.3, 0.15, 0.6], "steps": [800, 1600], "ridges": 1, "frozen": 0},
    checks=[
        AtMost(
            "network",
            DEEP,
            margin=0.1,
            rivals={"linear": RANDOM_DIRECTIONS},
            fails=[
                Falsifier("best linear estimator", quantity="linear"),
                Falsifier(
                    "two hundred directions",
                    told={"ridges": 200},
                    when="d == 5 and s < 2",
                    points=[64, 128, 256, 512],
                ),
                Falsifier("first layer not trained", told={"frozen": 1}, when="d == 5"),
            ],
        ),
        AtLeast(
            "linear",
            LINEAR,
            margin=0.05,
            rivals={"deep": DEEP},
            fails=[Falsifier("knowing that it is one direction", quantity="network", when="d > 4")],
        ),
        Faster(
            "network",
            than="linear",
            by=ADVANTAGE,
            margin=0.08,
            fails=[
                Falsifier("first layer not trained, separation", told={"frozen": 1}, when="d == 5")
            ],
        ),
    ],
    replicates={"quick": 32, "standard": 64, "full": 128},
    block=32,
    cost="n",
    real=[
        "targets of one unknown direction",
        "the best of all linear estimators, its risk exactly",
        "ReLU networks trained by Adam from random weights",
    ],
    proxied=[
        "the supremum over h by one function at the border of the class",
        "sigma by its true value, in the scale of the weight decays and in the linear estimator",
    ],
)
def ambient_dimension(n, d, s, sigma, steps, ridges, frozen, *, replicates, rng):
    """A jump (s = 1) or a kink (s = 2) across a hyperplane of unknown direction, d fixed."""
    data = one_direction(d, s, sigma, ridges).data(n, replicates=replicates, rng=rng)
    network = frozen_risk(data, rng) if frozen else network_risk(data, s, sigma, steps, rng)
    return {"network": network, "linear": data.linear_risk()}


# Eight times the data must gain the network 8^(2s/(2s+1)) in every ambient dimension, and the best
# linear estimator ever less: 8^(1/d) in the limit. A tenth in the exponent is a factor
# 8^0.1 = 1.23. The slope of log 8^(1/d) in log d is -0.37, and half of that is the other margin.
#
# What was changed after slopes had been seen: the first check asked that the gain not depend on d,
# with a grid up to d = 17, and then 12. It fell slowly, from 5.2 to 4.4 at d = 12 and 3.6 at 17,
# where 128 data do not find the direction yet: inconclusive. The theorem bounds each exponent and
# does not say that they are equal.
@claim.experiment(
    Axis("d", quick=[3, 5, 8, 12], full=[3, 4, 5, 6, 8, 10, 12]),
    free={
        "sigma": [0.3, 0.15, 0.6],
        "s": 1,
        "early": 128,
        "late": 1024,
        "steps": 800,
        "linear": 0,
        "inputs": 0,
    },
    checks=[
        Below(
            "network_late",
            than="promised",
            margin=0.23,
            fails=[Falsifier("best linear estimator", told={"linear": 1})],
        ),
        Faster(
            "linear_early",
            than="linear_late",
            by="(early/late)**(1/d)",
            margin=0.18,
            name="linear-loss",
            fails=[Falsifier("inputs of low dimension", told={"inputs": 3, "linear": 1})],
        ),
    ],
    replicates={"quick": 32, "standard": 64, "full": 128},
    block=32,
    cost="d",
    real=["ReLU networks trained by Adam from random weights", "the best of all linear estimators"],
    proxied=["the exponent in n by the gain from eight times the data"],
)
def gain(d, s, sigma, early, late, steps, linear, inputs, *, replicates, rng):
    """What more data buy in each ambient dimension.

    That they buy a linear estimator ever less is sharper than the theorem, whose linear exponent is
    1/2 in each of these dimensions: it is what random directions force, 8^(1/d) in the limit.
    """
    risks = {}
    for name, n in (("early", early), ("late", late)):
        data = one_direction(d, s, sigma, 1, inputs).data(n, replicates=replicates, rng=rng)
        risks[f"linear_{name}"] = data.linear_risk()
        risks[f"network_{name}"] = (
            risks[f"linear_{name}"] if linear else network_risk(data, s, sigma, steps, rng)
        )
    promised = risks["network_early"] * (early / late) ** (2 * s / (2 * s + 1))
    return {**risks, "promised": promised}
