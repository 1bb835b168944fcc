"""Figures for papers, drawn by matplotlib from checks of a results document.

One panel a check: points with their intervals, the slope that was measured, and the predicted curve
through the centre of the data, which is where a theorem up to a constant leaves it free to be put.
matplotlib is imported only when something is drawn.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from ratecheck.errors import RequestError
from ratecheck.report import notation
from ratecheck.report.pictures.frame import quantity
from ratecheck.report.pictures.marks import Datum, data_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Check = Mapping[str, Any]
COLUMN, PAGE = 3.3, 6.9  # inches
WIDTHS = {"column": COLUMN, "page": PAGE}
KINDS = (".pdf", ".pgf", ".png", ".svg")
_ACROSS = {"column": 1, "page": 2}
_MOST = 24
_LABELS = 4  # that fit below a column
_FURTHEST = 500.0  # from 1, as a logarithm: 1e217
_POINT, _LINE = "#1c1b19", "#0072b2"
_STYLE = {
    "font.size": 8, "axes.titlesize": 8, "legend.fontsize": 7, "axes.linewidth": 0.6,
    "xtick.major.width": 0.6, "ytick.major.width": 0.6, "lines.linewidth": 1.0,
    "axes.spines.top": False, "axes.spines.right": False, "pdf.fonttype": 42,
    "savefig.dpi": 300, "pgf.rcfonts": False, "pgf.texsystem": "pdflatex",
    "svg.hashsalt": "ratecheck",
}  # fmt: skip


def drawn(checks: Sequence[Check], *, width: str = "column") -> Figure:
    """A figure with a panel for each check.

    Parameters
    ----------
    checks : sequence of mapping
        Checks of a results document; without a claim, the prediction is None.
    width : {"column", "page"}
        3.3 inches, one panel across; or 6.9 inches, two panels across.

    Raises
    ------
    RequestError
        If matplotlib is not installed, there is nothing to draw or too large to be drawn, or the
        width is another word.
    """
    if width not in WIDTHS:
        raise RequestError(f"a figure is as wide as a column or a page, not '{width}'")
    shown = [check for check in checks if data_of(check["points"], check)]
    if not shown:
        raise RequestError("there is nothing to draw: no check has a point with a value")
    if len(shown) > _MOST:
        raise RequestError(f"{len(shown)} checks are too many for one figure; name at most {_MOST}")
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise RequestError("a figure needs matplotlib: pip install 'ratecheck[figures]'") from None
    across = min(_ACROSS[width], len(shown))
    down = math.ceil(len(shown) / across)
    inches = WIDTHS[width]
    height = inches / across * 0.78
    with rc_context(_STYLE):
        figure = Figure(figsize=(inches, height * down), layout="constrained")
        FigureCanvasAgg(figure)
        for index, check in enumerate(shown):
            _panel(figure.add_subplot(down, across, index + 1), check, alone=len(shown) == 1)
    return figure


def write(figure: Figure, path: Path | str, option: str = "--to") -> Path:
    """Write a figure in the kind that its name's end says; PDF without a date inside.

    Raises
    ------
    RequestError
        If the kind is another one, the numbers cannot be drawn, or the file cannot be written.
    """
    from matplotlib import rc_context

    path = Path(path)
    if path.suffix not in KINDS:
        raise RequestError(f"{option} {path}: a figure is one of {', '.join(KINDS)}")
    dates: dict[str, Any] = {
        ".pdf": {"CreationDate": None},
        ".svg": {"Date": None},
        ".png": {"Software": None},
    }.get(path.suffix, {})
    more: dict[str, Any] = {"metadata": dates} if dates else {}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with rc_context(_STYLE):
            figure.savefig(path, **more)
    except RuntimeError:  # of PGF, whose texts LaTeX measures
        raise RequestError(
            f"{option} {path}: a PGF figure needs pdflatex, which is not here; write a .pdf"
        ) from None
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise RequestError(f"{option} {path}: cannot be written ({cause})") from None
    return path


def _require_near(logs: Sequence[float]) -> None:
    """Refuse what axes, which reach further than what they show, could not hold as floats."""
    if not all(abs(value) < _FURTHEST for value in logs):
        raise RequestError(
            "these numbers are too large or too small for a figure; write a .tex, .md or .csv"
        )


def _panel(axes: Axes, check: Check, *, alone: bool) -> None:
    from matplotlib.ticker import NullFormatter

    data = data_of(check["points"], check)
    x = [datum.x for datum in data]
    shown = [*x, *(value for datum in data for value in (datum.y, datum.high))]
    _require_near([math.log(abs(value)) for value in shown if value])
    axes.errorbar(
        x, [datum.y for datum in data], yerr=_arms(data), fmt="o", color=_POINT, markersize=3,
        elinewidth=0.8, capsize=0, zorder=3,
    )  # fmt: skip
    logarithmic = check["scale"] == "log-log" or (x[0] > 0 and check["scale"] != "semi-log")
    if logarithmic:
        axes.set_xscale("log")
        _name_points(axes, x)
    if check["scale"] in ("log-log", "semi-log"):
        axes.set_yscale("log")
        if max(datum.y for datum in data) > 10 * min(datum.y for datum in data):
            axes.yaxis.set_minor_formatter(NullFormatter())
        _lines(axes, check, data, logarithmic=logarithmic)
    elif check["predicted"] is not None:
        axes.axhline(check["predicted"], color=_LINE, label="claimed")
    axes.set_xlabel(_escaped(notation.symbol(check["axis"])))
    axes.set_ylabel(_escaped(quantity(check)))
    if not alone:
        axes.set_title(_escaped(_title(check)))
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, handlelength=1.8)


def _name_points(axes: Axes, x: Sequence[float]) -> None:
    """Ticks at the points themselves, of which some have labels."""
    from matplotlib.ticker import FixedLocator, NullFormatter

    step = math.ceil(len(x) / _LABELS)
    named = sorted(x)[::step]
    axes.set_xticks(named, [_math(notation.number(value)) for value in named])
    axes.xaxis.set_minor_locator(FixedLocator(sorted(x)))
    axes.xaxis.set_minor_formatter(NullFormatter())


def _lines(axes: Axes, check: Check, data: Sequence[Datum], *, logarithmic: bool) -> None:
    """The measured slope, dotted, and the predicted curve, both through the data's centre."""
    place = math.log if logarithmic else float
    inner = [place(datum.x) for datum in data]
    centre = fmean(inner), fmean(math.log(datum.y) for datum in data)
    x = [datum.x for datum in data]
    sign = -1.0 if check.get("inverse") else 1.0
    if check["measured"] is not None:
        slope = sign * check["measured"]
        line = [centre[1] + slope * (u - centre[0]) for u in inner]
        _require_near(line)
        shown = notation.measured(slope, check["interval"])
        axes.plot(x, list(map(math.exp, line)), ":", color=_POINT, label=f"measured {_math(shown)}")
    known = {point["x"]: point["formula"] for point in check["points"]}
    formulas = [known.get(datum.x) for datum in data]
    if check["predicted"] is not None and all(value and value > 0 for value in formulas):
        logs = [math.log(value) for value in formulas if value]
        claimed = [value + centre[1] - fmean(logs) for value in logs]
        _require_near(claimed)
        shown = notation.slope(sign * check["predicted"])
        axes.plot(x, list(map(math.exp, claimed)), color=_LINE, zorder=2,
                  label=f"claimed {_math(shown)}")  # fmt: skip


def _arms(data: Sequence[Datum]) -> list[list[float]] | None:
    """Lengths of the intervals below and above; an open one ends at its point."""
    below = [datum.y - (datum.y if datum.low is None else datum.low) for datum in data]
    above = [(datum.y if datum.high is None else datum.high) - datum.y for datum in data]
    if not any(below) and not any(above):
        return None
    # an interval that reaches 0 or below ends a little above it on a log scale
    below = [min(arm, 0.999 * datum.y) for arm, datum in zip(below, data, strict=True)]
    return [[max(0.0, arm) for arm in below], [max(0.0, arm) for arm in above]]


def _title(check: Check) -> str:
    case = notation.case_text(check.get("case") or {})
    name = check.get("label") or check["quantity"]
    return f"{name}, {case}" if case else str(name)


def _math(text: str) -> str:
    return f"${mathematics(text)}$"


def mathematics(text: str) -> str:
    """A number's text as LaTeX and matplotlib typeset it, between dollar signs."""
    text = text.replace(notation.MINUS, "-").replace("∞", r"\infty").replace(notation.NONE, "-")
    text = re.sub(r" × 10([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda f: rf" \cdot 10^{{{_digits(f[1])}}}", text)
    return text.replace("\u202f", r"\,").replace("\u2009", r"\,")


def _digits(superscripts: str) -> str:
    return superscripts.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))


def _escaped(text: str) -> str:
    """A text in which neither matplotlib nor LaTeX sees a command."""
    return text.replace("\\", "/").replace("_", " ").replace("$", r"\$")
