"""What sparse networks represent adapts to inhomogeneous smoothness, linear estimators do not."""

from ratecheck import AtMost, Axis, Claim, Falsifier, Faster, Flat, Moved, Rate, lab

claim = Claim(
    title="Sparse wavelets, which networks represent, attain n^(-2s/(2s+d)) on Besov balls, linear "
    "estimators do not",
    source="Suzuki, ICLR 2019, Theorem 2 and the lower bound for linear estimators quoted below it "
    "(arXiv:1810.08033), from Donoho & Johnstone, Ann. Statist. 26 (1998), and Zhang, Wong & "
    "Zheng, J. Multivariate Anal. 80 (2002); numbers not verified",
    statement=r"""
        \sup_{f \in U(B^s_{p,q})} \mathbb{E} \| \hat f_{\mathrm{deep}} - f \|_2^2
        \;\lesssim\; n^{-2s/(2s+d)} (\log n)^3, \qquad
        \inf_{\hat f \;\mathrm{linear}} \sup_{f \in U(B^s_{p,q})} \mathbb{E} \| \hat f - f \|_2^2
        \;\gtrsim\; n^{-(2s-v)/(2s+d-v)}, \qquad
        v = 2d \Bigl( \frac1p - \frac12 \Bigr)_+, \qquad s > d/p
    """,
    symbols={"n": "number of data", "s": "smoothness", "d": "dimension of the input",
             "p": "integrability: below 2 the smoothness may be concentrated in places",
             "q": "fine index of the ball, which moves no rate",
             "linear": "least risk of a linear estimator", "adaptive": "risk of thresholding",
             "universal": "risk of thresholds sqrt(2 log n)", "ratio": "linear over adaptive"},
    not_shown=[
        "s < d/p, where functions of the ball need not be bounded; s = d/p is on the border of the "
        "theorem, where the sequence model still has the rates",
        "the minimax constant, the theorem's power of log n, and its least squares over all sparse "
        "networks: no algorithm finds it",
        "functions and data: besov_regression; trained networks: besov_network"],
    real=["the best linear estimator, a universal threshold, which knows neither s nor p, exact "
          "risks of all estimators", "one sequence that realises both rates"],
    proxied=["regression by the sequence model of wavelet coefficients in white noise",
             "sparse networks by thresholded wavelets, each of which a small network represents",
             "a threshold for each level, as data would choose it, by the best one"],
    ranges={"s": "s >= d/p", "p": "p >= 1", "d": "d >= 1 and d == floor(d)"},
    history=[
        "sequence_model: the grid. The thresholds' corrections die like n^(-1/3) log(n)^2 for "
        "(s, p, d) = (1, 1, 1) and n^(-1/5) log(n)^2 for (2, 1, 1): on 2^20..2^44 the exponent of "
        "the former was known to within [-0.010, 0.047] of the claim only, on 2^20..2^60 the "
        "latter was not monotone yet"],
)  # fmt: skip

V, POWER = "2*d*max(1/p - 1/2, 0)", "2*s/(2*s + d)"
DEEP, LINEAR = f"n**(-{POWER})", f"n**(-(2*s - {V})/(2*s + d - {V}))"
GAP = f"{POWER} - (2*s - {V})/(2*s + d - {V})"
APART = f"{GAP} > 0.04"
BEST_LINEAR = Falsifier("the best linear estimator", quantity="linear", when=APART)
CUT_OFF = Falsifier("a fixed cut-off", quantity="cut_off", when="s >= d")
NO_SPIKES = Falsifier("homogeneous smoothness: no spikes", nature={"spikes": 0.0}, when=APART)
ROUGHER = Moved("s", "3*s/4", "a sequence rougher than claimed")
LARGER = Moved("d", "d + 1/2", "levels that grow faster, as in a larger dimension")
SPARSER = Moved("p", "p/(1 + p/4)", "a larger spike than p allows", when="p < 2")
SPARSE = Moved("p", 1, "p = 1 in place of p", when="p >= 2 and s >= d")


@claim.problem
def sequence(s, p, d, spikes, dense):
    """On each level a spike at a random place, as large as the ball allows, and small coefficients.

    One sequence for every n, on the border of the ball; no linear estimator finds the spikes.
    """
    return lab.targets.besov_sequences.Sequence(s, p, d, spikes, dense)


# Margins are at most half of the smallest gap between the two exponents that is tested, 0.04.
@claim.experiment(
    Axis.geometric("n", quick=(2**28, 2**68), full=(2**28, 2**88), ratio=16),
    cases=[{"s": s, "p": p, "d": d}
           for s, p, d in [(1, 1, 1), (2, 1, 2), (2, 1, 1), (1, 2, 1), (1, 4, 1)]],
    free={"spikes": [1.0, 0.5, 2.0], "dense": [1.0, 0.5, 2.0]},
    data="exact",
    checks=[
        Rate("linear", LINEAR, margin=0.01, fails=[
            NO_SPIKES, Falsifier("adaptive in place of linear", quantity="adaptive", when=APART),
            ROUGHER, LARGER, SPARSER, SPARSE]),
        Rate("adaptive", DEEP, margin=0.02, fails=[BEST_LINEAR, CUT_OFF, ROUGHER, LARGER]),
        AtMost("universal", "(log(n)/n)**(2*s/(2*s + d))", margin=0.02, when="s >= d/p",
               fails=[BEST_LINEAR, CUT_OFF, ROUGHER, LARGER]),
        Faster("adaptive", than="linear", by=f"n**({GAP})", margin=0.02, when=APART, fails=[
            NO_SPIKES, Moved("s", "2*s", "a smoother sequence, with less to gain"),
            Moved("d", "d/2", "levels that grow more slowly, with less to gain"),
            Moved("p", 2, "p = 2 in place of p")]),
        Flat("ratio", margin=0.02, when="p >= 2", name="no separation", fails=[SPARSE]),
    ],
)  # fmt: skip
def sequence_model(problem, n):
    """Coefficients in noise of variance 1/n, by closed forms."""
    risks = lab.targets.besov_sequences
    linear, adaptive = risks.linear_risk(problem, n), risks.threshold_risk(problem, n)
    return {"linear": linear, "adaptive": adaptive, "ratio": linear / adaptive,
            "universal": risks.universal_risk(problem, n),
            "cut_off": risks.projection_risk(problem, n, 0.5)}  # fmt: skip
