"""Formulas inside sentences: powers set high, indices low, roots with their sign, letters as such.

Claim files are plain text and say n^(-2s/(2s+d)) where a book has a raised exponent. What stands
after ^ is raised, in parentheses or as one word or number; what stands after _ at a single letter
is lowered, in braces or as a word; theta is a letter wherever it is a word. The rest of a sentence
is left alone.
"""

from __future__ import annotations

import html
import re

from ratecheck.report import notation

_POWER = re.compile(r"(?<=[\w)\]|])\^(?=\(|-?\w|\*)")
_WORD = re.compile(r"-?\w+(?:\.\d+)?|\*")
_NUMBER = re.compile(r"(?<=[\w)])\^([-−]?(?:\d*\.?\d+(?:/\d+)?|[a-z]\b)|\([^()]*\))")
_ROOT = re.compile(r"\bsqrt\(([^()]+)\)|\bsqrt (?=[A-Za-z]\b)")
_LOW = re.compile(rf"\b([A-Za-z]|{notation.LETTERS})_(?:\{{([^{{}}]+)\}}|(\w+)\b(?![(=]))")


def typeset(text: str) -> str:
    """A sentence as HTML, everything in it escaped.

    ``n^(-2s/(2s+d))`` becomes n with a raised -2s/(2s+d); parentheses that do not close, and a sign
    that stands for itself, stay as they are.
    """
    parts, at = [], 0
    for power in _POWER.finditer(text):
        if power.start() < at:
            continue
        end = _end(text, power.end())
        if end is None:
            continue
        raised = text[power.end() : end]
        if raised.startswith("("):
            raised = raised[1:-1]
        parts += [_plain(text[at : power.start()]), f"<sup>{_raised(raised)}</sup>"]
        at = end
    return "".join([*parts, _plain(text[at:])])


def powers(text: str) -> str:
    """The name of a cell of the calibration as HTML: exponents that are numbers may be fractions.

    >>> powers("1 - n^-1/2, gamma")
    '1 − n<sup>−1/2</sup>, gamma'
    """
    escaped = html.escape(text.replace(" - ", f" {notation.MINUS} "), quote=True)
    return _NUMBER.sub(lambda found: f"<sup>{notation.signed(found[1].strip('()'))}</sup>", escaped)


def _end(text: str, start: int) -> int | None:
    """Where an exponent that begins at ``start`` ends."""
    if text[start] != "(":
        word = _WORD.match(text, start)
        return word.end() if word else None
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == "(") - (text[place] == ")")
        if not depth:
            return place + 1
    return None


def _raised(text: str) -> str:
    return typeset(notation.signed(notation.symbols_in(text)))


def _plain(text: str) -> str:
    rooted = _ROOT.sub(lambda found: f"√{_inner(found[1] or '')}", text)
    parts, at = [], 0
    for low in _LOW.finditer(rooted):
        base, index = low[1], low[2] or low[3]
        parts += [_letters(rooted[at : low.start()]), f"{_letters(base)}<sub>{_plain(index)}</sub>"]
        at = low.end()
    return "".join([*parts, _letters(rooted[at:])])


def _letters(text: str) -> str:
    return html.escape(notation.letters(text), quote=True)


def _inner(text: str) -> str:
    letters = notation.symbols_in(text)
    return letters if letters.isalnum() or not letters else f"({letters})"
