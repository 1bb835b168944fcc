"""The templates of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck import words
from ratecheck.report import notation, wording
from ratecheck.report.typeset import powers, typeset

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


@cache
def environment() -> Environment:
    """The templates of this folder, with the words that they may use."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        number=notation.number,
        slope=notation.slope,
        interval=notation.interval_text,
        case=notation.case_text,
        duration=notation.duration,
        moment=notation.moment,
        noun=words.noun_of,
        sign=words.SIGNS.get,
        symbol=notation.symbol,
        parameter=notation.parameter,
        plural=notation.plural,
        prose=wording.prose,
        typeset=lambda text: safe(typeset(text)),
        told=_told,
        powers=lambda text: safe(powers(wording.prose(text))),
    )
    return made


def _told(text: str, check: Mapping[str, Any]) -> Markup | str:
    """A sentence of a check with its axis and what else is mathematics as such; errors stay."""
    if check["verdict"] == "ERROR":
        return wording.prose(text)
    axis = rf"(?<![\w/]){re.escape(check['axis'])}(?![\w/])"
    return safe(typeset(re.sub(axis, notation.symbol(check["axis"]), wording.prose(text))))


def safe(text: str) -> Markup:
    """Markup made by this package, in which every foreign text is already escaped."""
    from markupsafe import Markup

    return Markup(text)
