"""``ratecheck audit``: check a published run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Argument, Option

_EVERY = 10.0


def audit(
    results: Annotated[
        Path, Argument(help="The results.json of a run.")
    ] = Path("reports") / "results.json",
    catch: Annotated[
        float,
        Option(
            help="Share of forged blocks that the sample meets with probability 95 %; what is "
            "sampled is simulated again.",
        ),
    ] = 0.05,
    workers: options.Workers = None,
    executor: options.Executor = None,
    cluster: options.Cluster = None,
    store: options.Store = options.STORE_DEFAULT,
    claims: options.Claims = None,
) -> None:  # fmt: skip
    """Derive every verdict of a run again, simulate a random sample, and name what was forged.

    The claim files are taken from the folder of claims, never from a path in the results. What
    the store lacks is simulated, so that an audit needs nothing but the claims. Beside each
    exponent stands what statsmodels makes of the same numbers.

    Example: `ratecheck audit reports/results.json --catch 0.01`.

    Exit code: 0 everything is as the file says; 1 something cannot be confirmed, and is named;
    2 the file is no results document.
    """
    from ratecheck.after import audit as audits
    from ratecheck.claim.catalogue import load_all
    from ratecheck.engine.executors import on
    from ratecheck.engine.plan import store_path
    from ratecheck.report.results import read_json

    whole = read_json(results)
    entries, failures = load_all([claims if claims is not None and claims.is_file()
                                  else options.claims_folder(claims)])  # fmt: skip
    found = audits.audit(
        whole, entries, failures,
        store=store_path(store), catch=catch, workers=workers,
        executor=on(executor, cluster),
        on_progress=_counter(),
    )  # fmt: skip
    console = options.console()
    if found.opinions:
        console.print("exponents as published, and by statsmodels from the same numbers:")
    for opinion in found.opinions:
        console.print(f"  {opinion}", markup=False)
    for note in found.notes:
        console.print(f"note: {note}", markup=False)
    for line in found.differences:
        console.print(f"NOT CONFIRMED  {line}", markup=False, soft_wrap=True)
    console.print(str(found), markup=False)
    raise SystemExit(0 if found.clean else 1)


def _counter() -> Callable[[], None]:
    """Says now and then how many blocks were simulated."""
    state = {"blocks": 0, "said": time.monotonic()}

    def count() -> None:
        state["blocks"] += 1
        if time.monotonic() - state["said"] > _EVERY:
            state["said"] = time.monotonic()
            print(f"audit: {state['blocks']:.0f} blocks simulated", file=sys.stderr, flush=True)

    return count
