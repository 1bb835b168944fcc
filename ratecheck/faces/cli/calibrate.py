"""``ratecheck calibrate``: how often are verdicts wrong where the truth is known?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from ratecheck.faces.cli import options
from ratecheck.faces.cli.line import Option


def calibrate(
    quick: Annotated[
        bool, Option("--quick", help="2,000 experiments a cell instead of 10,000.")
    ] = False,
    cells: Annotated[
        str | None,
        Option(help="Only cells whose 'group: name' this regular expression matches."),
    ] = None,
    seed: options.Seed = 0,
    out: Annotated[
        Path | None,
        Option(help="Write the counts as JSON; beside a report its page shows them."),
    ] = None,
    experiments: Annotated[
        int | None, Option(min=1, help="Another number of experiments a cell.")
    ] = None,
    workers: Annotated[int, Option(min=1, help="Processes that share the cells.")] = 1,
) -> None:
    """Measure the error rates of verdicts on known truths, by the code that judges claims.

    Each line is a cell: a noise, a curve or a kind of check with a known truth. The whole battery
    takes hours of processor time; `--cells trajectories --quick` takes a minute.

    With few experiments many a promise can be told neither kept nor broken, and that is said.

    Exit code 0 when no promise is broken, but in cells that say why theirs cannot be kept; 1 if one
    is.
    """
    from ratecheck.calibrate import main
    from ratecheck.engine.provenance import commit

    raise SystemExit(
        main(
            quick=quick, cells=cells, seed=seed, out=out, experiments=experiments,
            workers=workers, commit=commit(), echo=lambda line: print(line, flush=True),
        )
    )  # fmt: skip
