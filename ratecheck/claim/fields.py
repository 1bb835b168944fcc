"""What a claim file wrote, taken as plain data: the first thing of a wrong kind is a sentence.

These run before anything is computed with a field, so that a number in place of a list is told as
such and not as whatever Python says about it three calls later.
"""

from __future__ import annotations

import keyword
import math
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from ratecheck.errors import ClaimError, kind_of

MOST_POINTS = 1000
MOST_ENTRIES = 10_000
_LARGEST = 10**300
_WORD = re.compile(r"[\w.+-]+(?: [\w.+-]+)*")
_RESERVED = frozenset({"replicates", "rng"})


def listed(where: str, name: str, value: Any, most: int = MOST_ENTRIES) -> tuple[Any, ...]:
    """A list (or another sequence) as a tuple."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ClaimError(where, name, f"is {_shown(value)}, not a list", f"write {name}=[...]")
    entries = tuple(islice(value, most + 1))
    if len(entries) > most:
        raise ClaimError(where, name, f"has more than {most} entries", "leave some out")
    return entries


def mapping(where: str, name: str, value: Any) -> dict[str, Any]:
    """A mapping whose keys are names of parameters."""
    keyed = named(where, name, value)
    for key in keyed:
        if not is_parameter(key):
            raise ClaimError(
                where, name, f"{_shown(key)} cannot be a parameter of a simulation",
                "use the name of one, and not replicates or rng",
            )  # fmt: skip
    return keyed


def named(where: str, name: str, value: Any) -> dict[str, Any]:
    """A mapping whose keys are texts."""
    if not isinstance(value, Mapping):
        fix = f"write {name}={{'name': value}}"
        raise ClaimError(where, name, f"is {_shown(value)}, not a mapping", fix)
    for key in value:
        text(where, name, key)
    return dict(value)


def worded(where: str, name: str, value: Any) -> dict[str, str]:
    """A mapping of texts to texts."""
    keyed = named(where, name, value)
    for key, words in keyed.items():
        text(where, f"{name}[{key!r}]", words)
    return keyed


def texts(where: str, name: str, values: Any, *, empty: bool) -> tuple[str, ...]:
    """A list of texts as a tuple."""
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        raise ClaimError(where, name, "is not a list", f"write {name}=['...', '...']")
    entries = listed(where, name, values)
    if not entries and not empty:
        raise ClaimError(where, name, "is empty", "list at least one thing, in a few words each")
    if any(not isinstance(words, str) or not words.strip() for words in entries):
        raise ClaimError(where, name, "holds something that is not a text", "list texts only")
    return tuple(text(where, name, words, lines=True) for words in entries)


def constants(where: str, name: str, value: Any) -> dict[str, tuple[Any, ...]]:
    """Free constants, each with its base value first and the others after it."""
    filled: dict[str, tuple[Any, ...]] = {}
    for key, values in mapping(where, name, value).items():
        plain = isinstance(values, int | float | str)
        entries = (values,) if plain else listed(where, f"{name}[{key!r}]", values)
        if not entries:
            raise ClaimError(where, f"{name}[{key!r}]", "is empty", "write its base value first")
        for entry in entries:
            scalar(where, f"{name}[{key!r}]", entry)
        filled[key] = entries
    return filled


def is_parameter(name: Any) -> bool:
    """Whether a function of Python can have a parameter of this name."""
    return (
        isinstance(name, str)
        and name.isidentifier()
        and not keyword.iskeyword(name)
        and name not in _RESERVED
    )


def text(where: str, name: str, value: Any, *, lines: bool = False) -> str:
    """A text that is not empty, in one line unless lines are allowed, that can be printed."""
    if not isinstance(value, str) or not value.strip():
        raise ClaimError(where, name, f"is {_shown(value)}, not a text", "write some words")
    shown = value.replace("\n", " ") if lines else value
    if not shown.isprintable():
        odd = next(c for c in shown if not c.isprintable())
        raise ClaimError(
            where, name, f"holds the control character {odd!r}",
            "write it in one line, and LaTeX as a raw text, r'...'",
        )  # fmt: skip
    return value


def scalar(where: str, name: str, given: Any) -> None:
    """The value of a parameter: a finite number, or a plain word."""
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise ClaimError(where, name, f"is {_shown(given)}", "a parameter is a number or a text")
    if isinstance(given, str) and not _WORD.fullmatch(given):
        raise ClaimError(
            where, name, f"is {_shown(given)}", "a text as parameter is plain words, such as 'relu'"
        )
    if not isinstance(given, str) and not is_finite(given):
        raise ClaimError(where, name, f"is {_shown(given)}", "a parameter is finite")


def is_number(value: Any) -> bool:
    """Whether this is a whole or real number (True and False are not)."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_finite(value: float) -> bool:
    """Whether a number is finite, also as a float."""
    if isinstance(value, int):
        return abs(value) < _LARGEST
    return math.isfinite(value)


def _shown(value: Any) -> str:
    try:
        shown = " ".join(repr(value).split())
    except Exception:  # what cannot be shown, or is too long for Python to print
        shown = f"a {kind_of(value)}"
    return shown if len(shown) <= 60 else f"{shown[:57]}..."
