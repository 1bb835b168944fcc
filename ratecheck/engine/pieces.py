"""Pieces of code that were taken apart, and kept for the next run.

Taking code apart asks the file system where names lead. Every such question is kept with its
answer, and a piece is used again only if its source is the same and each answer is what it was: a
module that has appeared beside a claim since then is seen.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from ratecheck.engine.kept import Kept

Questions = dict[tuple[str, ...], str]
_P = ParamSpec("_P")
_A = TypeVar("_A")
_asked: ContextVar[Questions | None] = ContextVar("asked", default=None)
_QUESTIONS: dict[str, Callable[..., object]] = {}


@dataclass(frozen=True)
class Piece:
    """Code without what does not compute, the modules that it reaches, and foreign packages."""

    code: str
    reaches: dict[str, Path]
    foreign: set[str]
    asked: Questions


Take = Callable[[Path, bytes, tuple[str, ...]], Piece]


def question(ask: Callable[_P, _A]) -> Callable[_P, _A]:
    """Note what a function, of texts and paths, is asked while code is taken apart."""
    _QUESTIONS[ask.__name__] = ask

    @wraps(ask)
    def noting(*args: _P.args, **named: _P.kwargs) -> _A:
        answer, notes = ask(*args, **named), _asked.get()
        if notes is not None:
            notes[ask.__name__, *map(str, args)] = str(answer)
        return answer

    return noting


@contextlib.contextmanager
def noted() -> Iterator[Questions]:
    """What is asked inside, with the answers."""
    notes: Questions = {}
    token = _asked.set(notes)
    try:
        yield notes
    finally:
        _asked.reset(token)


class Pieces:
    """The pieces of one run: each is looked up, or taken apart, once.

    Parameters
    ----------
    kept : Kept or None
        Where they are kept; None keeps nothing.
    """

    def __init__(self, kept: Kept | None) -> None:
        self._kept = kept
        self._known: dict[str, Piece] = {}
        self._new: dict[str, str] = {}
        self._answers: Questions = {}

    def take(self, path: Path, source: bytes, roots: tuple[str, ...], apart: Take) -> Piece:
        """The piece of a file that some names need; all of it without names."""
        if self._kept is None:
            return apart(path, source, roots)
        name = f"code {path} {' '.join(roots)}"
        digest = hashlib.sha256(_here() + source).hexdigest()
        if name not in self._known:
            piece = self._read(self._kept.get([name]).get(name), digest)
            if piece is None:
                piece = apart(path, source, roots)
                self._new[name] = _written(piece, digest)
            self._known[name] = piece
        return self._known[name]

    def save(self) -> None:
        """Keep what was taken apart."""
        if self._kept is not None and self._new:
            self._kept.put(self._new)
            self._new.clear()

    def _read(self, text: str | None, digest: str) -> Piece | None:
        try:
            known, code, reaches, foreign, asked = json.loads(text or "")
            same = known == digest and all(self._still(*row) for row in asked)
            paths = {name: Path(path) for name, path in reaches.items()}
            return Piece(code, paths, set(foreign), {}) if same else None
        except (ValueError, TypeError, KeyError, AttributeError):
            return None

    def _still(self, name: str, first: str, *rest: str) -> bool:
        *paths, answer = rest
        key = (name, first, *paths)
        if key not in self._answers:
            self._answers[key] = str(_QUESTIONS[name](first, *map(Path, paths)))
        return self._answers[key] == answer


def _written(piece: Piece, digest: str) -> str:
    reaches = {name: str(path) for name, path in piece.reaches.items()}
    asked = [[*question, answer] for question, answer in piece.asked.items()]
    return json.dumps([digest, piece.code, reaches, sorted(piece.foreign), asked])


@cache
def _here() -> bytes:
    """What takes code apart: this folder's own code, and Python's."""
    own = (Path(__file__), Path(__file__).with_name("fingerprint.py"))
    return sys.version.encode() + b"".join(file.read_bytes() for file in own)
