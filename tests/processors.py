"""Which numbers are the same on other processors: ``python -m tests.processors [CLAIM ...]``.

The cheapest block of each experiment is computed as this processor does it, and as others would:
the variables of `IMITATIONS` let the libraries take the code that they keep for those. What comes
out with the same bits under all of them is called stable; of the rest the table says how far it is
off, beside the largest value of its quantity.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ratecheck.claim.catalogue import load_all
from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.plan import Settings, plan
from ratecheck.engine.run import Run
from ratecheck.engine.worker import attempt

ROOT = Path(__file__).parents[1]
HERE = "here"
IMITATIONS: dict[str, dict[str, str]] = {
    HERE: {},
    "AVX2, in other kernels": {
        "OPENBLAS_CORETYPE": "Haswell", "MKL_CBWR": "AVX2,STRICT", "NUMBA_CPU_NAME": "haswell",
    },
    "no AVX, no fused sums": {
        "OPENBLAS_CORETYPE": "Prescott", "ATEN_CPU_CAPABILITY": "default",
        "MKL_CBWR": "COMPATIBLE", "ONEDNN_MAX_CPU_ISA": "SSE41",
        "NUMBA_CPU_NAME": "nehalem", "NUMBA_CPU_FEATURES": "",
        "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4",
    },
}  # fmt: skip
Values = Mapping[str, list[float]]


def cheapest(claims: list[str]) -> list[Block]:
    """A block of each experiment, at the point and case that its cost says is cheapest."""
    entries, _ = load_all([ROOT / "claims"])
    unknown = set(claims) - {entry.id for entry in entries}
    if unknown:
        raise SystemExit(f"no claims of the names {', '.join(sorted(unknown))}")
    asked = [entry for entry in entries if not claims or entry.id in claims]
    settings, found = Settings(workers=0, store=None), {}
    with Run(plan(asked, settings), settings) as run:
        for sampling in run.samplings:
            block = min(sampling.at(0), key=sampling.cost)
            cost = sampling.cost(block)
            name = (block.claim, block.experiment)
            if sampling.repeatable and (name not in found or cost < found[name][0]):
                found[name] = cost, block
    return [block for _, block in found.values()]


def computed(imitation: str, claims: list[str]) -> dict[str, Values]:
    """The numbers of the blocks as a processor computes them, by the block's name."""
    command = [sys.executable, "-m", "tests.processors", "--compute", *claims]
    env = {**os.environ, **IMITATIONS[imitation], "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return dict(map(json.loads, done.stdout.splitlines()))


def off(here: Values, there: Values) -> float:
    """The largest difference, by the largest value of its quantity; 0 only for the same bits."""
    if here.keys() != there.keys():
        return np.inf
    apart = 0.0
    for name, values in here.items():
        a, b = np.array(values), np.array(there[name])
        if a.shape != b.shape or not np.array_equal(np.isfinite(a), np.isfinite(b)):
            return np.inf
        if a.tobytes() != b.tobytes():
            finite = np.isfinite(a)
            size = np.abs(a[finite]).max(initial=5e-324)
            apart = max(apart, 5e-324, np.abs(a - b)[finite].max(initial=0.0) / size)
    return float(apart)


def main() -> int:
    """Print a line for every experiment, and the claims that are stable."""
    parser = argparse.ArgumentParser(prog="python -m tests.processors", description=__doc__)
    parser.add_argument("claims", nargs="*", help="claims by name; all")
    parser.add_argument("--compute", action="store_true", help="compute, and print the numbers")
    asked = parser.parse_args()
    if asked.compute:
        for block in cheapest(asked.claims):
            numbers = attempt(block)
            values = numbers.values if isinstance(numbers, Numbers) else {}
            told = {name: array.ravel().tolist() for name, array in values.items()}
            print(json.dumps([block.name, told]), flush=True)
        return 0
    tables = {name: computed(name, asked.claims) for name in IMITATIONS}
    others = [name for name in IMITATIONS if name != HERE]
    stable: dict[str, bool] = {}
    print("  ".join([*others, "block"]))
    for block, here in tables[HERE].items():
        apart = [off(here, tables[name].get(block, {})) for name in others]
        claim = block.partition("/")[0]
        stable[claim] = stable.get(claim, True) and bool(here) and not any(apart)
        cells = ["same bits" if not far else f"{far:.0e}" for far in apart]
        print("  ".join([*(c.rjust(len(n)) for c, n in zip(cells, others, strict=True)), block]))
    print(f"stable: {', '.join(name for name, same in stable.items() if same) or 'none'}")
    print(f"not: {', '.join(name for name, same in stable.items() if not same) or 'none'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
