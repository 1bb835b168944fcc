"""The few SVG elements that the pictures are made of, as text.

Colours and line styles are classes of the page's style sheet, so that one picture serves light,
dark and paper. Every text is escaped here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from ratecheck.report.typeset import typeset

Point = tuple[float, float]
_PATH = re.compile(r'<path class="([^"]*)" d="([^"]*)"/>')


def px(value: float) -> str:
    """A coordinate to a tenth of a pixel."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def polyline(points: Sequence[Point], style: str, *, close: bool = False) -> str:
    """A line through points (closed: an area)."""
    return polylines([points], style, close=close)


def polylines(lines: Iterable[Sequence[Point]], style: str, *, close: bool = False) -> str:
    """Several lines (closed: areas) in one element."""
    moves = "".join(
        f"M{'L'.join(f'{px(x)} {px(y)}' for x, y in line)}{'Z' * close}"
        for line in lines if len(line) > 1
    )  # fmt: skip
    return f'<path class="{style}" d="{moves}"/>' if moves else ""


def strokes(segments: Iterable[tuple[Point, Point]], style: str) -> str:
    """Separate straight strokes in one element."""
    moves = "".join(
        f"M{px(x1)} {px(y1)}V{px(y2)}" if x1 == x2 else
        f"M{px(x1)} {px(y1)}H{px(x2)}" if y1 == y2 else
        f"M{px(x1)} {px(y1)}L{px(x2)} {px(y2)}"
        for (x1, y1), (x2, y2) in segments
    )  # fmt: skip
    return f'<path class="{style}" d="{moves}"/>' if moves else ""


def dots(points: Iterable[Point], style: str) -> str:
    """Round dots in one element: strokes without length and with round caps."""
    moves = "".join(f"M{px(x)} {px(y)}h0" for x, y in points)
    return f'<path class="{style}" d="{moves}"/>' if moves else ""


def triangles(points: Iterable[tuple[float, float, int]], style: str) -> str:
    """Small arrow heads that point up (-1) or down (+1) beyond the picture."""
    moves = "".join(f"M{px(x - 3)} {px(y - 4 * way)}h6L{px(x)} {px(y)}Z" for x, y, way in points)
    return f'<path class="{style}" d="{moves}"/>' if moves else ""


def rectangle(x: float, y: float, width: float, height: float, style: str) -> str:
    """An upright rectangle."""
    return (
        f'<rect class="{style}" x="{px(x)}" y="{px(y)}" width="{px(max(0.0, width))}" '
        f'height="{px(max(0.0, height))}"/>'
    )


def text(x: float, y: float, content: str, style: str = "", anchor: str = "") -> str:
    """A text; anchor is '', 'm' (centred) or 'e' (flush right)."""
    classes = " ".join(part for part in (style, anchor) if part)
    attribute = f' class="{classes}"' if classes else ""
    return f'<text{attribute} x="{px(x)}" y="{px(y)}">{html.escape(content, quote=False)}</text>'


def words(x: float, y: float, content: str, style: str = "", anchor: str = "") -> str:
    """A text whose powers are raised and whose indices are lowered, as `typeset` does in prose."""
    marked = typeset(content)
    empty = text(x, y, "", style, anchor).removesuffix("</text>")
    return f"{empty}{_shifted(marked) if '<su' in marked else marked}</text>"


_MARKUP = re.compile("(</?su[pb]>)")
_SHIFTS = {"<sup>": -3.6, "</sup>": 3.6, "<sub>": 2.2, "</sub>": -2.2}  # pixels down


def _shifted(marked: str) -> str:
    """Pieces of a line at their heights; each moves from where the one before stood."""
    drawn, height, move = "", 0.0, 0.0
    for piece in _MARKUP.split(marked):
        if piece in _SHIFTS:
            move += _SHIFTS[piece]
        elif piece:
            height += move
            size = ' font-size="75%"' if round(height, 1) else ""
            drawn += f'<tspan dy="{px(move)}"{size}>{piece}</tspan>'
            move = 0.0
    return drawn


def picture(width: float, height: float, title: str, description: str, parts: Iterable[str]) -> str:
    """A whole picture, which a screen reader announces by its title and description."""
    spoken = html.escape(f"{title}. {description}")
    return (
        f'<svg class="picture" viewBox="0 0 {px(width)} {px(height)}" width="{px(width)}" '
        f'height="{px(height)}" role="img" aria-label="{spoken}">{_joined(parts)}</svg>'
    )


def _joined(parts: Iterable[str]) -> str:
    """The parts, with all lines of one style in one element: a page holds hundreds of pictures."""
    drawn: dict[str, str] = {}
    for part in parts:
        found = _PATH.fullmatch(part)
        key, moves = found.groups() if found else (part, "")
        drawn[key] = drawn.get(key, "") + moves
    return "".join(
        f'<path class="{key}" d="{moves}"/>' if moves else key for key, moves in drawn.items()
    )
