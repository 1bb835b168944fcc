"""``ratecheck list``, ``show`` and ``new``: what there is, what it says, and one more."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated

from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Argument, Option


def list_claims(
    names: options.Names = None, claims: options.Claims = None, effort: options.Effort = "quick",
    words: options.Words = None,
) -> None:  # fmt: skip
    """List the claims with their chapters, titles and numbers of checks, or those of a part.

    Claim files are code: to be listed they are run, with all your rights. List those of strangers
    only where you would run their programs.
    """
    from ratecheck.engine.plan import CheckItem, Settings, planned
    from ratecheck.faces import asked
    from ratecheck.report.notation import plural

    entries, failures, items = options.find_items(names, claims)
    settings = Settings(effort=effort)  # type: ignore[arg-type]  # Settings checks it
    override = asked.override(items=items, words=words)
    found = planned(entries, settings, override).items
    counts = Counter((item.entry.id, isinstance(item, CheckItem)) for item in found)
    chapter = None
    for entry in sorted(entries, key=lambda entry: entry.chapter):
        checks, falsifiers = counts[entry.id, True], counts[entry.id, False]
        if override and not checks:
            continue
        if entry.chapter != chapter:
            chapter = entry.chapter
            print(_in(_BOLD, chapter))
        print(
            f"  {_in(_CYAN, entry.id)}  {entry.claim.title} ({plural(checks, 'check')}, "
            f"{plural(falsifiers, 'falsifier')})"
        )
    for _, error in failures:
        print(_in(_RED, f"does not load: {error}"))
    raise SystemExit(1 if failures else 0)


_BOLD, _RED, _CYAN = 1, 31, 36


def _in(style: int, text: str) -> str:
    """A text in a colour where there are any; rich would be half the time that listing takes."""
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return f"\x1b[{style}m{text}\x1b[0m" if coloured else text


def show(
    name: Annotated[
        str,
        Argument(help="A claim by name, a claim file or a folder, or claim/experiment/check."),
    ],
    effort: options.Effort = "quick",
    claims: options.Claims = None,
    case: options.Case = None,
    points: options.Points = None,
    margin: options.Margin = None,
    set_: options.Set = None,
    experiment: options.Experiment = None,
    words: options.Words = None,
) -> None:
    """Show what was understood of a claim: formulas, slopes, rivals, cost; nothing is simulated.

    Examples: `ratecheck show reduced_rank`, `ratecheck show svrg_langevin/theory_step/svrg`,
    `ratecheck show besov -k adaptive`.
    """
    from ratecheck.faces import asked
    from ratecheck.report.show import show as shown

    settings = options.settings(effort, 0, "cpu", None, "none", None)
    entries, failures, items = options.find_items([name], claims)
    override = asked.override(case, points, margin, set_, experiment, items, words)
    if failures:
        raise failures[0][1]
    asked.require_numbers(entries, override)
    for entry in entries:
        options.console().print(shown(entry, settings, override))


def new(
    name: Annotated[str, Argument(help="Name of the theorem and of its file, such as my_theorem.")],
    like: Annotated[
        str,
        Option(
            help="What to start from: rate, solver, optimiser (linear rates), sampler, scaling "
            "(a law with an unknown floor) or table (numbers that you have); or a claim that "
            "there is, by name or file."
        ),
    ] = "rate",
    folder: Annotated[Path, Option("--claims", help="Where to write it.")] = Path("claims"),
) -> None:
    """Write a claim file that runs as it is, with every field explained in place."""
    from ratecheck.faces.template import new_claim

    path = new_claim(name, folder, like)
    console = options.console()
    console.print(f"Wrote {path}", markup=False)
    console.print(f"  ratecheck show {path}     what was understood of it", markup=False)
    console.print(f"  ratecheck check {path}    simulate and judge it", markup=False)
