"""The table of what the claims see: ``python -m tests.mutants [CLAIM ...]``."""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from tests.mutants import Mutant
from tests.mutants.harness import Seen, look, tables


def main() -> int:
    """Run the mutants, print the table; 1 if one is alive without a reason, or an error."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("claims", nargs="*", help="claims by name; all that have mutants")
    parser.add_argument("-m", "--mutant", default="", help="only those with this in their names")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="so many at a time")
    parser.add_argument("-v", "--verbose", action="store_true", help="what saw each of them")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    known = tables()
    if unknown := sorted(set(asked.claims) - set(known)):
        parser.error(f"no mutants of {', '.join(unknown)}; there are those of {', '.join(known)}")
    rows = [
        (claim, mutant)
        for claim in asked.claims or known
        for mutant in known[claim]
        if asked.mutant in mutant.name
    ]
    with ThreadPoolExecutor(asked.jobs) as pool:
        seen = list(pool.map(lambda row: _one(*row, asked.seed, asked.verbose), rows))
    return _table(rows, seen)


def _one(claim: str, mutant: Mutant, seed: int, verbose: bool) -> Seen:
    start = time.monotonic()
    seen = look(claim, mutant, seed=seed)
    took = time.monotonic() - start
    if verbose or seen.outcome == "error":
        print(f"{seen.outcome:7} {claim}: {mutant.name}: {took:.0f} s: {seen.by}", flush=True)
    return seen


def _table(rows: list[tuple[str, Mutant]], seen: list[Seen]) -> int:
    doubtful = 0
    for claim in dict.fromkeys(claim for claim, _ in rows):
        mine = [(m, s) for (name, m), s in zip(rows, seen, strict=True) if name == claim]
        killed = sum(s.outcome == "killed" for _, s in mine)
        print(f"{claim:32} {killed:3} of {len(mine)} killed")
        for mutant, s in mine:
            if s.outcome != "killed":
                doubtful += s.outcome == "error" or not mutant.survives
                print(f"    {s.outcome}: {mutant.name}: {mutant.survives or s.by}")
    killed = sum(s.outcome == "killed" for s in seen)
    print(f"{'all':32} {killed:3} of {len(seen)} killed")
    return int(doubtful > 0)


if __name__ == "__main__":
    sys.exit(main())
