"""What was judged, kept: a series whose numbers and judging code are the same is not judged again.

A row of the store holds the answers to all that is asked of one series, with digests of the numbers
that they follow from and of the code that judges. It is an accelerator and no evidence: it is used
only where every block that it names is in the store, whole and unchanged; an audit, which asks
whether verdicts follow from numbers, never looks at it.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ratecheck.claim.form import Form
from ratecheck.claim.question import Asked
from ratecheck.engine.reads import content
from ratecheck.inference.finding import Local, Point
from ratecheck.judge.verdict import Kill, Look, Rival, Sibling, Verdict

_PACKAGE = Path(__file__).parents[1]
_ROOMS = ("claim", "forms", "inference", "judge", "engine/sampling.py", "engine/judged.py")
_PARTS: Mapping[str, type] = {
    "rivals": Rival, "siblings": Sibling, "points": Point, "local": Local, "looks": Look,
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """What came of a series.

    Attributes
    ----------
    code : str
        Digest of the code that judged it.
    target : tuple of int
        Blocks at each simulated point.
    numbers : tuple of str
        Digest of their numbers at each point, as in the certificate of a run.
    answers : tuple of Verdict or Kill
        One for each question.
    seen : tuple of (int, float)
        Replicates over all points, and seconds of simulation, when each was given.
    """

    code: str
    target: tuple[int, ...]
    numbers: tuple[str, ...]
    answers: tuple[Verdict | Kill, ...]
    seen: tuple[tuple[int, float], ...]

    def written(self) -> str:
        """As text; numbers come back as they were, to the last bit."""
        answers = [[type(answer).__name__, _plain(answer)] for answer in self.answers]
        whole = [self.code, self.target, self.numbers, answers, self.seen]
        return json.dumps(whole, separators=(",", ":"))

    @classmethod
    def read(cls, text: str | None) -> Judged | None:
        """The inverse; None of what is none."""
        try:
            code, target, numbers, answers, seen = json.loads(text or "")
            kinds = {"Verdict": Verdict, "Kill": Kill}
            return cls(
                str(code), tuple(target), tuple(numbers),
                tuple(kinds[kind](**_fields(values)) for kind, values in answers),
                tuple((int(replicates), float(seconds)) for replicates, seconds in seen),
            )  # fmt: skip
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def asked_of(identity: Mapping[str, Any], asked: Sequence[Asked], *terms: object) -> str | None:
    """The name of a row: a digest of the series, of all that is asked of it and on which terms.

    None where a question holds what has no text, such as a function.
    """
    try:
        text = json.dumps([identity, _plain([*asked, *terms], named=True)])
    except TypeError:
        return None
    return "judged " + hashlib.sha256(text.encode()).hexdigest()


def code_of(form: Form, asked: Iterable[Asked]) -> str:
    """Digest of the code that judges, its kinds of check and forms outside of the package, too."""
    kinds = {type(form), *(type(one.question.check) for one in asked)}
    classes = {cls for kind in kinds for cls in kind.__mro__}
    ordered = sorted(classes, key=lambda cls: (cls.__module__, cls.__qualname__))
    return hashlib.sha256("".join([_judging(), *map(_outside, ordered)]).encode()).hexdigest()


@lru_cache(maxsize=1)
def _judging() -> str:
    files = [_PACKAGE / "words.py", _PACKAGE / "errors.py"]
    for room in _ROOMS:
        place = _PACKAGE / room
        files += sorted(place.rglob("*.py")) if place.is_dir() else [place]
    versions = [sys.version, version("numpy"), version("scipy")]
    return "".join([*versions, *(content(str(file)) for file in files)])


@lru_cache(maxsize=256)
def _outside(kind: type) -> str:
    """Digest of the file of a class that is not ours; those of the package are in `_judging`."""
    if kind.__module__ == "builtins" or kind.__module__.startswith("ratecheck."):
        return ""
    try:
        return content(inspect.getfile(kind))
    except (TypeError, OSError):
        return ""


def _plain(value: Any, *, named: bool = False) -> Any:
    """As JSON holds it: dataclasses as mappings, with their class's name if asked."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, list | tuple):
        return [_plain(one, named=named) for one in value]
    if isinstance(value, dict | Mapping):
        return {str(name): _plain(one, named=named) for name, one in value.items()}
    kind = type(value)
    if is_dataclass(kind):
        mine = {name: _plain(getattr(value, name), named=named) for name in _names(kind)}
        return [kind.__qualname__, mine] if named else mine
    return value.item() if hasattr(value, "dtype") and not value.ndim else value


@cache
def _names(kind: type) -> list[str]:
    return [one.name for one in fields(kind)]


def _fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an answer, from what JSON holds."""
    return {
        name: tuple(_part(_PARTS[name], one) for one in value)
        if name in _PARTS
        else tuple(value)
        if isinstance(value, list)
        else value
        for name, value in values.items()
    }


def _part(kind: type, values: Mapping[str, Any]) -> Any:
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})
