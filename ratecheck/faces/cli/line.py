"""Commands from functions, on click: annotated parameters become arguments and options.

``workers: Annotated[int, Option(help="...")] = 1`` is an option ``--workers``; its type says how
the text is read, a list that it may be given several times. A function's docstring is its help, and
its module is imported when it, or the list of all commands, is asked for.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

import click

from ratecheck.errors import RatecheckError


@dataclass(frozen=True)
class Argument:
    """A parameter that is given by its place."""

    help: str
    metavar: str | None = None
    complete: Callable[[str], list[str]] | None = None


class Option:
    """A parameter that is given by a name: the function's own unless ``flags`` say others."""

    def __init__(
        self,
        *flags: str,
        help: str,
        panel: str = "Options",
        metavar: str | None = None,
        min: float | None = None,
    ) -> None:
        self.flags, self.help, self.panel = flags, help, panel
        self.metavar, self.min = metavar, min


class _Given(click.Option):
    """An option that stands in a panel of the help."""

    def __init__(self, *args: Any, panel: str, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.panel = panel


class Command(click.Command):
    """One function as a command: its refusals are sentences, and so is Ctrl-C."""

    def __init__(self, name: str, function: Callable[..., None]) -> None:
        hints = get_type_hints(function, include_extras=True)
        given = inspect.signature(function).parameters.values()
        super().__init__(
            name, callback=function, help=inspect.getdoc(function),
            params=[_parameter(one.name, hints[one.name], one.default) for one in given],
        )  # fmt: skip

    def invoke(self, ctx: click.Context) -> Any:
        """Call the function.

        Raises
        ------
        SystemExit
            With 2 where the request cannot be met, 130 where it was interrupted.
        """
        try:
            lists = {k: list(v) or None for k, v in ctx.params.items() if isinstance(v, tuple)}
            return ctx.invoke(self.callback, **{**ctx.params, **lists})  # type: ignore[arg-type]
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

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options by their panels."""
        panels: dict[str, list[tuple[str, str]]] = {"Options": []}
        for one in self.get_params(ctx):
            record = one.get_help_record(ctx) if isinstance(one, click.Option) else None
            if record is not None:
                panels.setdefault(getattr(one, "panel", "Options"), []).append(record)
        for title, records in panels.items():
            with formatter.section(title):
                formatter.write_dl(records)


def _parameter(name: str, hint: Any, default: Any) -> click.Parameter:
    """A parameter of a function as click has it."""
    kind, told, *_ = get_args(hint)
    if NoneType in get_args(kind):
        kind = next(one for one in get_args(kind) if one is not NoneType)
    several = get_origin(kind) is list
    required = default is inspect.Parameter.empty
    settings: dict[str, Any] = {"metavar": told.metavar, "help": told.help, "required": required}
    if not required and not several:
        settings["default"] = default
    if isinstance(told, Argument):
        if told.complete is not None:
            complete = told.complete
            settings["shell_complete"] = lambda ctx, param, begun: complete(begun)
        nargs = -1 if several else 1
        return click.Argument([name], type=_type(kind, None), nargs=nargs, **settings)
    flags = told.flags or (f"--{name.replace('_', '-')}",)
    settings |= {"is_flag": True} if kind is bool else {"type": _type(kind, told.min)}
    return _Given([name, *flags], panel=told.panel, multiple=several, **settings)


_TYPES: Mapping[Any, click.ParamType[Any]] = {
    str: click.STRING, int: click.INT, float: click.FLOAT, Path: click.Path(path_type=Path),
    list[str]: click.STRING,
}  # fmt: skip


def _type(kind: Any, least: float | None) -> click.ParamType[Any]:
    if least is None:
        return _TYPES[kind]
    return click.IntRange(min=int(least)) if kind is int else click.FloatRange(min=least)


class Line(click.Group):
    """The commands by name, in order, each as ``module:function`` below a package.

    A module may have a class ``Command`` of its own.
    """

    def __init__(self, package: str, places: Mapping[str, str], **settings: Any) -> None:
        super().__init__(no_args_is_help=True, **settings)
        self.package, self.places = package, places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, in order."""
        return list(self.places)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a name."""
        if name not in self.places:
            return None
        module, function = self.places[name].split(":")
        found = import_module(f"{self.package}.{module}")
        make: Callable[..., click.Command] = getattr(found, "Command", Command)
        return make(name, getattr(found, function))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is asked for; a name that is nearly one is told which."""
        close = get_close_matches(args[0], self.places, n=1)
        if close and args[0] not in self.places and not args[0].startswith("-"):
            ctx.fail(f"there is no command '{args[0]}'; did you mean {close[0]}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with the first paragraph of its help."""
        rows: Sequence[tuple[str, str]] = [
            (name, " ".join((command.help or "").split("\n\n")[0].split()))
            for name in self.list_commands(ctx)
            if (command := self.get_command(ctx, name)) is not None
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
