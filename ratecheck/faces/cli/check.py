"""``ratecheck check``: simulate and judge."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Option


def check(
    names: options.Items = None,
    effort: options.Effort = "quick",
    seed: options.Seed = 0,
    device: options.Device = "cpu",
    workers: options.Workers = None,
    executor: options.Executor = None,
    cluster: options.Cluster = None,
    store: options.Store = options.STORE_DEFAULT,
    block_timeout: options.Timeout = None,
    fixed: Annotated[
        bool,
        Option(
            "--fixed", help="Sample every point fully instead of stopping when all is decided.",
            panel="Run",
        ),
    ] = False,
    claims: options.Claims = None,
    report: Annotated[
        Path | None,
        Option(
            help="Write DIR/index.html and DIR/results.json.", metavar="DIR",
            panel="Run",
        ),
    ] = None,
    case: options.Case = None,
    points: options.Points = None,
    margin: options.Margin = None,
    set_: options.Set = None,
    experiment: options.Experiment = None,
    words: options.Words = None,
) -> None:  # fmt: skip
    """Simulate claims and judge them: PASS, FAIL or INCONCLUSIVE, with numbers.

    What is simulated is kept, so that a second call answers at once and an interrupted one goes on.

    Examples: `ratecheck check reduced_rank`, `ratecheck check --effort standard --report out`,
    `ratecheck check ntk_averaged_sgd --case r=0.7,beta=2.5`,
    `ratecheck check svrg_langevin/theory_step/svrg`.

    Exit code: 0 all pass and every falsifier is killed; 1 a FAIL, an ERROR or a falsifier that
    survived; 2 the request cannot be met; 3 nothing failed, something is INCONCLUSIVE, or a
    falsifier undecided.
    """
    from ratecheck.engine.executors import on
    from ratecheck.faces import asked

    settings = options.settings(
        effort, seed, device, workers, store, block_timeout, fixed, on(executor, cluster)
    )
    entries, failures, items = options.find_items(names, claims)
    override = asked.override(case, points, margin, set_, experiment, items, words)
    asked.require_numbers(entries, override)

    from ratecheck.faces.running import run
    from ratecheck.report import ci
    from ratecheck.report.publish import publish, require_place
    from ratecheck.report.summary import markdown, terminal_table

    if report is not None:
        require_place(report)
    ran = run(entries, failures, settings, override, names or (), options.console(stderr=True))
    whole = ran.document
    console = options.console()
    try:
        page = None if report is None else publish(whole, report)
    finally:  # a full disk must not cost the verdicts
        console.print(terminal_table(whole))
        for note in ran.notes:
            console.print(note, markup=False)
    for line in ci.errors_of(whole):
        print(line, file=sys.stderr)
    ci.summarise(markdown(whole))
    if page is not None:
        console.print(f"Report: {page}", markup=False)
    raise SystemExit(exit_code(whole))


def exit_code(document: dict[str, Any]) -> int:
    """0, 1 or 3, as the help says."""
    summary = document["summary"]
    kills = {one["outcome"] for claim in document["claims"] for one in claim["falsifiers"]}
    if summary["fail"] or summary["error"] or document["errors"] or kills & {"SURVIVED", "ERROR"}:
        return 1
    return 3 if summary["inconclusive"] or "UNDECIDED" in kills else 0
