"""The words for a check and its numbers that verdicts, tables, pages and terminals share.

What a kind of check says of its quantities is one `Phrase`, which stands in its class; what its
coordinates measure is a noun. Both stand in a results document (``phrase``, ``noun``), so that a
page can tell of a kind that this version does not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

Effort = Literal["quick", "standard", "full"]
EFFORTS: tuple[Effort, ...] = get_args(Effort)
DEFAULT_STORE = Path(".ratecheck") / "store.sqlite"
INVERSE = "inv_"  # begins the name of what grows where its parameter shrinks

Interval = Sequence[float | None]

SIDES = {"equal": "", "at most": "at most ", "at least": "at least "}
SIGNS = {"equal": "", "at most": "≤ ", "at least": "≥ "}


@dataclass(frozen=True)
class Phrase:
    """What a kind of check claims, in words with names put in braces.

    ``{quantity}`` is the first quantity that the check reads, ``{other}`` the last one, ``{parts}``
    those between, ``{axis}`` the axis.

    Attributes
    ----------
    before, after : str
        What stands around the formula: "risk *behaves like* n^-1".
    subject : str
        Of what it is claimed.
    formula : bool
        Whether the formula is part of what is said.
    drawn : str
        What a picture shows against the axis.
    order : str
        What a terminal puts before the formula as it was typed: "*O of* 1/n".
    """

    before: str
    after: str = ""
    subject: str = "{quantity}"
    formula: bool = True
    drawn: str = "{quantity}"
    order: str = ""

    def filled(self, template: str, quantities: Sequence[str], axis: str = "") -> str:
        """One of the texts above with its names put in."""
        names = [spaced(name) for name in quantities]
        filling = {
            "{quantity}": names[0],
            "{other}": names[-1],
            "{parts}": " and ".join(names[1:3]),
            "{axis}": axis,
        }
        return re.sub(r"\{\w+\}", lambda found: filling.get(found[0], found[0]), template)


def noun(scale: str) -> str:
    """What the measured value is called in these coordinates."""
    return {"log-log": "exponent", "semi-log": "rate"}.get(scale, "ratio")


def noun_of(check: Mapping[str, Any]) -> str:
    """What the measured value of a check of a results document is called."""
    return str(check.get("noun") or noun(check["scale"]))


# -- numbers of sentences -------------------------------------------------------------------------


def number(value: float | None) -> str:
    """A measured or predicted value as sentences have it: three decimals.

    >>> number(-2 / 3)
    '-0.667'
    """
    return "nothing" if value is None else f"{value:.3f}"


def interval(ends: Interval | None) -> str:
    """An interval as sentences have it; an open side is infinite.

    >>> interval((None, 0.5))
    '(-inf, 0.500]'
    """
    if ends is None:
        return "(no interval)"
    low = "(-inf" if ends[0] is None else f"[{ends[0]:.3f}"
    high = "inf)" if ends[1] is None else f"{ends[1]:.3f}]"
    return f"{low}, {high}"


def claimed(relation: str, predicted: float | None, margin: float) -> str:
    """What a check claims of the measured value: ``at most -0.500 with margin 0.1``."""
    return f"{SIDES[relation]}{number(predicted)} with margin {margin:g}"


# -- parameters and names -------------------------------------------------------------------------


def value(parameter: float | str) -> str:
    """A parameter's value as ids and terminals have it: ten digits, or the text itself."""
    return parameter if isinstance(parameter, str) else f"{parameter:.10g}"


def values(parameters: Iterable[float | str]) -> str:
    """Several values: ``16, 32, 64``."""
    return ", ".join(map(value, parameters))


def assigned(params: Mapping[str, float | str]) -> str:
    """Parameters with their values: ``beta=2, r=0.5``."""
    return ", ".join(f"{name}={value(one)}" for name, one in params.items())


def spaced(name: str) -> str:
    """A Python name as words."""
    return name.replace("_", " ").strip() or name
