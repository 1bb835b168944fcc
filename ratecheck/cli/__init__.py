"""The ``ratecheck`` command: check, list, show, new, report, replay, audit, calibrate, doctor.

Exit codes are the same everywhere: 0 all is as claimed, 1 something is not (a FAIL, an ERROR, a
falsifier that survived, a forged result), 2 the request cannot be met, 3 nothing failed but
something is INCONCLUSIVE, 130 interrupted.
"""

from __future__ import annotations

import sys

import typer

from ratecheck.cli import check, doctor, listing, report
from ratecheck.errors import RatecheckError

app = typer.Typer(
    name="ratecheck",
    help="Checks theorems about rates by simulation, with both error rates under control.\n\n"
    "Begin with `ratecheck list`, then `ratecheck check NAME`; write your own theorem with "
    "`ratecheck new NAME`.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)
for command in (
    check.check, listing.list_claims, listing.show, listing.new, report.report, doctor.doctor,
):  # fmt: skip
    app.command(command.__name__.removesuffix("_claims"))(command)


def main() -> None:
    """Run the command line; a `RatecheckError` is a sentence and exit code 2."""
    try:
        app(prog_name="ratecheck")
    except RatecheckError as error:
        print(f"ratecheck: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    except KeyboardInterrupt:
        print(
            "ratecheck: interrupted; what was finished is in the store, and the same command "
            "goes on from there",
            file=sys.stderr,
        )
        raise SystemExit(130) from None
    except BrokenPipeError:
        raise SystemExit(141) from None
