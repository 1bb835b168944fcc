"""From cells to numbers: units, thousands separators, decimal commas, fractions and powers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ratecheck.errors import RequestError
from ratecheck.tables.text import Cell, Table, is_missing

if TYPE_CHECKING:
    from ratecheck.inference.cells import Array

_TIME = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0,
         "min": 60.0, "h": 3600.0}  # fmt: skip
_BYTES = {"b": 1.0, "kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12, "kib": 2.0**10, "mib": 2.0**20,
          "gib": 2.0**30, "tib": 2.0**40}  # fmt: skip
_LENGTH = {"nm": 1e-9, "um": 1e-6, "µm": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3}
_COUNT = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "B": 1e9, "T": 1e12,
          "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30}  # fmt: skip
_SYSTEMS = (_COUNT, _TIME, _BYTES, _LENGTH, {"%": 0.01})

_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-", "’": "'"})
_SPLIT = re.compile(r"([-+]?[\d.,][\d.,' _]*(?:[eEdD][-+]?\d+)?)\s*([A-Za-zµμ%°]*[A-Za-zµμ%°/²³]*)")
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:[ '_]\d{3})+(?:[.,]\d*)?")
_THOUSANDS = re.compile(r"[-+]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?(?:[eE][-+]?\d+)?")
_DOTTED = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})+")
_EUROPEAN = re.compile(r"[-+]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?")
_COMMA = re.compile(r"[-+]?\d+,\d+(?:[eE][-+]?\d+)?")
_POWER = re.compile(r"([-+]?[\d.]+)\s*(?:\^|\*\*)\s*\(?([-+]?[\d.]+)\)?")
_SCIENTIFIC = re.compile(r"([-+]?[\d.]+)\s*(?:[x×*·]|\\times|\\cdot)\s*10\s*(?:\^|\*\*)?\s*[({]?([-+]?\d+)[)}]?")  # fmt: skip # noqa: E501
_FRACTION = re.compile(r"([-+]?[\d.]+)\s*/\s*([\d.]+)")


class Unread(ValueError):
    """A cell that is no number; its text says why and how to mend it."""


class Unclear(Unread):
    """A cell that is a number, though not one alone or of an unknown size."""


def numeric(table: Table, column: int, *, unreached: bool = False) -> Array:
    """A column as numbers, shape (rows,); with inf only where a goal may be ``unreached``.

    Units are put aside where all cells have the same, and converted where they differ; 4k is 4000.

    Raises
    ------
    RequestError
        If a cell is missing or no number: with its row.
    """
    import numpy as np

    cells = table.columns[column]
    if _dotted(cells) and _commas(table, column):
        cells = [str(cell).replace(".", "") for cell in cells]
    try:
        found = np.array([float(cell) for cell in cells])  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = np.array(_each(table, column))
    known = np.isfinite(found) | (unreached & (found == np.inf))
    if not known.all():
        row = int(np.argmin(known))
        if is_missing(cells[row]):
            raise RequestError(
                f"{table.at(row)}: '{table.names[column]}' is missing; fill it in or leave the "
                "row out"
            )
        raise RequestError(
            f"{table.at(row)}: '{table.names[column]}' is {found[row]:g}, which no rate explains; "
            "leave the row out"
        )
    return found


def _dotted(cells: Sequence[Cell]) -> bool:
    """Whether all look like thousands with dots: 1.000 and 16.384."""
    return all(isinstance(cell, str) and _DOTTED.fullmatch(cell.strip()) for cell in cells)


def _commas(table: Table, column: int) -> bool:
    """Whether another column has decimal commas."""
    for other, cells in enumerate(table.columns):
        texts = [cell.strip() for cell in cells if isinstance(cell, str)]
        if other != column and texts and any(_COMMA.fullmatch(text) for text in texts):
            return True
    return False


def is_numeric(table: Table, column: int) -> bool:
    """Whether a column looks like numbers: most of its first cells are."""
    cells = [cell for cell in table.columns[column][:50] if not is_missing(cell)]
    if not cells:
        return False
    try:
        comma = _decimal_comma(cells)
    except Unclear:
        return True
    return sum(_readable(cell, comma) for cell in cells) > len(cells) / 2


def _readable(cell: Cell, comma: bool) -> bool:
    try:
        _number(cell, comma)
    except Unclear:
        return True
    except Unread:
        return False
    return True


def _each(table: Table, column: int) -> list[float]:
    """One cell at a time: what costs is paid only where a table is not plain."""
    cells = table.columns[column]
    name = table.names[column]
    try:
        comma = _decimal_comma(cells)
    except Unread as error:
        raise RequestError(f"{table.source}: column '{name}': {error}") from None
    read = []
    for row, cell in enumerate(cells):
        if is_missing(cell):
            raise RequestError(
                f"{table.at(row)}: '{name}' is missing; fill it in or leave the row out"
            )
        try:
            read.append(_number(cell, comma))
        except Unread as error:
            raise RequestError(f"{table.at(row)}: '{name}' is {cell!r}, {error}") from None
    units = [unit for _, unit in read]
    if len(set(units)) == 1 and units[0] not in ("k", "K", "M"):
        return [value for value, _ in read]
    system = next((one for one in _SYSTEMS if all(_known(unit, one) for unit in units)), None)
    if system is None:
        row = next(i for i, unit in enumerate(units) if unit != units[0])
        there, first = units[row] or "no unit", units[0] or "no unit"
        raise RequestError(
            f"{table.at(row)}: '{name}' has {there} where the first row has {first}; write all in "
            "one unit"
        )
    return [value * _factor(unit, system) for value, unit in read]


def _known(unit: str, system: dict[str, float]) -> bool:
    return unit in system or (system is _BYTES and unit.lower() in system)


def _factor(unit: str, system: dict[str, float]) -> float:
    return system[unit] if unit in system else system[unit.lower()]


def _number(cell: Cell, comma: bool) -> tuple[float, str]:
    """A cell's number and its unit."""
    if not isinstance(cell, str):
        if isinstance(cell, int | float):
            return float(cell), ""
        raise Unread("which is no number")
    text = cell.strip().strip('"').translate(_BLANKS).strip().lstrip("$€£").strip("$ ")
    if re.search(r"\d\s*(±|\+/?-)", text):
        raise Unclear("a number with its error; write the error in a column of its own, for --se")
    found = _SPLIT.fullmatch(text)
    if found:
        return _plain(found[1].strip(), comma), found[2].strip()
    for pattern, value in ((_SCIENTIFIC, _scientific), (_POWER, _powered), (_FRACTION, _divided)):
        found = pattern.fullmatch(text)
        if found:
            return value(found[1], found[2]), ""
    raise Unread("which is no number; leave the row out, or name another column")


def _plain(text: str, comma: bool) -> float:
    if _GROUPED.fullmatch(text):
        text = re.sub(r"[ '_]", "", text)
    if comma:
        if "." in text and not _EUROPEAN.fullmatch(text):
            raise Unclear("with a point where other cells have decimal commas; write all alike")
        text = text.replace(".", "").replace(",", ".")
    elif _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    try:
        return float(text.replace("D", "e").replace("d", "e"))
    except ValueError:
        raise Unread("which is no number; leave the row out, or name another column") from None


def _scientific(mantissa: str, exponent: str) -> float:
    return _guarded(lambda: float(mantissa) * 10.0 ** int(exponent))


def _powered(base: str, exponent: str) -> float:
    return _guarded(lambda: float(base) ** float(exponent))


def _divided(over: str, under: str) -> float:
    return _guarded(lambda: float(over) / float(under))


def _guarded(value: Callable[[], float]) -> float:
    try:
        found = value()
    except (ValueError, ArithmeticError):
        found = math.nan
    if isinstance(found, complex) or not math.isfinite(found):
        raise Unread("which has no value")
    return found


def _decimal_comma(cells: Sequence[Cell]) -> bool:
    """Whether commas in a column are decimal ones; thousands come in groups of three.

    Raises
    ------
    Unclear
        If they may be either.
    """
    texts = [cell.strip().translate(_BLANKS) for cell in cells if isinstance(cell, str)]
    stems = [re.sub(r"\s*[A-Za-zµμ%°]+$", "", text) for text in texts if "," in text]
    if not stems:
        return False
    if any(not _THOUSANDS.fullmatch(stem) for stem in stems):
        return not any(stem.count(",") > 1 for stem in stems)
    if any(stem.count(",") > 1 or "." in stem for stem in stems):
        return False
    if any("," not in text and re.fullmatch(r"[-+]?\d{1,3}(\s*[A-Za-zµμ%°]+)?", text) for text in texts):  # fmt: skip # noqa: E501
        return False  # 256, 512, 1,024
    raise Unclear(f"'{stems[0]}' may be a thousand or a fraction; write it without the comma")
