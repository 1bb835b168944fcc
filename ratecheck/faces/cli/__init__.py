"""The ``ratecheck`` command, one file a subject.

Exit codes are the same everywhere: 0 all is as claimed, 1 something is not (a FAIL, an ERROR, a
falsifier that survived, a forged result), 2 the request cannot be met, 3 nothing failed but
something is INCONCLUSIVE or undecided, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from ratecheck import __version__
from ratecheck.errors import RatecheckError
from ratecheck.faces.cli.line import Line

_COMMANDS = {
    "fit": "fit:fit", "check": "check:check", "list": "listing:list_claims",
    "show": "listing:show", "new": "listing:new", "report": "report:report",
    "export": "export:export", "replay": "replay:replay", "audit": "audit:audit",
    "calibrate": "calibrate:calibrate", "docs": "docs:docs", "doctor": "doctor:doctor",
}  # fmt: skip


def _said(say: Callable[[], str]) -> Callable[[click.Context, click.Parameter, bool], None]:
    """What an option prints in place of running a command."""

    def tell(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
        if wanted and not ctx.resilient_parsing:
            try:
                print(say())
            except RatecheckError as error:
                print(f"ratecheck: {error}", file=sys.stderr)
                ctx.exit(2)
            ctx.exit()

    return tell


def _script() -> str:
    from ratecheck.faces.cli import completion

    return completion.script(app)


def _install() -> str:
    from ratecheck.faces.cli import completion

    return completion.install(app)


app = Line(
    __name__,
    _COMMANDS,
    name="ratecheck",
    help="Checks theorems about rates by simulation, with both error rates under control.\n\n"
    "Begin with `ratecheck list`, then `ratecheck check NAME`; write your own theorem with "
    "`ratecheck new NAME`.",
    params=[
        click.Option(
            [flag], is_flag=True, is_eager=True, expose_value=False, callback=_said(say), help=told
        )
        for flag, say, told in (
            ("--version", lambda: f"ratecheck {__version__}", "Print the version."),
            ("--install-completion", _install, "Have this shell complete commands and claims."),
            ("--show-completion", _script, "Print what the shell has to read for that."),
        )
    ],
)


def main() -> None:
    """Run the command line."""
    app(prog_name="ratecheck", max_content_width=100)
