"""Diffusion models estimate densities almost at the minimax rate in Wasserstein distance."""

import math

from ratecheck import AtMost, Axis, Claim, Falsifier, Faster, Rate, lab

claim = Claim(
    title="Diffusion models reach n^(-(s+1)/(2s+d)) in W_1, a factor n^(-1/(2s+d)) below TV",
    source="Oko, Akiyama & Suzuki, ICML 2023, Theorem 5.4 with Lemmas 3.6 and 5.5 "
    "(arXiv:2303.01861); lower bound: Niles-Weed & Berthet, Ann. Statist. 50 (2022), Theorem 5",
    statement=r"""
        \mathbb{E} \, W_1(X_0, \hat Y_{\overline{T} - \underline{T}})
        \lesssim n^{-(s+1-\delta)/(2s+d)} \;\text{ for every } \delta > 0, \qquad
        \underline{T} = n^{-2(s+1)/(2s+d)}, \quad
        \overline{T} = \frac{(s+1) \log n}{2s+d}
    """,
    symbols={
        "n": "number of data",
        "s": "smoothness of the density",
        "d": "dimension",
        "T_low, T_high": "times at which the reversed process stops and starts",
        "K": "knots an axis: n^(1/(2s+d)), so that K^d = N, the theorem's number of weights",
    },
    not_shown=[
        "networks: the scores are those of diffused spline densities",
        "that switching networks is needed: one class for all times has the rate here, too",
        "the exponent at d = 1, where it exceeds 1/2 and no estimator can reach it",
        "the supremum over the class: each replicate draws its own density on the class's border",
        "that W_1 needs a class: on these n the data themselves, blurred by the theorem's T_low, "
        "have exponents between -0.37 and -0.45, too; only TV at s >= 1 tells them from the "
        "estimator",
        "the TV rate as an equality in three dimensions: the density has 48 cosines an axis, the "
        "largest class 23 splines, so that TV falls faster than its rate at the end of the grid",
    ],
    unmoved={"d": "problem and method share it so far", "s": "problem and method share it so far"},
)

RATE = "n**(-(s + 1)/(2*s + d))"
TV_RATE = "n**(-s/(2*s + d))"
RIVALS = {"rate of TV": TV_RATE, "empirical measure": "n**(-1/d)"}


# W_1 of memorised data falls like n^(-1/3), close to the claim; their TV does not fall at all. The
# cells show that only where data are rarer than cells, n < 48^3 / 16; at s < 1 the blur of T_low
# is still so wide there that their TV falls, too.
FEW = [2**8, 2**9, 2**10, 2**11]


def theorem_times(n, s, d):
    """T_low and T_high of Theorem 5.4."""
    power = (s + 1) / (2 * s + d)
    return n ** (-2 * power), power * math.log(n)


# Margins: the empirical measure, n^(-1/3), is .067 and .042 from the claim at s = 1 and 1/2; the
# bounds' margin is half of the smaller one. A rate without the factor n^(-1/(2s+d)) is .20 to .25
# away.
# What was changed after errors had been seen, on single development seeds: densities in three
# dimensions are bounded by a smooth squeeze of g/rms(g) in place of dividing by max|g|, which left
# so little structure that estimators barely beat the uniform law; and the grid starts at 2^12,
# below which that was still so. The falsifier "memorised data" in TV is asked for at s >= 1 only:
# at s = 1/2 it survived (-0.140), early stopping being all that this grid needs there.
# The bounds' margin was .05, and with N by the theorem there was a two-sided check of margin .07:
# the exponent of the empirical measure would have passed both. A check that the upper certificate
# stays below four times the lower one had a margin that came from nowhere. Full effort went to
# 2^22, where the largest class has as many splines an axis as the density has cosines.
@claim.experiment(
    Axis.geometric("n", quick=(2**12, 2**18), ratio=4),
    cases=[{"s": 1.0, "d": 3}, {"s": 0.5, "d": 3}],
    free={"scale": [1.0, 1.5], "cells": [48, 64], "only_tv": 0},
    checks=[
        AtMost(
            "validated_upper",
            RATE,
            margin=0.02,
            rivals=RIVALS,
            fails=[Falsifier("stopped at a constant time", quantity="late_stop_upper")],
        ),
        AtMost(
            "validated_lower",
            RATE,
            margin=0.02,
            rivals=RIVALS,
            fails=[Falsifier("class of fixed size, K = 3", quantity="fixed_size_lower")],
        ),
        AtMost(
            "upper",
            RATE,
            margin=0.02,
            rivals=RIVALS,
            fails=[
                Falsifier(
                    "stopped at a constant time, N by the theorem", quantity="late_stop_upper"
                )
            ],
        ),
        AtMost(
            "tv",
            TV_RATE,
            margin=0.05,
            fails=[
                Falsifier(
                    "memorised data",
                    quantity="memorised_tv",
                    told={"only_tv": 1},
                    points=FEW,
                    when="s >= 1",
                ),
                Falsifier("class of fixed size, TV", quantity="fixed_size_tv"),
            ],
        ),
        Faster(
            "upper",
            than="tv",
            by="n**(1/(2*s + d))",
            margin=0.06,
            name="separation",
            fails=[
                Falsifier("no gain over TV: stopped at a constant time", quantity="late_stop_upper")
            ],
        ),
    ],
    replicates={"quick": 16, "standard": 32, "full": 64},
    cost="n**0.3",
    real=[
        "the exact minimiser of the empirical denoising-score-matching risk over the class",
        "K chosen by the risk on held-out data, or by the theorem's n^(1/(2s+d))",
        "the law of the sample from N(0, I) at T_high to T_low, up to terms of "
        "order n^(-4(s+1)/(2s+d))",
    ],
    proxied=[
        "sparse ReLU networks, switched between pieces of time, by diffused tensor splines",
        "W_1 by an upper and a lower certificate, each a proven bound; they are "
        "a factor of two to four apart",
        "data and density by their masses on equal cells",
    ],
)
def cube(n, s, d, scale, cells, only_tv, *, replicates, rng):
    """Spline scores on the cube [-1, 1]^d with K^d coefficients.

    With only_tv the Wasserstein distances are left out.
    """
    density, splines, bounds = (
        lab.diffusion.densities,
        lab.diffusion.tensor_splines,
        lab.diffusion.transport,
    )
    truth = density.rough_density_cube(s, cells, replicates=replicates, rng=rng, dimension=d)
    counts = density.draw_counts(truth, n, rng)
    order = lab.diffusion.splines.order_for(s)
    t_low, t_high = theorem_times(n, s, d)

    def fitted(size):
        masses = splines.axis_masses(size, order, cells).to(truth.device)
        return splines.expand(masses, splines.fit(counts, masses))

    def laws(estimate, stop=t_low):
        margin = math.ceil(3.5 * (2 * stop) ** 0.5 * cells / 2)
        law = lab.diffusion.reverse.sampler_law_cube(estimate, stop, t_high, margin)
        return law, density.padded(truth, margin)

    def upper(estimate, stop=t_low):
        return bounds.wasserstein_upper(*laws(estimate, stop), 2 / cells)

    def lower(estimate):
        return bounds.wasserstein_lower(*laws(estimate), 2 / cells)

    def distance(estimate):
        return bounds.total_variation(*laws(estimate))

    by_theory = fitted(max(order, round(scale * n ** (1 / (2 * s + d)))))
    fixed_size = fitted(max(order, 3))
    distances = {
        "tv": distance(by_theory),
        "fixed_size_tv": distance(fixed_size),
        "memorised_tv": distance(counts / n),
    }
    if only_tv:
        return distances
    candidates = [k for k in (2, 3, 4, 6, 8, 11, 16, 23, 32) if order <= k <= cells / 2]
    validated, _ = splines.fit_validated(counts, order, candidates, rng)
    return {
        **distances,
        "upper": upper(by_theory),
        "validated_upper": upper(validated),
        "validated_lower": lower(validated),
        "fixed_size_lower": lower(fixed_size),
        "late_stop_upper": upper(by_theory, 0.01),
    }


@claim.experiment(
    Axis.geometric("n", quick=(2**8, 2**16), full=(2**8, 2**20), ratio=4),
    cases=[{"s": 0.5}, {"s": 1.0}, {"s": 2.0}],
    free={"scale": [2.0, 1.0, 4.0], "cells": 2**14},
    checks=[
        Rate(
            "w1",
            "n**(-1/2)",
            margin=0.07,
            rivals={"the exponent of d >= 2": "n**(-(s + 1)/(2*s + 1))"},
            fails=[
                Falsifier("class of fixed size, N = 4", quantity="fixed_size"),
                Falsifier("stopped at a constant time", quantity="late_stop"),
            ],
        )
    ],
    replicates={"quick": 64, "standard": 192, "full": 384},
    block=32,
    cost="1",
    real=[
        "the exact minimiser of the empirical denoising-score-matching risk over the class",
        "the exact law of the sample, and W_1 exactly",
    ],
    proxied=["sparse ReLU networks by diffused B-splines", "data by their masses on equal cells"],
)
def line(n, s, scale, cells, *, replicates, rng):
    """On the line the exponent (s+1)/(2s+1) exceeds 1/2: estimating the mean already costs that.

    A simulation that confirmed it would be wrong. N = scale n^(1/(2s+1)) splines.
    """
    splines, sampler = lab.diffusion.splines, lab.diffusion.reverse
    truth = lab.diffusion.densities.rough_density(s, cells, replicates=replicates, rng=rng)
    counts = lab.diffusion.densities.draw_counts(truth, n, rng)
    order = splines.order_for(s)
    t_low, t_high = theorem_times(n, s, 1)

    def distance(size, stop=t_low):
        basis = splines.basis(size, order, cells)
        density = basis.density(splines.fit(counts, basis))
        return sampler.wasserstein(sampler.sampler_law(density, stop, t_high), truth)

    size = splines.knots_by_theory(n, s, scale, order)
    return {"w1": distance(size), "late_stop": distance(size, 0.01), "fixed_size": distance(4)}
