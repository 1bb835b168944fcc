"""Which column is the axis, which the error, its standard error, the run: guessed where plain."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ratecheck.claim.formula import Formula
from ratecheck.errors import RequestError
from ratecheck.tables.numbers import is_numeric
from ratecheck.tables.text import Table

_SE = frozenset({"se", "sem", "stderr", "stderror", "mcse"})
_RUN = frozenset({"rep", "reps", "replicate", "replication", "run", "seed", "trial", "repeat",
                  "repetition", "fold"})  # fmt: skip
_X = frozenset({
    "n", "h", "x", "dx", "dy", "dz", "dt", "nx", "size", "sizes", "dof", "dofs", "ndof", "ndofs",
    "elements", "cells", "points", "samples", "tokens", "flops", "compute", "steps", "step",
    "iterations", "iteration", "iter", "epoch", "epochs", "length", "nodes", "resolution", "params",
    "parameters", "eps", "epsilon", "tol", "delta", "bandwidth", "lr",
})  # fmt: skip
_WEAK = frozenset(["m", "k", "d", "t", "p", "width", "depth"])  # where nothing else is an axis
_Y = frozenset({
    "error", "err", "errors", "loss", "risk", "time", "times", "seconds", "secs", "sec",
    "milliseconds", "ms", "microseconds", "us", "nanoseconds", "ns", "runtime", "walltime",
    "duration", "elapsed", "latency", "value", "values", "mean", "average", "avg", "y", "l1", "l2",
    "linf", "h1", "mse", "rmse", "mae", "bias", "gap", "residual", "regret", "variance", "cost",
})  # fmt: skip
_SPREAD = frozenset({"std", "sd", "stdev", "stddev", "var"})
_LOGS = frozenset({"log", "log2", "log10", "ln"})
_UNITS = re.compile(r"\s*[\[(][^\])]*[\])]\s*$")
_STEPS = frozenset(
    ["h", "dx", "dy", "dz", "dt", "step", "stepsize", "delta", "eps", "epsilon", "lr", "tol",
     "bandwidth"]
)  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """Columns by number; absent ones are None.

    Attributes
    ----------
    x, y : int
        The axis, and what is measured along it.
    se : int or None
        Standard errors of y.
    run : int or None
        What tells repeated rows apart.
    by : tuple of int
        What the table is divided by.
    """

    x: int
    y: int
    se: int | None
    run: int | None
    by: tuple[int, ...]


def plain_name(name: str) -> str:
    """A column's name as formulas may use it: without its unit, blanks as underscores; lambda_.

    >>> plain_name("mesh size (mm)")
    'mesh_size'
    """
    bare = name if is_log(name) else _UNITS.sub("", name).strip() or name
    bare = re.sub(r"\W+", "_", bare).strip("_")
    bare = f"{bare}_" if keyword.iskeyword(bare) else bare
    return bare if bare and not bare[0].isdigit() else f"column_{bare}" if bare else "x"


def goes_to_zero(name: str) -> bool:
    """Whether what is called so is a step or a tolerance, whose limit is 0."""
    return name in _STEPS or name.lower() in _STEPS - {"h"}


def choose(
    table: Table,
    x: str | None,
    y: str | None,
    se: str | None,
    by: Sequence[str],
    formula: str | None,
) -> Chosen:
    """The columns that were asked for, and for the rest those that are plain from their names.

    Raises
    ------
    RequestError
        If a column is unknown, or which one is meant cannot be told.
    """
    if len(table.names) < 2:
        fix = (
            'write a list of objects such as {"N": 8, "error": 1}'
            if table.unit == "entry"
            else "separate the axis and the values by a comma, a tab, a semicolon or blanks"
        )
        raise RequestError(f"{table.source} has one column, '{table.names[0]}'; {fix}")
    asked = [None if name is None else find(table, name) for name in (x, y, se)]
    groups = tuple(find(table, name) for name in by)
    taken = {column for column in (*asked, *groups) if column is not None}
    free = [i for i in range(len(table.names)) if i not in taken and not _is_range(table, i)]
    errors = asked[2]
    if errors is None:
        errors = _only(table, [i for i in free if _is_se(table.names[i])], "standard error", "--se")
        free = [i for i in free if i != errors]
    runs = [i for i in free if _words(table.names[i])[-1:] and _words(table.names[i])[-1] in _RUN]
    runs = [] if len(runs) > 1 else runs
    free = [
        i for i in free if i not in runs and is_numeric(table, i) and not is_spread(table.names[i])
    ]
    at, value = asked[0], asked[1]
    if at is None:
        at = _axis(table, free, formula, value)
        free = [i for i in free if i != at]
    if value is None:
        value = _value(table, [i for i in free if i != at])
    if at == value:
        raise RequestError(f"'{table.names[at]}' cannot be both --x and --y; name two columns")
    return Chosen(at, value, errors, runs[0] if runs else None, groups)


def find(table: Table, name: str) -> int:
    """A column by its name, its name without the unit, or its number from 1.

    Raises
    ------
    RequestError
        If there is none, or there are two.
    """
    for test in (
        lambda own: own == name,
        lambda own: plain_name(own) == name,
        lambda own: own.lower() == name.lower(),
    ):
        found = [i for i, own in enumerate(table.names) if test(own)]
        if len(found) > 1:
            raise RequestError(
                f"{table.source} has {len(found)} columns '{name}'; name one by its number, such "
                f"as {found[0] + 1}"
            )
        if found:
            return found[0]
    if name.isdigit() and 1 <= int(name) <= len(table.names):
        return int(name) - 1
    close = get_close_matches(name, table.names, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"there are {_listed(table.names)}"
    raise RequestError(f"{table.source} has no column '{name}'; {hint}")


def _axis(table: Table, free: list[int], formula: str | None, value: int | None) -> int:
    names = frozenset() if formula is None else Formula(formula).names
    free = [i for i in free if len(set(table.columns[i])) > 1] or free  # an axis moves
    if names:  # a formula says what it is a formula of
        named = [i for i in free if plain_name(table.names[i]) in names]
        if len(named) == 1:
            return named[0]
        if not named and table.headed:
            raise RequestError(
                f"'{formula}' names no column of {table.source}; there are {_listed(table.names)}"
            )
        free = named or free
    likely = [i for i in free if _is_x(table.names[i])]
    likely = likely or [i for i in free if table.names[i].lower() in _WEAK]
    if len(likely) == 1:
        return likely[0]
    rest = [i for i in free if not _is_y(table.names[i])]
    if not likely and len(rest) == 1:
        return rest[0]
    if not likely and len(free) == 2 and value is None and not any(map(_known, _of(table, free))):
        return free[0]
    if not likely and value is not None and len(free) == 1:
        return free[0]
    raise _unclear(table, likely or rest or free, "the axis", "--x")


def _value(table: Table, free: list[int]) -> int:
    likely = [i for i in free if _is_y(table.names[i])]
    if len(likely) == 1:
        return likely[0]
    if not likely and len(free) == 1:
        return free[0]
    raise _unclear(table, likely or free, "the value", "--y")


def _only(table: Table, found: list[int], what: str, option: str) -> int | None:
    if len(found) > 1:
        raise _unclear(table, found, f"the {what}", option)
    return found[0] if found else None


def _unclear(table: Table, columns: Sequence[int], what: str, option: str) -> RequestError:
    names = _of(table, columns)
    twice = next((name for name, count in Counter(names).items() if count > 1), None)
    if twice is not None:
        index = table.names.index(twice)
        return RequestError(
            f"{table.source} has {Counter(names)[twice]} columns '{twice}'; name one by its "
            f"number, such as {option} {index + 1}"
        )
    if not names:
        return RequestError(
            f"{table.source}: no column is left for {what}; there are {_listed(table.names)}, of "
            f"which one must hold numbers: name it with {option}"
        )
    return RequestError(f"{table.source}: {what} may be {_listed(names)}; say which with {option}")


def _of(table: Table, columns: Iterable[int]) -> list[str]:
    return [table.names[i] for i in columns]


def _listed(names: Sequence[str]) -> str:
    most = 8
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _words(name: str) -> list[str]:
    """Of a name without its unit, in small letters: ``meanError`` has two."""
    bare = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", _UNITS.sub("", name))
    return [word for word in re.split(r"[\W_]+", bare.lower()) if word]


def _is_se(name: str) -> bool:
    words = _words(name)
    pairs = {"".join(words[i : i + 2]) for i in range(len(words) - 1)}
    return bool(_SE & set(words) or pairs & {"stderr", "stderror", "standarderror"})


def _is_range(table: Table, column: int) -> bool:
    """Whether it is the least or the largest value of another column, as Weights & Biases says."""
    base, _, end = table.names[column].rpartition("__")
    return end in ("MIN", "MAX") and base in table.names


def is_log(name: str) -> bool:
    """Whether a column of this name holds logarithms; a log loss is none of its own."""
    words = [word for word in re.split(r"[\W_]+", name.lower()) if word]
    return words[:1] != [] and words[0] in _LOGS and not {"loss", "likelihood"} & set(words)


def is_spread(name: str) -> bool:
    """Whether a column of this name is a standard deviation or a variance."""
    return bool(_SPREAD & set(_words(name)))


def _is_x(name: str) -> bool:
    words = _words(name)
    if words in ([], ["column"]) or _Y & set(words):
        return False
    return words[-1] in _X or "".join(words) in _X or words[0] in ("n", "num", "number")


def _is_y(name: str) -> bool:
    return bool(_Y & set(_words(name)))


def _known(name: str) -> bool:
    return _is_x(name) or _is_y(name)
