"""Falsifiers: variants with the theorem's mechanism taken out, on which a check must fail.

They stand inside the check that they kill, as ``fails=[...]``::

    Rate("averaged", RATE, margin=0.12, fails=[
        Without("averaging", "last"),
        Moved("r", "r - 1/4", "a target rougher than the tuning is told"),
        Falsifier("a penalty that falls too slowly", told={"power": 0.25}),
    ])
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Value = int | float | str
Params = Mapping[str, Value]
Range = str | Sequence[Value]  # a condition on a parameter, or its only values


@dataclass(frozen=True)
class Falsifier:
    """A variant on which the check that holds it must FAIL.

    Parameters
    ----------
    name : str
        What was taken out or put in its place, in a few words.
    quantity : str, optional
        Another quantity of the same simulation, put in place of the check's own.
    told : mapping, optional
        Parameters of which the method is told something else, while nature stays as it is; the
        simulation is then run once more.
    nature : mapping of parameter to number or formula, optional
        Parameters that are moved in nature (the claim's problem), while the method is told the
        claimed value. A formula is one in the case's parameters, such as ``"r - 1/4"``.
    axis, when : str, optional
        Where it applies; by default wherever the check does.
    points : sequence of numbers, optional
        Points of its own where the check's grid is too short for the variant to show.
    """

    name: str
    quantity: str | None = None
    told: Params = field(default_factory=dict)
    nature: Params = field(default_factory=dict)
    axis: str | None = None
    when: str | None = None
    points: Sequence[float] | None = None


def Without(mechanism: str, quantity: str, **where: Any) -> Falsifier:
    """The simulation without a mechanism, which it returns as another quantity.

    ``Without("averaging", "last")``; ``where`` takes the axis, when and points of a `Falsifier`.
    """
    return Falsifier(f"without {mechanism}", quantity, **where)


def Moved(parameter: str, to: Value, name: str, **where: Any) -> Falsifier:
    """Nature with a parameter moved behind the method's back.

    ``Moved("r", "r - 1/4", "a target rougher than the tuning is told")``; ``where`` takes the axis,
    when, points and quantity of a `Falsifier`.
    """
    return Falsifier(name, nature={parameter: to}, **where)
