"""What surrounds a panel: its place, its axes, the keys at its right edge, and its name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from ratecheck.report import notation, svg
from ratecheck.report.scale import Scale, Tick, linear
from ratecheck.report.wording import phrase_of
from ratecheck.words import INVERSE

WIDTH = 360.0
LEFT, RIGHT = 54.0, 336.0  # six signs of a tick, −0.650, have room
TOP, BOTTOM = 20.0, 186.0
_ROOM = 56  # letters in a line above or below a panel
_KEYS = "abcdefghijklmnopqrstuvwxyz"
Key = tuple[float, float, str]


def key_of(index: int, *, rival: bool) -> str:
    """The sign by which a rival (a, b, ...) or a falsifier (1, 2, ...) is named in a picture."""
    return _KEYS[index % len(_KEYS)] if rival else str(index + 1)


def x_axis(x: Scale, ticks: Sequence[Tick], bottom: float) -> list[str]:
    """The axis below a panel that ends at ``bottom``."""
    return [
        svg.strokes([((LEFT, bottom + 4), (RIGHT, bottom + 4))], "axis"),
        svg.strokes([((x(t.value), bottom + 4), (x(t.value), bottom + 8)) for t in ticks], "axis"),
        *(svg.text(x(t.value), bottom + 19, t.label, "", "m") for t in ticks if t.label),
    ]


def y_axis(y: Scale, ticks: Sequence[Tick]) -> list[str]:
    """The axis on the left; ticks without a label are short."""
    at = LEFT - 6
    long = [((at - 4, y(t.value)), (at, y(t.value))) for t in ticks if t.label]
    short = [((at - 2, y(t.value)), (at, y(t.value))) for t in ticks if not t.label]
    return [
        svg.strokes([((at, y.start), (at, y.end)), *long, *short], "axis"),
        *(svg.text(at - 7, y(t.value) + 3.5, t.label, "", "e") for t in ticks if t.label),
    ]


def key_texts(keys: Sequence[Key]) -> list[str]:
    """Keys at the right ends of their lines, moved apart where they would cover each other."""
    texts: list[str] = []
    below = TOP - 6.0
    for _, y, key in sorted(keys, key=lambda item: item[1]):
        at = max(min(max(y, TOP), BOTTOM) + 3.5, below + 11)
        below = at
        style = "key" if key.isdigit() else "key rivalkey"
        texts.append(svg.text(RIGHT + 6, at, key, style))
    return texts


def clamped_scale(
    means: Sequence[float],
    ends: Sequence[float],
    frame: Sequence[float],
    reach: float,
    pixels: tuple[float, float],
) -> Scale:
    """A linear scale that shows values and frame, and intervals as far as they stay near."""
    middle = fmean(frame)
    spread = max([reach, *(abs(value - middle) for value in frame)])
    held = [min(max(value, middle - 2 * spread), middle + 2 * spread) for value in means]
    near = [min(max(end, min([*held, middle - spread])), max([*held, middle + spread]))
            for end in ends]  # fmt: skip
    return linear([*held, *near, *frame], *pixels)


def quantity(check: Mapping[str, Any]) -> str:
    """What a picture shows against its axis; of one quantity also what the claim calls it."""
    said = phrase_of(check)
    drawn = said.filled(said.drawn, check.get("quantities") or [check["quantity"]])
    meaning = check.get("symbols", {}).get(check["quantity"])
    if not meaning or said.drawn != "{quantity}":
        return fitting(drawn)
    whole, clause = _told(meaning)
    return fitting(f"{drawn}: {whole}", whole, f"{drawn}: {clause}", clause)


def axis_of(check: Mapping[str, Any]) -> str:
    """The axis of a picture with what the claim calls it, or what it is one over."""
    name, symbols = str(check["axis"]), check.get("symbols", {})
    shown = notation.symbol(name)
    for part in (name, name.removeprefix("1/"), name.removeprefix(INVERSE)):
        if part in symbols:
            own = "" if part == name else f", {notation.symbol(part)}"
            if notation.letters(symbols[part]) == shown:  # inv_eps, which is called 1/eps
                return shown
            return fitting(*(f"{shown}{own}: {told}" for told in _told(symbols[part])), shown)
    return shown


def _told(meaning: str) -> tuple[str, str]:
    """What a claim calls something, whole and up to its first pause."""
    whole = notation.letters(meaning)
    return whole, re.split("[;:,] ", whole)[0]


def fitting(*texts: str) -> str:
    """The first of some texts for which there is room, or what there is room for of the last."""
    cut = f"{texts[-1][: _ROOM - 1]}…"
    return next((text for text in texts if len(text) <= _ROOM), cut)
