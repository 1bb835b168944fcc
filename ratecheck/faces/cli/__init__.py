"""The ``ratecheck`` command, one file a subject.

Exit codes are the same everywhere: 0 all is as claimed, 1 something is not (a FAIL, an ERROR, a
falsifier that survived, a forged result), 2 the request cannot be met, 3 nothing failed but
something is INCONCLUSIVE or undecided, 130 interrupted.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from ratecheck import __version__
from ratecheck.errors import RatecheckError
from ratecheck.faces.cli import (
    audit,
    calibrate,
    check,
    docs,
    doctor,
    export,
    fit,
    listing,
    replay,
    report,
)

app = typer.Typer(
    name="ratecheck",
    help="Checks theorems about rates by simulation, with both error rates under control.\n\n"
    "Begin with `ratecheck list`, then `ratecheck check NAME`; write your own theorem with "
    "`ratecheck new NAME`.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"ratecheck {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    pass


def _spoken(command: Callable[..., None]) -> Callable[..., None]:
    """The command with its refusals as sentences, and with Ctrl-C as one."""

    @functools.wraps(command)
    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except RatecheckError as error:
            print(f"ratecheck: {error}", file=sys.stderr)
            raise typer.Exit(2) from None
        except KeyboardInterrupt:
            print(
                "ratecheck: interrupted; what was finished is in the store, and the same command "
                "goes on from there",
                file=sys.stderr,
            )
            raise typer.Exit(130) from None

    return run


for name, command in (
    ("fit", fit.fit),
    ("check", check.check),
    ("list", listing.list_claims),
    ("show", listing.show),
    ("new", listing.new),
    ("report", report.report),
    ("export", export.export),
    ("replay", replay.replay),
    ("audit", audit.audit),
    ("calibrate", calibrate.calibrate),
    ("docs", docs.docs),
    ("doctor", doctor.doctor),
):
    app.command(name, cls=fit.Command if name == "fit" else None)(_spoken(command))


def main() -> None:
    """Run the command line."""
    app(prog_name="ratecheck")
