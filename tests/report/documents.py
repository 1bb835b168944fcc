"""Documents as an engine would write them, made of numbers with a known truth."""

from __future__ import annotations

import math
import random
from itertools import pairwise
from typing import Any

Values = dict[str, Any]
HOSTILE = "<script>alert('x')</script> & \"quoted\" {{ 7*7 }} <img src=http://evil.example/x>"
LATEX = r"\mathbb{E}\|\bar f_T-f^*\|^2 \le \varepsilon_M + O\bigl(T^{-2r\beta/(2r\beta+1)}\bigr)"


def check(
    identifier: str,
    rng: random.Random,
    *,
    truth: float = -0.667,
    claimed: float | None = None,
    formula: str = "T**(-2*r*beta/(2*r*beta+1))",
    points: tuple[float, ...] = (256, 512, 1024, 2048, 4096, 8192),
    noise: float = 0.02,
    verdict: str = "PASS",
    relation: str = "equal",
    kind: str = "rate",
    margin: float = 0.12,
    rivals: tuple[tuple[str, str, float], ...] = (("no averaging", "1", 0.0),),
    looks: int = 0,
    bend: float = 0.0,
    **more: Any,
) -> Values:
    """A check of slopes on log-log scales."""
    claimed = truth if claimed is None else claimed
    middle = math.sqrt(points[0] * points[-1])
    data, logs = [], []
    for x in points:
        log = -3 + truth * math.log(x / middle) + bend * math.log(x / middle) ** 2
        log += noise * rng.gauss(0, 1)
        logs.append(log)
        mean, half = math.exp(log), 2.6 * noise
        data.append(
            {
                "x": x,
                "mean": mean,
                "interval": [mean * math.exp(-half), mean * math.exp(half)],
                "formula": 2.5 * (x / middle) ** claimed,
                "replicates": 64,
            }
        )
    u = [math.log(x) for x in points]
    centre = sum(u) / len(u)
    spread = sum((a - centre) ** 2 for a in u)
    measured = sum((a - centre) * b for a, b in zip(u, logs, strict=True)) / spread
    half = 2.6 * noise / math.sqrt(spread)
    local = [
        {
            "x": math.sqrt(a * b),
            "exponent": (logs[i + 1] - logs[i]) / math.log(b / a),
            "interval": [
                (logs[i + 1] - logs[i]) / math.log(b / a) - 5 * noise,
                (logs[i + 1] - logs[i]) / math.log(b / a) + 5 * noise,
            ],
        }
        for i, (a, b) in enumerate(pairwise(points))
    ]
    history = [
        {
            "replicates": 16 * (i + 1) * len(points),
            "work": 1000.0 * 1.5**i,
            "measured": measured + half * rng.gauss(0, 1) * 1.2 ** (looks - i) / 2,
            "interval": [
                measured - half * 1.25 ** (looks - 1 - i),
                measured + half * 1.25 ** (looks - 1 - i),
            ],
        }
        for i in range(looks)
    ]
    experiment, rest = identifier.split("/")[1], identifier.split("/")[2]
    return {
        "id": identifier,
        "experiment": experiment,
        "label": rest.split("[")[0],
        "case": {"r": 0.5, "beta": 2.0},
        "axis": "T",
        "quantity": rest.split("[")[0],
        "quantities": [rest.split("[")[0]],
        "kind": kind,
        "relation": relation,
        "bound": False,
        "scale": "log-log",
        "formula": formula,
        "predicted": claimed,
        "measured": measured,
        "interval": [measured - half, measured + half],
        "margin": margin,
        "verdict": verdict,
        "reason": "inside the margin",
        "sentence": f"Exponent {measured:.3f} [{measured - half:.3f}, {measured + half:.3f}], "
        f"claimed {claimed:.3f} with margin {margin:g}.",
        "replicates": 64 * len(points),
        "seconds": 2.4,
        "gap": half,
        "needed": 0,
        "settles": None,
        "warnings": [],
        "rivals": [
            {
                "name": name,
                "formula": text,
                "predicted": slope,
                "separable": abs(slope - claimed) > margin,
                "excluded": abs(slope - measured) > half,
            }
            for name, text, slope in rivals
        ],
        "points": data,
        "local": local,
        "looks": history,
        "replay": None,
        **more,
    }


def ratio(identifier: str, rng: random.Random, *, kind: str = "agrees", **more: Any) -> Values:
    """A check of ratios at every point."""
    points = (8, 16, 32, 64, 128)
    base = check(identifier, rng, points=points, truth=-1.0, kind=kind, margin=0.1, rivals=())
    values = [1 + 0.02 * rng.gauss(0, 1) for _ in points]
    if kind == "below":
        values = [0.7 / math.sqrt(1 + i) for i in range(len(points))]
    formula = [1.0 if kind == "below" else 1 / x for x in points]
    data = [
        {"x": x, "mean": v * f, "interval": [v * f * 0.96, v * f * 1.04], "formula": f,
         "replicates": 48}
        for x, v, f in zip(points, values, formula, strict=True)
    ]  # fmt: skip
    worst = max(values, key=lambda v: abs(v - 1)) if kind != "below" else values[0]
    return {
        **base,
        "scale": "ratio",
        "relation": "at most" if kind == "below" else "equal",
        "margin": 0.0 if kind == "below" else 0.1,
        "formula": "1" if kind == "below" else "1/d",
        "axis": "d",
        "predicted": 1.0,
        "measured": worst,
        "interval": [0.96 * worst, 1.04 * worst],
        "points": data,
        "local": [],
        "rivals": [],
        "sentence": f"Ratio {worst:.3f} [{0.96 * worst:.3f}, {1.04 * worst:.3f}], claimed 1.000.",
        **more,
    }


def decay(identifier: str, rng: random.Random, **more: Any) -> Values:
    """A check of an exponential decay on semi-log scales."""
    base = check(identifier, rng, margin=0.15, rivals=())
    times = (0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
    logs = [-1.9 * t + 0.02 * rng.gauss(0, 1) for t in times]
    data = [
        {"x": t, "mean": math.exp(v), "interval": [math.exp(v - 0.05), math.exp(v + 0.05)],
         "formula": math.exp(-2 * t), "replicates": 48}
        for t, v in zip(times, logs, strict=True)
    ]  # fmt: skip
    local = [
        {"x": (a + b) / 2, "exponent": (w - v) / (b - a),
         "interval": [(w - v) / (b - a) - 0.2, (w - v) / (b - a) + 0.2]}
        for a, b, v, w in zip(times, times[1:], logs, logs[1:], strict=False)
    ]  # fmt: skip
    return {
        **base, "scale": "semi-log", "kind": "decay", "axis": "t", "formula": "exp(-2*alpha*t)",
        "predicted": -2.0, "measured": -1.91, "interval": [-1.97, -1.85], "points": data,
        "local": local, "sentence": "Rate -1.910 [-1.970, -1.850], claimed -2.000.", **more,
    }  # fmt: skip


def falsifier(target: Values, rng: random.Random, name: str, slope: float, **more: Any) -> Values:
    """A falsifier of a check, with a slope of its own."""
    points = target["points"]
    middle = math.sqrt(points[0]["x"] * points[-1]["x"])
    data = [
        {
            **point,
            "mean": 0.12 * (point["x"] / middle) ** slope * math.exp(0.02 * rng.gauss(0, 1)),
            "interval": None,
        }
        for point in points
    ]
    prefix, rest = target["id"].rsplit("/", 1)
    slug = name.lower().replace(" ", "-").replace(",", "")
    return {
        "id": f"{prefix}/falsifier-{slug}[{rest.partition('[')[2]}",
        "name": name,
        "experiment": target["experiment"],
        "case": target["case"],
        "axis": target["axis"],
        "kills": target["id"],
        "killed": True,
        "outcome": "KILLED",
        "predicted": target["predicted"],
        "measured": slope,
        "interval": [slope - 0.03, slope + 0.03],
        "sentence": f"'{name}' has exponent {slope:.3f}. It contradicts the claim.",
        "points": data,
        "seconds": 1.1,
        **more,
    }


def claim(
    identifier: str,
    checks: list[Values],
    falsifiers: list[Values],
    *,
    chapter: str = "kernel regime",
    title: str = "Averaged SGD attains T^(-2rβ/(2rβ+1)) in the neural-tangent-kernel regime",
    statement: str = LATEX,
    **more: Any,
) -> Values:
    """A claim with the experiments that its checks name."""
    names = dict.fromkeys([c["experiment"] for c in checks] or ["spectral_model"])
    return {
        "id": identifier,
        "chapter": chapter,
        "title": title,
        "source": "Nitanda & Suzuki, ICLR 2021, Theorem 1 (arXiv:2006.12297)",
        "statement": statement,
        "symbols": {"T": "number of steps", "r": "smoothness of the target",
                    "β": "decay of the kernel's eigenvalues"},
        "not_shown": ["minimax optimality", "how large the width must be"],
        "file": f"claims/{chapter.replace(' ', '_')}/{identifier}.py",
        "experiments": [
            {
                "name": name,
                "about": "One-pass SGD with averaged iterates in the eigenbasis of the kernel.\n\n"
                "The risk is exact: ``sum(lambda * (theta - target)**2)``; only the sample is "
                "random, so that a replicate costs one pass.",
                "axes": ["T"],
                "constants": {"sigma": 1.0, "c": 0.3},
                "real": ["the SGD recursion", "parameter averaging", "the exact risk"],
                "proxied": ["the kernel's eigenbasis in place of a network"],
                "form": "errors",
                "replay": f"ratecheck check {identifier} --effort quick --seed 0",
            }
            for name in names
        ],
        "checks": checks,
        "falsifiers": falsifiers,
        **more,
    }  # fmt: skip


def document(claims: list[Values], errors: list[Values] | None = None, **more: Any) -> Values:
    """A whole document around claims."""
    verdicts = [c["verdict"] for one in claims for c in one["checks"]]
    outcomes = [f["outcome"] for one in claims for f in one["falsifiers"]]
    return {
        "schema": "ratecheck/results/1",
        "effort": "quick",
        "seed": 0,
        "alpha": 0.01,
        "provenance": {
            "ratecheck": "0.1.0", "python": "3.11.2", "torch": "2.13.0", "numpy": "2.3.5",
            "scipy": "1.16.3", "platform": "Linux x86_64", "device": "cpu", "workers": 2,
            "commit": "dccd3e5", "started": "2025-01-31T12:00:00+00:00", "seconds": 412.5,
        },
        "summary": {
            **{v.lower(): verdicts.count(v) for v in ("PASS", "FAIL", "INCONCLUSIVE", "ERROR")},
            "killed": outcomes.count("KILLED"),
            "falsifiers": len(outcomes),
        },
        "errors": errors or [],
        "notes": [],
        "claims": claims,
        **more,
    }  # fmt: skip


def varied(seed: int = 1) -> Values:
    """Several claims with every verdict and every kind of check."""
    rng = random.Random(seed)
    first = check("ntk_averaged_sgd/spectral_model/averaged[T][r=0.5,beta=2]", rng, looks=6)
    second = check("ntk_averaged_sgd/spectral_model/averaged[T][r=0.75,beta=1.5]", rng,
                   truth=-0.7, claimed=-0.692, case={"r": 0.75, "beta": 1.5}, looks=3)  # fmt: skip
    network = check("ntk_averaged_sgd/trained_network/risk[T]", rng, case={}, noise=0.25,
                    verdict="INCONCLUSIVE", reason="too wide", needed=420, gap=0.31, looks=5,
                    formula="T**(-2/3)*log(T)",
                    warnings=["one end of the grid carries the interval's width"])  # fmt: skip
    reduced = [
        check(f"reduced_rank/regression/{q}[{a}]", rng, truth=t, claimed=c, formula=f, axis=a,
              verdict=v, points=p, rivals=(("full rank", "m**2/n", s),), margin=0.2, case={},
              **more)
        for q, a, t, c, f, v, p, s, more in [
            ("deep", "n", -1.0, -1.0, "r*(2*m - r)/n", "PASS", (100, 200, 400, 800, 1600), -1.0,
             {}),
            ("deep", "m", 1.05, 1.04, "r*(2*m - r)/n", "PASS", (8, 16, 32, 64, 128), 2.0, {}),
            ("full", "m", 1.3, 2.0, "m**2/n", "FAIL", (8, 16, 32, 64, 128), 1.0,
             {"reason": "outside the margin"}),
        ]
    ]  # fmt: skip
    bound = check("svrg_langevin/chain/gap[k]", rng, truth=-1.6, claimed=-1.0, relation="at most",
                  kind="at most", axis="k", formula="1/k", case={}, margin=0.15)  # fmt: skip
    bent = check("svrg_langevin/chain/bias[eta]", rng, truth=0.8, claimed=1.0, axis="eta",
                 points=(0.01, 0.02, 0.04, 0.08, 0.16), case={}, bend=-0.05, noise=0.01,
                 formula="eta", verdict="INCONCLUSIVE", reason="pre-asymptotic", settles=0.002,
                 needed=None, rivals=(("order two", "eta**2", 2.0),))  # fmt: skip
    broken = check("svrg_langevin/chain/variance[k]", rng, case={"d": 3}, axis="k",
                   verdict="ERROR", reason="simulation failed", rivals=(), points=(1, 2),
                   formula="1/k")  # fmt: skip
    broken |= {
        "measured": None, "interval": None, "points": [], "local": [], "gap": None, "needed": None,
        "sentence": "Block 3 at k=64 raised ValueError: nan in the chain.",
        "replay": "ratecheck replay 'svrg_langevin/chain' --point k=64 --block 3 --seed 0",
    }  # fmt: skip
    return document(
        [
            claim("ntk_averaged_sgd", [first, second, network], [
                falsifier(first, rng, "last iterate, constant step", -0.02),
                falsifier(first, rng, "no averaging, huge step", 2.5),
                falsifier(second, rng, "last iterate, constant step", -0.05),
                falsifier(network, rng, "frozen features", -0.5, killed=False,
                          outcome="SURVIVED"),
            ]),
            claim("reduced_rank", reduced, [falsifier(reduced[1], rng, "full-rank truth", 2.0)],
                  title="A linear bottleneck learns at the rate r(2m − r)/n",
                  statement=r"\mathbb{E}\|\hat W-W^*\|_F^2 \simeq \sigma^2\,\frac{r(2m-r)}{n}",
                  source="Suzuki et al., AISTATS 2018, Theorem 2 (doi:10.1214/18-AOS1727)"),
            claim("svrg_langevin", [
                bound, bent, broken,
                ratio("svrg_langevin/moments/variance-agrees[d]", rng, case={}),
                ratio("svrg_langevin/moments/svrg-below-sgd[d]", rng, kind="below", case={},
                      quantities=["svrg", "sgd"]),
                decay("svrg_langevin/mixing/kl[t]", rng, case={"alpha": 1.0}),
            ], [], chapter="Langevin dynamics", symbols={},
                  title="Variance reduction lowers the gradient complexity of Langevin sampling",
                  statement=r"\mathrm{KL}(\mu_k\,\|\,\pi) \le e^{-\alpha\eta k}\,"
                  r"\mathrm{KL}(\mu_0\,\|\,\pi) + \frac{8\eta dL^2}{\alpha}",
                  source="Kinoshita & Suzuki, NeurIPS 2022, Theorem 1 (arXiv:2203.16217)"),
            claim("hostile", [], [], chapter=HOSTILE, title=HOSTILE, symbols={"<b>": HOSTILE},
                  not_shown=[HOSTILE], statement=r"\text{<script>alert(1)</script>} < 1"),
        ],
        errors=[{"file": "claims/kernel_regime/broken.py",
                 "message": "broken.py: statement: is missing; give the statement as a text"},
                {"file": "claims/<script>.py", "message": HOSTILE}],
    )  # fmt: skip


def large(claims: int = 40, checks: int = 10) -> Values:
    """A catalogue of the size of a whole field."""
    rng = random.Random(2)
    every = []
    for c in range(claims):
        mine = [
            check(f"claim_{c}/spectral_model/risk_{k}[T][r=0.5,beta={1 + k / 4}]", rng, looks=8,
                  truth=-0.5 - k / 20, points=tuple(2**e for e in range(8, 16)))
            for k in range(checks)
        ]  # fmt: skip
        every.append(
            claim(f"claim_{c}", mine, [falsifier(m, rng, "constant step", 0.0) for m in mine],
                  chapter=f"chapter {c // 6}")
        )  # fmt: skip
    return document(every)


def calibration() -> Values:
    """A calibration with a kept, a broken and an unpromised rate, and hostile words."""

    def rate(name: str, count: int, most: float | None, holds: bool | None) -> Values:
        return {"name": name, "count": count, "of": 2000, "rate": count / 2000, "least": None,
                "low": count / 2500, "high": count / 1500, "most": most, "allowance": 0.005,
                "holds": holds}  # fmt: skip

    return {
        "schema": "ratecheck/calibration/1",
        "seed": 0,
        "experiments": 2000,
        "alpha": 0.01,
        "summary": {"worst": {"false PASS, held out": {"rate": 0.0065, "cell": "gamma, CV 1",
                                                       "at": "truth +1 margin off"}}},
        "cells": [
            {"name": "gamma, CV 1", "group": "sequential", "held_out": True, "experiments": 2000,
             "why": "", "seconds": 3.2, "numbers": {"work": 0.43},
             "rates": [rate("PASS, truth on the claim", 1961, None, None),
                       rate("false PASS, truth +1 margin off", 13, 0.01, True)]},
            {"name": HOSTILE, "group": "curves", "held_out": False, "experiments": 2000,
             "why": HOSTILE, "rates": [rate("false FAIL, 1 + 3 n^-1/4", 120, 0.01, False)]},
        ],
    }  # fmt: skip
