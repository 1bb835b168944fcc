"""Diffusion models estimate densities at the minimax rate in total variation."""

import math

from ratecheck import AtMost, Axis, Below, Claim, Falsifier, Rate, lab

claim = Claim(
    title="Diffusion models reach n^(-s/(2s+d)) in total variation",
    source="Oko, Akiyama & Suzuki, ICML 2023, Theorem 5.1 with Theorems 3.1 and 4.3 "
    "(arXiv:2303.01861)",
    statement=r"""
        p_0 \in B^s_{p,q}([-1,1]^d), \; C^{-1} \le p_0 \le C: \qquad
        \mathbb{E} \, \mathrm{TV}(X_0, \hat Y_{\overline{T} - \underline{T}})
        \lesssim n^{-s/(2s+d)} \log^9 n, \qquad
        \underline{T} = n^{-O(1)}, \; \overline{T} = O(\log n)
    """,
    symbols={
        "n": "number of data",
        "s": "smoothness of the density p_0",
        "p": "integrability of the smoothness: at p = 1 jumps count as s = 1",
        "d": "dimension, here 1",
        "T_low, T_high": "times at which the reversed process stops and starts",
        "N": "number of nonzero weights of the network: n^(d/(2s+d))",
    },
    not_shown=[
        "the power of the logarithm (a product of the proof, invisible on these grids)",
        "the discretised sampler (Theorem 5.7): laws are those of the continuous reversed process",
        "networks in more than one dimension",
        "the supremum over the class: each replicate draws its own density on the class's border",
        "that stochastic gradients find the minimiser of the empirical risk",
    ],
    unmoved={"s": "problem and method share it so far"},
)

RATE = "n**(-s/(2*s + 1))"
# What a score without any restriction attains at the theorem's T_low: the data blurred by
# n^(-(s+1)/(2s+1)), a kernel estimator that is far too narrow.
MEMORISING = "n**(-s/(2*(2*s + 1)))"

SPLINES = [
    "the forward and the reversed process, started from N(0, 1) and stopped early at T_low",
    "the exact minimiser of the empirical denoising-score-matching risk over the class",
    "the exact law of the generated sample: no Monte Carlo, no discretised time",
]
CLASS = "sparse ReLU networks by the diffused B-splines that they emulate in the proof"
GRID = "data and density by their masses on equal cells"


def theorem_times(n, s):
    """T_low and T_high of Theorems 5.1 and 5.4 in dimension 1."""
    power = (s + 1) / (2 * s + 1)
    return n ** (-2 * power), power * math.log(n)


def spline_laws(n, s, size, truth, counts):
    """TV of samplers whose scores come from the same data, by name.

    N by the theorem, the same stopped late, N fixed at 10, and the score of the data themselves.
    """
    splines, sampler = lab.diffusion.splines, lab.diffusion.reverse
    order, cells = splines.order_for(s), truth.shape[1]
    t_low, t_high = theorem_times(n, s)

    def fitted(knots):
        basis = splines.basis(knots, order, cells)
        return basis.density(splines.fit(counts, basis))

    def distance(density, stop=t_low):
        return sampler.total_variation(sampler.sampler_law(density, stop, t_high), truth)

    by_theory = fitted(size)
    return {
        "constructive": distance(by_theory),
        "fixed_size": distance(fitted(10)),
        "late_stop": distance(by_theory, 0.01),
        "memorised": distance(counts / n),
        "no_early_stop": sampler.spikes_total_variation(counts, truth, n**-4.0),
    }


# The theorem bounds TV from above; its rate is the minimax one. On this family, whose coefficients
# fall exactly like those of the border of the class, the two errors of N ~ n^(1/(2s+1)) splines
# both have that order, and the check of N by the theorem is two-sided. Margins: the nearest rival
# is the memorising score, .125 away at s = 1/2; less than half of that.
#
# What was changed after slopes had been seen (the first two on cases that are not listed):
# - N counted splines; for cubics on few knots that is far from the number of pieces (s = 1.5:
#   -0.412 [-0.428, -0.397] against -0.375). Now N counts pieces.
# - The grid ran from 2^8 to 2^16. At s = 0.4 and n = 2^8 the validated estimator is no better than
#   the uniform law (TV .107 against .093), and the curve is no power of n yet. Now it starts at
#   2^10.
# - The network stopped at T_low = 1/n, where early stopping alone has the rate at s = 1/2. Now it
#   stops at the theorem's T_low, too; its slopes were -.248, -.334, -.417 and became -.239, -.332,
#   -.423.
# - 32 replicates became 48: at s = 1 one seed in three was jagged beyond the margin. 16 networks
#   became 32: at s = 2 of the published seed the far end of the grid was not known well enough.
@claim.experiment(
    Axis.geometric("n", quick=(2**10, 2**18), full=(2**10, 2**20), ratio=4),
    cases=[{"s": 0.5}, {"s": 1.0}, {"s": 2.0}],
    free={"scale": [2.0, 1.0, 4.0], "cells": [2**14, 2**13]},
    checks=[
        AtMost(
            "validated",
            RATE,
            margin=0.05,
            rivals={"memorising": MEMORISING},
            fails=[
                Falsifier("memorised data", quantity="memorised"),
                Falsifier("no early stopping", quantity="no_early_stop"),
            ],
        ),
        Rate(
            "constructive",
            RATE,
            margin=0.05,
            rivals={"memorising": MEMORISING, "parametric": "n**(-1/2)"},
            fails=[
                Falsifier("class of fixed size, N = 10", quantity="fixed_size"),
                Falsifier("stopped at a constant time", quantity="late_stop"),
                Falsifier("memorised data, two-sided", quantity="memorised"),
            ],
        ),
    ],
    replicates={"quick": 48, "standard": 96, "full": 128},
    cost="1",
    real=[*SPLINES, "N chosen by the risk on held-out data, or by the theorem's n^(1/(2s+1))"],
    proxied=[CLASS, GRID],
)
def spline_score(n, s, scale, cells, *, replicates, rng):
    """The proof's own scores, of diffused B-spline densities on N equal pieces.

    N is chosen by hold-out, or is scale n^(1/(2s+1)).
    """
    truth = lab.diffusion.densities.rough_density(s, cells, replicates=replicates, rng=rng)
    counts = lab.diffusion.densities.draw_counts(truth, n, rng)
    splines, sampler = lab.diffusion.splines, lab.diffusion.reverse
    order = splines.order_for(s)
    candidates = splines.sizes_to_try(n, order, cells)
    density, _ = splines.fit_validated(counts, order, candidates, rng)
    law = sampler.sampler_law(density, *theorem_times(n, s))
    size = splines.knots_by_theory(n, s, scale, order)
    return {
        "validated": sampler.total_variation(law, truth),
        **spline_laws(n, s, size, truth, counts),
    }


@claim.experiment(
    Axis.geometric("n", quick=(2**10, 2**16), full=(2**10, 2**20), ratio=4),
    cases=[{"s": 1.0, "p": 1.0}],
    free={"scale": 2.0, "cells": 2**14},
    checks=[
        AtMost(
            "constructive",
            RATE,
            margin=0.06,
            rivals={"memorising": MEMORISING},
            fails=[
                Falsifier("memorised data", quantity="memorised"),
                Falsifier("class of fixed size, N = 10", quantity="fixed_size"),
            ],
        )
    ],
    replicates={"quick": 32, "standard": 64, "full": 128},
    cost="1",
    real=SPLINES,
    proxied=[CLASS, GRID, "p = 1 by two jumps between constants"],
)
def jumps(n, s, p, scale, cells, *, replicates, rng):
    """Densities with jumps, in the class at s = 1, p = 1; N = scale n^(1/3) hats.

    N is not validated here: equidistant knots attain the rate of TV but not that of the risk.
    """
    truth = lab.diffusion.densities.jump_density(cells, replicates=replicates, rng=rng)
    counts = lab.diffusion.densities.draw_counts(truth, n, rng)
    size = lab.diffusion.splines.knots_by_theory(n, s, scale, 2)
    return spline_laws(n, s, size, truth, counts)


@claim.experiment(
    Axis.geometric("n", quick=(2**8, 2**14), full=(2**8, 2**18), ratio=4),
    cases=[{"s": 0.5}, {"s": 1.0}, {"s": 2.0}],
    free={"width": [32, 24, 48], "layers": 3, "octaves": 4, "steps": 400, "solver": 150},
    checks=[
        AtMost(
            "network",
            RATE,
            margin=0.06,
            rivals={"memorising": MEMORISING},
            fails=[
                Falsifier("memorised data", quantity="memorised"),
                Falsifier(
                    "width 3, one layer, one frequency",
                    told={"width": 3, "layers": 1, "octaves": 1},
                    when="s >= 1",
                ),
            ],
        ),
        Below(
            "network",
            than="constructive",
            margin=0.4,
            name="network-is-trained",
            fails=[
                Falsifier(
                    "memorised data, as a trained network", quantity="memorised", when="s < 1"
                ),
                Falsifier(
                    "width 3, one layer, one frequency, as a trained network",
                    told={"width": 3, "layers": 1, "octaves": 1},
                    when="s >= 1",
                ),
            ],
        ),
    ],
    replicates={"quick": 32, "standard": 64, "full": 64},
    cost="n**0.25",
    real=[
        "a trained score network, the empirical denoising-score-matching risk, early stopping",
        "the reversed process from N(0, 1) to T_low: its Fokker-Planck equation is solved",
    ],
    proxied=[
        "sparse ReLU weights by a dense network whose capacity is held by validation",
        "noisy denoising targets by their conditional means: the same objective",
        GRID,
    ],
)
def trained_network(n, s, width, layers, octaves, steps, solver, *, replicates, rng):
    """A score network trained on n data, beside the spline score on the same data.

    The class knows the support (as the theorem's does): the network is added to the score of the
    diffused uniform law. Four fifths of the data train; the rest choose when to stop. Beyond
    n = 2^14 width and length of training grow with n.
    """
    density, networks, sampler = lab.diffusion.densities, lab.networks.score, lab.diffusion.reverse
    truth = density.rough_density(s, 2**14, replicates=replicates, rng=rng)
    counts = density.draw_counts(truth, n, rng)
    t_low, t_high = theorem_times(n, s)

    training, held_out = density.split_counts(counts, 0.8, rng)
    more = max(1.0, n / 2**14)
    design = networks.Design(round(width * more**0.25), layers, octaves)
    length = round(max(steps, 1.5 * steps * (n / 2**14) ** 0.5))
    network = networks.train(training, held_out, t_low, t_high, design, steps=length, rng=rng)
    edges = sampler.line(sampler.resolving(t_low))
    masses = sampler.fokker_planck(
        network.score, edges, sampler.times(t_low, t_high, solver), replicates=replicates
    )
    law = sampler.on_cells(masses, edges, truth.shape[1], truth.device)

    size = lab.diffusion.splines.knots_by_theory(n, s, 2.0, lab.diffusion.splines.order_for(s))
    beside = spline_laws(n, s, size, truth, counts)
    return {"network": sampler.total_variation(law, truth), **beside}
