"""Diffusion models estimate densities almost at the minimax rate in Wasserstein distance."""

import math

from ratecheck import AtMost, Axis, Claim, Falsifier, Faster, Rate, lab

RATE, TV_RATE = "n**(-(s + 1)/(2*s + d))", "n**(-s/(2*s + d))"
RIVALS = {"rate of TV": TV_RATE, "empirical measure": "n**(-1/d)"}
LATE = Falsifier("stopped at a constant time", "late_stop_upper")

claim = Claim(
    title="Diffusion models reach n^(-(s+1)/(2s+d)) in W_1, a factor n^(-1/(2s+d)) below TV",
    source="Oko, Akiyama & Suzuki, ICML 2023, Theorem 5.4, Lemmas 3.6 and 5.5 (arXiv:2303.01861); "
    "lower bound: Niles-Weed & Berthet, Ann. Statist. 50 (2022), Theorem 5",
    statement=r"""\mathbb{E} \, W_1(X_0, \hat Y_{\overline{T} - \underline{T}}) \lesssim
        n^{-(s+1-\delta)/(2s+d)} \;\text{ for every } \delta > 0, \qquad
        \underline{T} = n^{-2(s+1)/(2s+d)}, \quad \overline{T} = \frac{(s+1) \log n}{2s+d}""",
    symbols={"n": "number of data", "s": "smoothness", "d": "dimension", "K": "knots: N^(1/d)",
             "T_low, T_high": "times at which the reversed process stops and starts"},
    real=["the exact minimiser of the empirical denoising-score-matching risk over the class",
          "K chosen by the risk on held-out data, or by the theorem's n^(1/(2s+d))",
          "the law of the sample from N(0, I), up to terms of order n^(-4(s+1)/(2s+d))"],
    proxied=["sparse ReLU networks, switched between pieces of time, by diffused tensor splines",
             "W_1 by bounds, a factor of two to four apart; data and density by masses of cells"],
    not_shown=["networks, and that switching them is needed: one class has the rate here, too",
               "the exponent at d = 1, where it exceeds 1/2 and no estimator can reach it",
               "the supremum over the class; the TV rate as an equality: 23 splines an axis come "
               "near the density's 48 cosines, and TV falls faster at the end of the grid",
               "that W_1 needs a class: here the data themselves, blurred by the theorem's T_low, "
               "have -0.37 to -0.45; only TV at s >= 1 tells them from the estimator"],
    unmoved={"d": "the dimension is that of the data, which every method sees",
             "s": "these n are blind to it: a density of s/4 has W_1 exponents -0.39 at both s"},
    history=["divided by max|g|, or at n < 2^12, the density was hardly told from the uniform one",
             "memorised data in TV are asked for at s >= 1 only: at s = 1/2 they had -0.140",
             "the bounds' margin was .05, another check's .07: n^(-1/3) passed; n went to 2^22"],
)  # fmt: skip


def theorem_times(n, s, d):  # T_low and T_high of Theorem 5.4
    power = (s + 1) / (2 * s + d)
    return n ** (-2 * power), power * math.log(n)


@claim.problem
def in_cube(s, d, cells, *, replicates, rng):  # coefficients fall like |k|^(-s - d/2)
    return lab.diffusion.densities.rough_density_cube(s, cells, d, replicates=replicates, rng=rng)


@claim.problem
def on_line(s, cells, *, replicates, rng):
    return lab.diffusion.densities.rough_density(s, cells, replicates=replicates, rng=rng)


# Margins: half of the smaller distance to n^(-1/3), .042. The TV of memorised data shows only where
# data are rarer than cells, n < 48^3/16, and not at s < 1, where the blur of T_low is wide.
@claim.experiment(
    Axis.geometric("n", quick=(2**12, 2**18), ratio=4),
    cases=[{"s": s, "d": 3} for s in (1.0, 0.5)],
    free={"scale": [1.0, 1.5], "cells": [48, 64], "only_tv": 0}, problem=in_cube,
    checks=[
        AtMost("validated_upper", RATE, margin=0.02, rivals=RIVALS, fails=[LATE]),
        AtMost("validated_lower", RATE, margin=0.02, rivals=RIVALS, fails=[
            Falsifier("class of fixed size, K = 3", "fixed_size_lower")]),
        AtMost("upper", RATE, margin=0.02, rivals=RIVALS, fails=[LATE]),
        AtMost("tv", TV_RATE, margin=0.05, fails=[
            Falsifier("memorised data", "memorised_tv", told={"only_tv": 1},
                      points=[2**8, 2**9, 2**10, 2**11], when="s >= 1"),
            Falsifier("class of fixed size", "fixed_size_tv")]),
        Faster("upper", than="tv", by="n**(1/(2*s + d))", margin=0.06, name="separation",
               fails=[LATE])],
    replicates={"quick": 16, "standard": 32, "full": 64}, cost="n**0.3",
)  # fmt: skip
def cube(problem, n, s, d, scale, only_tv, *, replicates, rng):
    """Spline scores on the cube with K^d coefficients; with only_tv W_1 is left out."""
    splines, counts = lab.diffusion.tensor_splines, problem.draw(n, rng)
    order, (t_low, t_high) = lab.diffusion.splines.order_for(s), theorem_times(n, s, d)

    def law(density, stop=t_low):
        return lab.diffusion.reverse.sampler_law_cube(density, stop, t_high)

    knots = max(order, round(scale * n ** (1 / (2 * s + d))))
    by_theory, fixed = (splines.fitted(counts, k, order) for k in (knots, max(order, 3)))
    theory, small, copy = law(by_theory), law(fixed), law(counts / n)
    tv, upper, lower = problem.total_variation, problem.wasserstein_upper, problem.wasserstein_lower
    distances = {"tv": tv(theory), "fixed_size_tv": tv(small), "memorised_tv": tv(copy)}
    if only_tv:
        return distances
    tries = [k for k in (2, 3, 4, 6, 8, 11, 16, 23, 32) if order <= k <= counts.shape[1] / 2]
    validated = law(splines.fit_validated(counts, order, tries, rng)[0])
    return {**distances, "upper": upper(theory), "late_stop_upper": upper(law(by_theory, 0.01)),
            "validated_upper": upper(validated), "validated_lower": lower(validated),
            "fixed_size_lower": lower(small)}  # fmt: skip


@claim.experiment(
    Axis.geometric("n", quick=(2**8, 2**16), full=(2**8, 2**20), ratio=4),
    cases=[{"s": s} for s in (0.5, 1.0, 2.0)], free={"scale": [2.0, 1.0, 4.0], "cells": 2**14},
    checks=[Rate("w1", "n**(-1/2)", margin=0.07, fails=[
        Falsifier("class of fixed size, N = 4", "fixed_size"),
        Falsifier("stopped at a constant time", "late_stop")],
        rivals={"the exponent of d >= 2": "n**(-(s + 1)/(2*s + 1))"})],
    replicates={"quick": 64, "standard": 192, "full": 384}, block=32, cost="1", problem=on_line,
    real=["the exact minimiser of the empirical risk, the exact law of the sample, exact W_1"],
    proxied=["sparse ReLU networks by diffused B-splines", "data by their masses on equal cells"],
)  # fmt: skip
def line(problem, n, s, scale, *, replicates, rng):
    """On the line (s+1)/(2s+1) exceeds 1/2, which estimating the mean already costs."""
    splines, counts = lab.diffusion.splines, problem.draw(n, rng)
    order, (t_low, t_high) = splines.order_for(s), theorem_times(n, s, 1)

    def distance(density, stop=t_low):
        return problem.wasserstein(lab.diffusion.reverse.sampler_law(density, stop, t_high))

    size = order - 1 + max(1, round(scale * n ** (1 / (2 * s + 1))))
    by_theory, fixed = (splines.fitted(counts, k, order) for k in (size, 4))
    return {"w1": distance(by_theory), "late_stop": distance(by_theory, 0.01),
            "fixed_size": distance(fixed)}  # fmt: skip
