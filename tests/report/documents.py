"""Documents to show: the frozen run of `gallery`, whole and in parts, and what follows from it."""

from __future__ import annotations

import copy
import json
from typing import Any

from .gallery import FROZEN

Values = dict[str, Any]
TEXT = FROZEN.read_text(encoding="utf-8")
HOSTILE: str = json.loads(TEXT)["claims"][-1]["title"]


def varied() -> Values:
    """Four claims with every verdict and every kind of check, and texts that would do harm.

    A folder of the frozen run cannot have any name: the hostile chapter and file are put in here.
    """
    whole: Values = json.loads(TEXT)
    whole["claims"][-1]["chapter"] = HOSTILE
    whole["errors"].append({"file": "claims/<script>.py", "message": HOSTILE})
    return whole


def check(identifier: str) -> Values:
    """A check of the frozen run."""
    checks = (check for claim in varied()["claims"] for check in claim["checks"])
    return next(check for check in checks if check["id"] == identifier)


def falsifiers(identifier: str) -> list[Values]:
    """The falsifiers of a check of the frozen run."""
    return [
        falsifier
        for claim in varied()["claims"]
        for falsifier in claim["falsifiers"]
        if falsifier["kills"] == identifier
    ]


def changed(document: Values) -> Values:
    """A later run: one verdict, one exponent and one falsifier differ; one check is new."""
    later = copy.deepcopy(document)
    checks = later["claims"][0]["checks"]
    checks[0]["verdict"] = "FAIL"
    checks[1] |= {"measured": -0.5, "interval": [-0.52, -0.48]}
    later["claims"][0]["falsifiers"][0] |= {"killed": False, "outcome": "SURVIVED"}
    new = copy.deepcopy(checks[2])
    new["id"] = "averages/means/slower-bound[m]"
    checks.append(new)
    later["claims"][1]["checks"].pop()
    later["provenance"]["seconds"] = 100.0
    return later


def empty(**more: Any) -> Values:
    """A run in which nothing was judged."""
    whole = varied()
    nothing = {name: 0 for name in whole["summary"] if name != "family"}
    return {**whole, "summary": nothing, "errors": [], "claims": [], **more}


def field(claims: int, checks: int) -> Values:
    """A catalogue of the size of a whole field: copies of a sampled check with all its panels."""
    whole = varied()
    base = whole["claims"][0]
    own = next(one for one in base["checks"] if len(one["looks"]) > 1)
    hunters = falsifiers(own["id"])
    whole["claims"] = []
    for c in range(claims):
        claim: Values = {**base, "id": f"claim_{c}", "chapter": f"chapter {c // 6}",
                         "checks": [], "falsifiers": []}  # fmt: skip
        for k in range(checks):
            name = f"claim_{c}/means/risk_{k}[n][beta=1]"
            one = {**own, "id": name, "label": f"risk_{k}"}
            claim["checks"].append(one)
            claim["falsifiers"] += [
                {**hunter, "id": f"{hunter['id']}-{c}-{k}", "kills": name} for hunter in hunters
            ]
        whole["claims"].append(claim)
    return whole


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
