"""The forest plot: every check of the catalogue as one interval on a common scale.

The scale is the distance of the measured value from the claimed one in units of the check's own
margin, so that one band serves slopes and ratios alike and a verdict can be read off: inside the
band is PASS, outside FAIL. Horizontal places are percentages, so that a row is as wide as its
column on any screen.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ratecheck.report import notation
from ratecheck.report.pictures import band, tolerance

Check = Mapping[str, Any]

REACH = 5.0
_PITCH, _LINE = 9.0, 18.0
_MARKS = {
    "PASS": '<circle class="mark pass" r="3.4" cx="{x}" cy="{y}"/>',
    "FAIL": '<svg class="mark fail" x="{x}" y="{y}"><path d="M-4.4 0L0-4.4L4.4 0L0 4.4Z"/></svg>',
    "INCONCLUSIVE": '<circle class="mark open inconclusive" r="3" cx="{x}" cy="{y}"/>',
}


def deviation(check: Check, value: float) -> float:
    """A value's distance from the claim in margins (where the margin is 0, in claims)."""
    unit = tolerance(check) or abs(float(check["predicted"] or 1.0)) or 1.0
    return (value - float(check["predicted"] or 0.0)) / unit


def reach(check: Check) -> float:
    """How far an interval reaches towards the margin, or beyond it, in margins; 5 at most."""
    low, high = check["interval"] or (check["measured"], check["measured"])
    least, most = band(check)
    ends = [] if most is None else [REACH if high is None else deviation(check, high)]
    ends += [] if least is None else [REACH if low is None else -deviation(check, low)]
    return round(min(max(ends, default=0.0), REACH), 3)


def axis_svg() -> str:
    """The scale above the rows."""
    ticks = range(-5, 6)
    texts = "".join(
        f'<text class="m" x="{_percent(t)}" y="11">'
        f"{'claimed' if t == 0 else notation.signed(f'{t:+d}') if abs(t) > 0 else ''}</text>"
        for t in ticks if abs(t) < REACH
    )  # fmt: skip
    marks = "".join(
        f'<line class="axis" x1="{_percent(t)}" x2="{_percent(t)}" y1="15" y2="19"/>' for t in ticks
    )
    return f'<svg class="forest" height="19" aria-hidden="true">{texts}{marks}</svg>'


def rows_svg(checks: Sequence[Check]) -> str:
    """One interval for each check, one below the other, with band, claim and rivals."""
    if not checks:
        return ""
    height = max(_LINE, _PITCH * len(checks) + 4)
    first = (height - _PITCH * (len(checks) - 1)) / 2
    description = "; ".join(_spoken(check) for check in checks)
    parts = [
        f'<svg class="forest" height="{height:g}" role="img"><title>{_escape(description)}</title>'
    ]
    parts.append(_band(checks[0]))
    parts.append('<line class="zero" x1="50%" x2="50%" y1="0" y2="100%"/>')
    for index, check in enumerate(checks):
        parts += _marks(check, first + index * _PITCH)
    parts.append("</svg>")
    return "".join(parts)


def _band(check: Check) -> str:
    """The margin, which the cases of a check have in common."""
    low, high = band(check)
    left = -REACH if low is None else max(-REACH, deviation(check, low))
    right = REACH if high is None else min(REACH, deviation(check, high))
    width = (right - left) / (2 * REACH) * 100
    return f'<rect class="band" x="{_percent(left)}" width="{width:.2f}%" height="100%"/>'


def _marks(check: Check, y: float) -> list[str]:
    parts = []
    for rival in check["rivals"]:
        if rival["predicted"] is None or not rival["separable"]:
            continue
        at = deviation(check, rival["predicted"])
        x = _percent(max(-REACH, min(REACH, at)))
        if abs(at) <= REACH:
            parts.append(f'<line class="rival" x1="{x}" x2="{x}" y1="{y - 4:g}" y2="{y + 4:g}"/>')
        else:
            parts.append(f'<svg x="{x}" y="{y:g}" class="mark rival">{_edge(at > 0)}</svg>')
    style = check["verdict"].lower()
    if check["measured"] is None:  # a mark would lie at some value, such as the claimed one
        return parts
    low, high = check["interval"] or (check["measured"], check["measured"])
    left = -2 * REACH if low is None else deviation(check, low)
    right = 2 * REACH if high is None else deviation(check, high)
    if left < REACH and right > -REACH:
        parts.append(
            f'<line class="whisker {style}" x1="{_percent(max(left, -REACH))}" '
            f'x2="{_percent(min(right, REACH))}" y1="{y:g}" y2="{y:g}"/>'
        )
    for end, beyond in ((0.0, left < -REACH), (100.0, right > REACH)):
        if beyond:
            parts.append(f'<svg x="{end:g}%" y="{y:g}" class="mark {style}">{_edge(end > 0)}</svg>')
    middle = deviation(check, check["measured"])
    if abs(middle) <= REACH:
        parts.append(_MARKS[check["verdict"]].format(x=_percent(middle), y=f"{y:g}"))
    return parts


def _edge(right: bool) -> str:
    """An arrow head at the edge: it goes on beyond."""
    return f'<path d="{"M-6-3.5L-0.5 0L-6 3.5" if right else "M6-3.5L0.5 0L6 3.5"}" class="cross"/>'


def _share(value: float) -> float:
    return 50 + 50 * value / REACH


def _percent(value: float) -> str:
    return f"{_share(value):.2f}%"


def _spoken(check: Check) -> str:
    case = notation.case_text(check["case"])
    where = f"{case}: " if case else ""
    return (
        f"{where}claimed {notation.slope(check['predicted'])}, measured "
        f"{notation.measured(check['measured'], check['interval'])} "
        f"{notation.interval_text(check['interval'])}, {check['verdict']}"
    )


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
