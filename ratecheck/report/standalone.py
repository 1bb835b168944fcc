"""A check's picture with its words as one piece of HTML that needs nothing else: for notebooks."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import Any

from ratecheck.report import notation, wording
from ratecheck.report.pictures import check_picture, drawable
from ratecheck.report.upright import upright

# Colours of the page's style sheet, which a notebook does not have; text takes the notebook's own.
_STYLE = (
    ".rc{font:13px/1.5 system-ui,sans-serif}.rc .said{font-family:ui-monospace,monospace;"
    "white-space:pre-wrap}.rc table{border-collapse:collapse}.rc td,.rc th{padding:.1em .8em;"
    "text-align:right}.rc td:first-child,.rc th:first-child{text-align:left}"
    ".rc .pass{color:#00805f}.rc .fail,.rc .error{color:#c2410c}.rc .inconclusive{color:#a16207}"
    ".rc svg{display:block;max-width:30rem;height:auto;font:10.5px serif;fill:currentColor}"
    ".rc .m{text-anchor:middle}.rc .e{text-anchor:end}.rc .name{font-style:italic;opacity:.7}"
    ".rc svg path{fill:none;stroke:currentColor;stroke-width:1}"
    ".rc .window{fill:currentColor;opacity:.05;stroke:none}"
    ".rc .band{fill:#0072b2;opacity:.14}.rc svg .fan{fill:#0072b2;opacity:.2;stroke:none}"
    ".rc svg .claimed{stroke:#0072b2;stroke-width:1.4}"
    ".rc svg .fit{stroke-width:.8;stroke-dasharray:1 2.5}"
    ".rc svg .rival{stroke:#c2410c;stroke-dasharray:5 3}.rc svg .bar{stroke-width:1.2}"
    ".rc svg .dot{stroke-width:5;stroke-linecap:round}.rc svg .small{stroke-width:4}"
    ".rc svg .arrow{fill:currentColor;stroke:none}.rc svg .other{opacity:.5}"
)


def figure(check: Mapping[str, Any], said: str) -> str:
    """A check's picture above what is said of it.

    Parameters
    ----------
    check : mapping
        A check of a results document; without a claim its verdict and prediction are None.
    said : str
        HTML.
    """
    picture = _picture(check) if drawable(check) else ""
    return _piece(f'{picture}<div class="said">{said}</div>')


def table(checks: Sequence[Mapping[str, Any]], headline: str) -> str:
    """Verdicts as a table."""
    rows = "".join(
        f"<tr><td>{_text(check['id'])}</td><td>{_text(notation.slope(check['predicted']))}</td>"
        f"<td>{_text(notation.measured(check['measured'], check['interval']))}</td>"
        f"<td>{_text(notation.interval_text(check['interval']))}</td>"
        f'<td class="{check["verdict"].lower()}">{wording.SIGNS[check["verdict"]]} '
        f"{check['verdict']}</td></tr>"
        for check in checks
    )
    head = "".join(f"<th>{name}</th>" for name in ("check", "claimed", "measured", "interval", ""))
    return _piece(f"<div>{_text(headline)}</div><table><tr>{head}</tr>{rows}</table>")


def _picture(check: Mapping[str, Any]) -> str:
    shown = upright(check) if check.get("inverse") else dict(check)
    if shown["verdict"] is None:
        shown |= {"verdict": "nothing was claimed", "predicted": shown["measured"]}
    return check_picture(shown, ())


def _piece(inner: str) -> str:
    return f'<div class="rc"><style>{_STYLE}</style>{inner}</div>'


def _text(text: str) -> str:
    return html.escape(text, quote=False)
