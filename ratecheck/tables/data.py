"""Numbers along an axis, whoever had them: arrays or columns, repeated rows put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ratecheck.claim.formula import Formula
from ratecheck.errors import RequestError
from ratecheck.tables import columns
from ratecheck.tables.numbers import is_numeric, numeric
from ratecheck.tables.text import Table
from ratecheck.tables.wide import stacked

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array

MOST_POINTS = 64


@dataclass(frozen=True, eq=False)
class Data:
    """What was measured along one axis.

    Attributes
    ----------
    axis, quantity : str
        Names as formulas may use them.
    x : tuple of float
        The k different values of the axis, in the order in which they approach the limit.
    values : tuple of array
        At each of them the measured values, shape (r_i,); of means, one each.
    errors : tuple of float or None
        Standard errors of the means, one a point.
    params : mapping
        Other numbers that a formula may name.
    group : mapping
        Which part of the table it is.
    source : str
    notes : tuple of str
        What a reader should know of how the numbers were read.
    """

    axis: str
    quantity: str
    x: tuple[float, ...]
    values: tuple[Array, ...]
    errors: tuple[float, ...] | None = None
    params: Mapping[str, float] | None = None
    group: Mapping[str, str] | None = None
    source: str = ""
    notes: tuple[str, ...] = ()

    @property
    def inverse(self) -> bool:
        """Whether the axis goes to 0."""
        return len(self.x) > 1 and self.x[-1] < self.x[0]

    @property
    def replicates(self) -> int:
        """Values in all."""
        return sum(len(y) for y in self.values)

    def above(self, floor: float) -> Data:
        """What is left above a known floor.

        Raises
        ------
        RequestError
            If a value without a standard error lies below it.
        """
        values = tuple(y - floor for y in self.values)
        if self.errors is None:
            for x, y in zip(self.x, values, strict=True):
                if (y <= 0).any():
                    lowest = float(y.min()) + floor
                    raise RequestError(
                        f"{self.axis} = {x:g}: {self.quantity} is {lowest:g}, which is not above "
                        f"the floor {floor:g}; name a lower one"
                    )
        note = f"the floor {floor:g} was taken off {self.quantity}"
        return replace(self, values=values, notes=(*self.notes, note))


# -- from arrays ----------------------------------------------------------------------------------


def of_arrays(
    x: Any,
    y: Any,
    se: Any = None,
    *,
    axis: str | None = None,
    quantity: str | None = None,
    to: float | None = None,
) -> Data:
    """Numbers from Python: lists, numpy, pandas, torch, jax.

    Parameters
    ----------
    x : array of shape (k,)
        The axis, in any order; equal values are repeated measurements.
    y : array of shape (k,) or (k, r), or k sequences
        What was measured there, once or r times.
    se : array of shape (k,), optional
        Standard errors of y.

    Raises
    ------
    RequestError
        If shapes do not fit, or a value is missing: with its number, from 1.
    """
    axis = columns.plain_name(axis) if axis else _name_of(x) or "x"
    quantity = quantity or _name_of(y) or "y"
    at = _array(x, "x")
    if at.ndim != 1:
        raise RequestError(f"x has shape {at.shape}; give one value of the axis for each y")
    rows = _rows(y)
    if len(rows) != len(at):
        raise RequestError(f"x has {len(at)} values and y {len(rows)}; give as many")
    errors = None if se is None else _array(se, "se")
    if errors is not None and errors.shape != at.shape:
        raise RequestError(f"se has shape {errors.shape} and x {at.shape}; give as many")
    if errors is not None and any(len(row) != 1 for row in rows):
        raise RequestError("y has several values a point and se is given; give one of the two")
    long_x = np.repeat(at, [len(row) for row in rows])
    long_y = np.concatenate(rows) if rows else at

    def where(row: int) -> str:
        return f"value {row + 1}" if len(long_x) == len(at) else f"x = {long_x[row]:g}"

    return _gathered(axis, quantity, long_x, long_y, errors, where, to)


def _rows(y: Any) -> list[Array]:
    if isinstance(y, list | tuple) and y and all(hasattr(row, "__len__") for row in y):
        return [_array(row, "y").reshape(-1) for row in y]
    whole = _array(y, "y")
    if whole.ndim not in (1, 2):
        raise RequestError(f"y has shape {whole.shape}; give one row of values for each x")
    return list(whole if whole.ndim == 2 else whole.reshape(-1, 1))


def _array(values: Any, name: str) -> Array:
    """Anything that is an array, also one that is on a device or has a gradient."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    try:
        if not hasattr(values, "__array__") and hasattr(values, "__dlpack__"):
            values = np.from_dlpack(values)
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise RequestError(f"{name} is no array of numbers ({error}); give numbers") from None


def _name_of(values: Any) -> str | None:
    """The name of a pandas series."""
    name = getattr(values, "name", None)
    return columns.plain_name(name) if isinstance(name, str) and name else None


# -- from a table ---------------------------------------------------------------------------------


def of_table(
    table: Table,
    *,
    x: str | None = None,
    y: str | None = None,
    se: str | None = None,
    by: Sequence[str] = (),
    formula: str | None = None,
    to: float | None = None,
) -> Iterator[Data]:
    """The numbers of a table; of each of its parts where it is to be divided.

    Raises
    ------
    RequestError
        If a column cannot be told, or a cell of one of them is no number: with its row.
    """
    table = stacked(table) if y is None else table
    chosen = columns.choose(table, x, y, se, by, formula)
    axis, quantity = (columns.plain_name(table.names[i]) for i in (chosen.x, chosen.y))
    if not table.headed:
        names = Formula(formula).names if formula is not None else frozenset()
        axis, quantity = next(iter(names)) if len(names) == 1 else "x", "y"
    at, values = numeric(table, chosen.x), numeric(table, chosen.y, unreached=True)
    errors = None if chosen.se is None else numeric(table, chosen.se)
    extra = _named(table, chosen, formula, axis)
    for group, rows in _parts(table, chosen).items():
        told = dict(zip([table.names[i] for i in chosen.by], group, strict=True))
        _distinct(table, chosen, at, rows)

        def where(row: int, rows: Array = rows) -> str:
            return table.at(int(rows[row]))

        params = {}
        for name, column in extra.items():
            if np.ptp(column[rows]) > 0:
                raise RequestError(
                    f"'{name}' of the formula varies in {table.source}; divide by it: --by {name}"
                )
            params[name] = float(column[rows][0])
        yield _gathered(
            axis, quantity, at[rows], values[rows],
            None if errors is None else errors[rows], where, to,
            params=params, group=told, source=table.source, notes=_notes(table, chosen),
        )  # fmt: skip


def _named(
    table: Table, chosen: columns.Chosen, formula: str | None, axis: str
) -> dict[str, Array]:
    """Columns that a formula names beside the axis."""
    names = [] if formula is None else sorted(Formula(formula).names - {axis})
    found = {}
    for name in names:
        try:
            column = columns.find(table, name)
        except RequestError:
            raise RequestError(
                f"'{name}' of the formula is no column of {table.source}; the axis is '{axis}', "
                f"and there are {', '.join(table.names)}"
            ) from None
        found[name] = numeric(table, column)
    return found


def _parts(table: Table, chosen: columns.Chosen) -> dict[tuple[str, ...], Array]:
    """Numbers of the rows of each part, in the order in which the parts begin."""
    if not chosen.by:
        _require_one(table, chosen)
        return {(): np.arange(len(table))}
    parts: dict[tuple[str, ...], list[int]] = {}
    for row in range(len(table)):
        key = tuple(str(table.columns[i][row]).strip() for i in chosen.by)
        parts.setdefault(key, []).append(row)
    return {key: np.array(rows) for key, rows in parts.items()}


def _require_one(table: Table, chosen: columns.Chosen) -> None:
    """Refuse a table of several methods, whose rows would be taken for repeated measurements."""
    used = {chosen.x, chosen.y, chosen.se, chosen.run}
    for column, name in enumerate(table.names):
        if column in used or is_numeric(table, column):
            continue
        levels = list(dict.fromkeys(str(cell).strip() for cell in table.columns[column]))
        if 1 < len(levels) <= len(table) / 2:
            shown = ", ".join(levels[:4])
            raise RequestError(
                f"column '{name}' of {table.source} has {len(levels)} values ({shown}); divide the "
                f"table by it: --by {name}"
            )


def _distinct(table: Table, chosen: columns.Chosen, at: Array, rows: Array) -> None:
    """Refuse one run twice at a point."""
    if chosen.run is None:
        return
    seen: dict[tuple[float, str], int] = {}
    name = table.names[chosen.run]
    for row in map(int, rows):
        key = (float(at[row]), str(table.columns[chosen.run][row]).strip())
        if key in seen:
            raise RequestError(
                f"{table.at(row)} repeats {table.unit} {table.lines[seen[key]]} "
                f"({table.names[chosen.x]} = {key[0]:g}, {name} = {key[1]}); leave one of them out"
            )
        seen[key] = row


def _notes(table: Table, chosen: columns.Chosen) -> tuple[str, ...]:
    spread = [name for name in table.names if columns.is_spread(name)] if chosen.se is None else []
    logs = [name for name in (table.names[chosen.x], table.names[chosen.y]) if columns.is_log(name)]
    return (
        *(
            f"'{name}' is a standard deviation and was not used; divided by the root of the number "
            "of runs it is a standard error, for --se"
            for name in spread[:1]
        ),
        *(
            f"'{name}' is named as a logarithm: give the numbers themselves, of which logarithms "
            "are taken here"
            for name in logs
        ),
    )


# -- both -----------------------------------------------------------------------------------------


def _gathered(
    axis: str,
    quantity: str,
    x: Array,
    y: Array,
    errors: Array | None,
    where: Any,
    to: float | None,
    *,
    params: Mapping[str, float] | None = None,
    group: Mapping[str, str] | None = None,
    source: str = "",
    notes: tuple[str, ...] = (),
) -> Data:
    """Rows put together by their place on the axis, in the order in which it is approached."""
    _refuse(axis, quantity, x, y, errors, where)
    places, index = np.unique(x, return_inverse=True)
    if len(places) < 2:
        raise RequestError(
            f"{axis} has one value, {places[0]:g}; a rate needs at least two, and four to be judged"
            if len(places)
            else "there are no values; a rate needs at least two points"
        )
    order = np.argsort(index, kind="stable")
    ends = np.cumsum(np.bincount(index))[:-1]
    cells = np.split(y[order], ends)
    each = None if errors is None else np.split(errors[order], ends)
    if each is not None:
        cells, told = _weighted(cells, each)
    else:
        told = None
        cells, same = _once(cells)
        notes = (*notes, *same)
    cells, told, places, thinned = _thinned(cells, told, places, axis)
    if _to_zero(axis, x, to):
        cells, places = cells[::-1], places[::-1]
        told = None if told is None else told[::-1]
    return Data(
        axis, quantity, tuple(map(float, places)), tuple(cells),
        None if told is None else tuple(told), params or {}, group or {}, source,
        (*notes, *thinned),
    )  # fmt: skip


def _refuse(axis: str, quantity: str, x: Array, y: Array, errors: Array | None, where: Any) -> None:
    """Refuse what has no logarithm, with its row."""
    many = errors is None and len(x) > 0 and np.unique(x, return_counts=True)[1].min() >= 8
    for name, values in ((axis, x), (quantity, y), ("the standard error", errors)):
        if values is not None and not np.isfinite(values).all():
            unreached = values is y and bool((values < np.inf).any())
            if unreached and many and not np.isnan(y).any() and y.min() > -np.inf:
                continue  # times to a goal
            row = int(np.argmin(np.isfinite(values)))
            fix = (
                "take eight values at every point, which say what times are without it, or leave "
                "the whole point out"
                if unreached and values[row] == np.inf
                else "leave the row out"
            )
            raise RequestError(f"{where(row)}: {name} is {values[row]:g}; {fix}")
    if (x <= 0).any():
        row = int(np.argmax(x <= 0))
        raise RequestError(
            f"{where(row)}: {axis} is {x[row]:g}, and an axis of rates is positive; leave the row "
            "out, or name another column"
        )
    if errors is not None:
        if (errors <= 0).any():
            row = int(np.argmax(errors <= 0))
            raise RequestError(
                f"{where(row)}: the standard error is {errors[row]:g}; it must be positive (leave "
                "--se out if it is not known)"
            )
        return
    if (y == 0).any() and not many:
        row = int(np.argmax(y == 0))
        raise RequestError(
            f"{where(row)}: {quantity} is 0, which has no logarithm; where round-off has reached "
            "it, leave the row out, or give the standard errors if it is a mean"
        )
    if (y < 0).any() and not many:
        row = int(np.argmax(y < 0))
        fix = (
            "named as a logarithm; give the numbers themselves"
            if columns.is_log(quantity)
            else "and an error is positive; give its standard error if it is a mean with a sign, "
            "or its absolute value"
        )
        raise RequestError(f"{where(row)}: {quantity} is {y[row]:g}, {fix}")


def _to_zero(axis: str, x: Array, to: float | None) -> bool:
    """Whether the axis goes to 0: as said, as it is called, or because it is below 1 everywhere."""
    if to is not None:
        return to == 0
    return columns.goes_to_zero(axis) or bool((x < 1).all())


def _weighted(cells: list[Array], errors: list[Array]) -> tuple[list[Array], list[float]]:
    """One mean a point, by inverse variances."""
    means, told = [], []
    for y, e in zip(cells, errors, strict=True):
        weight = 1 / e**2
        means.append(np.array([float((weight * y).sum() / weight.sum())]))
        told.append(float(weight.sum() ** -0.5))
    return means, told


def _once(cells: list[Array]) -> tuple[list[Array], tuple[str, ...]]:
    """Rows that stand there twice by mistake: wherever there are several, one value again."""
    copies = sum(len(y) - 1 for y in cells)
    if not copies or any(np.ptp(y) > 0 for y in cells):
        return cells, ()
    some = "a copy of another row was" if copies == 1 else f"{copies} copies of other rows were"
    return [y[:1] for y in cells], (f"{some} left out",)


def _thinned(
    cells: list[Array], errors: list[float] | None, x: Array, axis: str
) -> tuple[list[Array], list[float] | None, Array, tuple[str, ...]]:
    """Of very many points some, evenly spread: the others hardly say more about an exponent."""
    if len(x) <= MOST_POINTS:
        return cells, errors, x, ()
    wanted = np.geomspace(x[0], x[-1], MOST_POINTS)
    places = np.unique(np.clip(np.searchsorted(x, wanted * (1 - 1e-12)), 0, len(x) - 1))
    note = (
        f"of {len(x)} values of {axis} {len(places)} were used, evenly spread on the logarithmic "
        "axis"
    )
    return (
        [cells[i] for i in places],
        None if errors is None else [errors[i] for i in places],
        x[places],
        (note,),
    )
