"""What a reader asks for in words, ``r=0.6,beta=2.5``, as the engine takes it.

The command line and pytest share it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from ratecheck.claim.catalogue import Entry
from ratecheck.claim.falsifier import Value
from ratecheck.engine.asked import Override
from ratecheck.errors import RequestError

T = TypeVar("T")


def override(
    case: str | None = None,
    points: Sequence[str] | None = None,
    margin: float | None = None,
    set_: Sequence[str] | None = None,
    experiments: Sequence[str] | None = None,
    items: Sequence[str] = (),
    words: str | None = None,
) -> Override:
    """What a reader asks for that the file does not list.

    Raises
    ------
    RequestError
        If one of the texts is not of its form.
    """
    constants = [pair for text in set_ or () for pair in _pairs("--set", text)]
    return Override(
        case=assignments("--case", case) if case is not None else None,
        points=_once("--points", [_points(text) for text in points or ()]),
        margin=margin,
        constants=_once("--set", constants),
        experiments=tuple(experiments or ()),
        items=tuple(items),
        words=tuple((words or "").split()),
    )


def require_numbers(entries: Iterable[Entry], asked: Override) -> None:
    """Refuse a word where the claims know numbers only.

    Raises
    ------
    RequestError
        With the option and the name.
    """
    experiments = [one for entry in entries for one in entry.claim.experiments.values()]
    given = [*((case, asked.case or {}, "--case") for one in experiments for case in one.cases),
             *((one.free, asked.constants, "--set") for one in experiments)]  # fmt: skip
    for known, wanted, option in given:
        for name, value in wanted.items():
            if isinstance(value, str) and not isinstance(known.get(name, ""), str):
                raise RequestError(f"{option}: {name} must be a number, not '{value}'")


def assignments(option: str, text: str) -> dict[str, Value]:
    """``r=0.6,beta=2.5`` as a mapping.

    Raises
    ------
    RequestError
        If a part is no assignment, or a name is given twice.
    """
    return _once(option, list(_pairs(option, text)))


def _pairs(option: str, text: str) -> Iterator[tuple[str, Value]]:
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise RequestError(f"{option} {text}: write name=value,name=value")
        yield name.strip(), _value(value.strip())


def _once(option: str, pairs: Sequence[tuple[str, T]]) -> dict[str, T]:
    """The pairs as a mapping; of two wishes for one name neither is obeyed."""
    counts = Counter(name for name, _ in pairs)
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise RequestError(f"{option} gives '{twice}' {counts[twice]} times; give it once")
    return dict(pairs)


def _value(text: str) -> Value:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _points(text: str) -> tuple[str, tuple[float, ...]]:
    name, equals, values = text.partition("=")
    try:
        if not equals or not name.strip():
            raise ValueError
        first, dots, last = values.partition("..")
        if dots:
            low, high = _number(first), _number(last)
            if not 0 < low < high < math.inf:
                raise ValueError
            steps = math.floor(math.log2(high / low) + 1e-9)
            return name.strip(), tuple(low * 2**step for step in range(steps + 1))
        return name.strip(), tuple(_number(value) for value in values.split(","))
    except ValueError:
        raise RequestError(
            f"--points {text}: write n=64,128,256,512 or, doubling, n=64..4096"
        ) from None


def _number(text: str) -> float:
    value = _value(text.strip())
    if isinstance(value, str):
        raise ValueError
    return value
