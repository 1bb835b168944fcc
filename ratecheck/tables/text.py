"""From the text of a table to cells: separators, headers, comments and JSON, by looking."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ratecheck.errors import RequestError

LARGEST = 256 * 2**20
_DELIMITERS = ("\t", ";", "|", ",", "")  # the last one: runs of blanks
_LOOKED_AT = 50
_NUMERAL = re.compile(r"[-+−]?[.,]?\d")
_RULE = re.compile(r"[-:=+| ]+")  # the line below the head of a Markdown table
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "--", "?"})

Cell = str | float | int | None


@dataclass(frozen=True)
class Table:
    """Cells as they were written.

    Attributes
    ----------
    source : str
        What messages call the table.
    names : tuple of str
        One a column; those of a table without a header are ``"1"``, ``"2"``, ...
    columns : tuple of list
        The cells of each column, k rows.
    lines : sequence of int
        Where each row stands in the source.
    unit : str
        What a row is called in messages: a line of a text, an entry of JSON, a row.
    headed : bool
        Whether the names were written there.
    """

    source: str
    names: tuple[str, ...]
    columns: tuple[Sequence[Cell], ...]
    lines: Sequence[int]
    unit: str = "line"
    headed: bool = True

    def at(self, row: int) -> str:
        """Where a row stands: ``line 7 of errors.csv``."""
        return f"{self.unit} {self.lines[row]} of {self.source}"

    def __len__(self) -> int:
        return len(self.lines)


def read(place: str) -> Table:
    """The table in a file, or on the standard input for ``-``.

    CSV, TSV, semicolons, bars and blanks are told apart by looking; JSON and JSON lines by their
    first letter; parquet by the name's end, which needs pandas.

    Raises
    ------
    RequestError
        If there is no such file, or nothing in it is a table.
    """
    if place == "-":
        return parse(_decoded(sys.stdin.buffer.read(LARGEST + 1), "the input"), "the input")
    path = Path(place)
    if path.suffix.lower() in (".parquet", ".pq"):
        return _parquet(path)
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise RequestError(
            f"{place} cannot be read ({cause}); name a table such as errors.csv, or - for a pipe"
        ) from None
    return parse(_decoded(raw, path.name), path.name)


def parse(text: str, source: str = "the table") -> Table:
    """The table in a text.

    Raises
    ------
    RequestError
        If it is empty, or its rows do not have the same cells.
    """
    if not text.strip():
        raise RequestError(f"{source} is empty; write a row for each point, such as N,error")
    first = text.lstrip()[0]
    if first in "{[":
        return _json(text, source)
    return _separated(text, source)


def is_missing(cell: Cell) -> bool:
    """Whether a cell says that there is nothing."""
    if cell is None or isinstance(cell, str):
        return cell is None or cell.strip().lower() in _MISSING
    return cell != cell


# -- bytes ----------------------------------------------------------------------------------------


def _decoded(raw: bytes, source: str) -> str:
    if len(raw) > LARGEST:
        raise RequestError(
            f"{source} is larger than {LARGEST // 2**20} MiB; keep one row for each point, such as "
            "the mean over runs with its standard error"
        )
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):  # fmt: skip # noqa: E501
        if raw.startswith(mark):
            return raw.decode(name, errors="replace")
    if b"\0" in raw[:4096]:
        raise RequestError(f"{source} is no text; save the table as CSV or JSON")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _parquet(path: Path) -> Table:
    try:
        import pandas as pd
    except ImportError:
        raise RequestError(
            f"{path.name} is parquet, which pandas reads: pip install pandas pyarrow"
        ) from None
    try:
        frame = pd.read_parquet(path)
    except ImportError:
        raise RequestError(f"{path.name} is parquet; pip install pyarrow to read it") from None
    except Exception as error:
        raise RequestError(f"{path.name} cannot be read as parquet ({error})") from None
    names = tuple(str(name) for name in frame.columns)
    columns = tuple(frame.iloc[:, i].tolist() for i in range(len(names)))
    return _filled(Table(path.name, names, columns, range(1, len(frame) + 1), "row"))


# -- separated text -------------------------------------------------------------------------------


def _separated(text: str, source: str) -> Table:
    kept = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not _RULE.fullmatch(line.strip())
    ]
    comments = [(n, line) for n, line in kept if line.lstrip()[0] in "#%"]
    kept = [(n, line) for n, line in kept if line.lstrip()[0] not in "#%"]
    if not kept:
        raise RequestError(f"{source} holds comments only; write a row for each point")
    delimiter = _delimiter([line for _, line in kept[:_LOOKED_AT]])
    rows = [cells for _, line in kept for cells in _cells(line, delimiter)]
    numbers = [number for number, _ in kept]
    headed = _is_head(rows)
    names = rows[0] if headed else None
    if headed:
        rows, numbers = rows[1:], numbers[1:]
    elif comments:
        names = _commented(comments, numbers[0], delimiter, len(rows[0]))
    width = len(names) if names else Counter(map(len, rows)).most_common(1)[0][0] if rows else 0
    for number, row in zip(numbers, rows, strict=True):
        if len(row) != width:
            raise RequestError(
                f"line {number} of {source} has {len(row)} cells where the others have {width}; "
                f"separate cells by one sign alone (here {_called(delimiter)} is taken for it)"
            )
    columns = tuple(list(column) for column in zip(*rows, strict=True)) or ([],) * width
    shown = tuple(name.strip() for name in names) if names else _numbered(width)
    return _filled(Table(source, shown, columns, numbers, "line", names is not None))


def _filled(table: Table) -> Table:
    if not len(table):
        raise RequestError(f"{table.source} has a head and no rows; write a row for each point")
    return table


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(str(index + 1) for index in range(width))


def _called(delimiter: str) -> str:
    return {"\t": "a tab", "": "a blank"}.get(delimiter, f"'{delimiter}'")


def _delimiter(lines: Sequence[str]) -> str:
    """The one that makes the most cells numbers, in rows of one and the same length."""

    def score(delimiter: str) -> tuple[float, float]:
        rows = [cells for line in lines for cells in _cells(line, delimiter)]
        width, often = Counter(map(len, rows)).most_common(1)[0]
        if width < 2:
            return -1.0, 0.0
        below = [cell for row in rows[1:] or rows for cell in row]
        fit = sum(_is_number(cell) or is_missing(cell) for cell in below) / len(below)
        return often / len(rows), fit

    scores = {delimiter: score(delimiter) for delimiter in _DELIMITERS}
    best = max(scores.values(), key=lambda pair: pair[0] + pair[1])
    # of equally good ones the first: a comma may be a decimal one between semicolons
    return next(d for d in _DELIMITERS if sum(scores[d]) >= sum(best) - 1e-9)


def _cells(line: str, delimiter: str) -> Iterator[list[str]]:
    if delimiter == "":
        yield line.split()
    elif delimiter == "|":
        yield [cell.strip() for cell in line.strip().strip("|").split("|")]
    elif '"' in line:
        yield next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    else:
        yield line.split(delimiter)


def _is_number(cell: str) -> bool:
    """Whether it looks like one number, with or without a unit: for telling separators apart."""
    cell = cell.strip()
    return bool(_NUMERAL.match(cell)) and " " not in re.sub(r"(?<=\d) (?=\d{3}\b|\D)", "", cell)


def _is_head(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: no number in it where one stands below."""
    first = rows[0]
    if any(_NUMERAL.match(cell.strip()) for cell in first):
        return False
    if len(rows) == 1:
        return True
    return any(cell.strip() for cell in first)


def _commented(
    comments: Iterable[tuple[int, str]], first: int, delimiter: str, width: int
) -> list[str] | None:
    """Names in the last comment above the rows, as numpy's savetxt writes them."""
    above = [line for number, line in comments if number < first]
    if not above:
        return None
    line = above[-1].lstrip().lstrip("#% ")
    for each in (delimiter, ""):
        cells = next(_cells(line, each))
        if len(cells) == width and not any(_NUMERAL.match(cell.strip()) for cell in cells):
            return cells
    return None


# -- JSON -----------------------------------------------------------------------------------------


def _json(text: str, source: str) -> Table:
    """A list of objects, an object of lists, a list of rows, or one object a line; as of pandas."""
    try:
        loaded = json.loads(text)
    except ValueError as whole:
        entries, lines = [], []
        for number, line in enumerate(io.StringIO(text), 1):
            if not line.strip():
                continue
            try:
                entries.append(json.loads(line))
            except ValueError as error:
                told = error if number > 1 else whole
                raise RequestError(
                    f"line {number} of {source} is no JSON ({told}); write one object a line, or a "
                    "list of objects"
                ) from None
            lines.append(number)
        return _entries(entries, lines, source, "line")
    if isinstance(loaded, dict):
        loaded = _of_pandas(loaded)
    lists = [v for v in loaded.values() if isinstance(v, list)] if isinstance(loaded, dict) else []
    if len(lists) == 1 and all(isinstance(entry, dict) for entry in lists[0]):
        loaded, lists = lists[0], []
    if lists:
        return _of_lists({str(k): v for k, v in loaded.items() if isinstance(v, list)}, source)
    entries = loaded if isinstance(loaded, list) else [loaded]
    return _entries(entries, range(1, len(entries) + 1), source, "entry")


def _of_pandas(loaded: dict[str, Any]) -> Any:
    """A data frame that ``to_json`` wrote by columns, by rows or split, else what there is."""
    if {"columns", "index", "data"} <= set(loaded):
        return [loaded["columns"], *loaded["data"]]
    inner = list(loaded.values())
    if not inner or not all(isinstance(v, dict) and list(v) == list(inner[0]) for v in inner):
        return loaded
    numbered = all(label.isdigit() for label in inner[0])
    return {k: list(v.values()) for k, v in loaded.items()} if numbered else inner


def _of_lists(loaded: dict[str, list[Any]], source: str) -> Table:
    sizes = {name: len(column) for name, column in loaded.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name}: {size}" for name, size in sizes.items())
        raise RequestError(f"{source}: its lists differ in length ({told}); make them equal")
    size = next(iter(sizes.values()))
    columns = tuple([_plain(cell) for cell in column] for column in loaded.values())
    return _filled(Table(source, tuple(loaded), columns, range(1, size + 1), "entry"))


def _entries(entries: Sequence[Any], lines: Sequence[int], source: str, unit: str) -> Table:
    if not entries:
        raise RequestError(f"{source} is an empty list; write an object for each point")
    if all(isinstance(entry, dict) for entry in entries):
        names = tuple(dict.fromkeys(str(name) for entry in entries for name in entry))
        columns = tuple([_plain(entry.get(name)) for entry in entries] for name in names)
        return Table(source, names, columns, lines, unit)
    if all(isinstance(entry, list) for entry in entries):
        width = len(entries[0])
        for line, entry in zip(lines, entries, strict=True):
            if len(entry) != width:
                raise RequestError(
                    f"{unit} {line} of {source} has {len(entry)} cells where the first has {width}"
                )
        head = width > 0 and all(isinstance(cell, str) for cell in entries[0]) and len(entries) > 1
        rows, lines = (entries[1:], lines[1:]) if head else (entries, lines)
        columns = tuple([_plain(row[i]) for row in rows] for i in range(width))
        names = tuple(map(str, entries[0])) if head else _numbered(width)
        return Table(source, names, columns, lines, unit, head)
    raise RequestError(
        f'{source} is JSON of another shape; write a list of objects such as {{"N": 8, "error": 1}}'
    )


def _plain(cell: Any) -> Cell:
    """A cell that is no number or text is kept as its text, so that it is refused by its name."""
    return cell if cell is None or type(cell) in (int, float, str) else str(cell)
