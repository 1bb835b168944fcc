"""Noise-free sequences that end in a floor: rounding, a difference quotient, a coarse reference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ratecheck.calibrate.cell import Cell, Result, Rng
from ratecheck.calibrate.proportions import rate
from ratecheck.claim.checks import Rate as RateCheck
from ratecheck.claim.form import FORMS, Sample
from ratecheck.claim.question import Question
from ratecheck.inference.cells import Array
from ratecheck.inference.finding import Outcome
from ratecheck.inference.sequential import single

LEVEL = single(0.0045)


@dataclass(frozen=True)
class Floor:
    """What is added to exact errors: (rng, errors, place, size) -> values.

    ``place`` is the first point at which floor and error are of one size. Where it is declared, as
    the number that it is or by a word, the form of data is told.
    """

    name: str
    add: Callable[[Rng, Array, int, float], Array]
    declared: str | bool = False


def _noise(rng: Rng, e: Array, place: int, size: float) -> Array:
    return np.asarray(np.abs(e + size * rng.normal(size=len(e))))


def _quotient(rng: Rng, e: Array, place: int, size: float) -> Array:
    """Cancellation, which grows as the step shrinks; its rounding errors are of either sign."""
    steps = 2.0 ** (np.arange(len(e)) - place)
    signs = rng.choice([1.0, rng.uniform(-1, 1)], len(e))
    return np.asarray(np.abs(e + size * steps * signs))


def _single(rng: Rng, e: Array, place: int, size: float) -> Array:
    """Rounding of numbers of size one in single precision, some units of it."""
    units = rng.uniform(1, 30) * rng.normal(size=len(e))
    return np.asarray(np.abs(e + units * 2.0**-24))


def _reference(rng: Rng, e: Array, place: int, size: float) -> Array:
    """Errors against a solution whose own error is a share of the last one."""
    return np.asarray(e - e[-1] * rng.uniform(0.05, 0.9))


FLOORS = (
    Floor("noise", _noise),
    Floor("noise, declared", _noise, True),
    Floor("difference quotient", _quotient),
    Floor("difference quotient, declared", _quotient, True),
    Floor("single precision", _single),
    Floor("single precision, declared", _single, "float32"),
    Floor("reference", _reference),
    Floor("reference, declared", _reference, "reference"),
)


def floor_cell(floor: Floor) -> Cell:
    """Errors of order 1 to 4 with a correction, clean at five points at least of 7 to 12.

    Judged at margin 1/4 or 1/2 against their own order, one a margin off and one three margins off.
    """

    def simulate(rng: Rng, experiments: int) -> Result:
        counts = dict.fromkeys(("passed", "failed", "wrong", "seen"), 0)
        for _ in range(experiments):
            k = int(rng.integers(7, 13))
            n = rng.choice([2.0, 4.0, 8.0]) * rng.choice([2.0, 3.0]) ** np.arange(k)
            order, margin = int(rng.integers(1, 5)), float(rng.choice([0.25, 0.5]))
            size = rng.choice([0.0, rng.uniform(-0.5, -0.1), rng.uniform(0.1, 3)])
            e = (n / n[0]) ** -order * (1 + size * (n / n[0]) ** -rng.uniform(0.5, 2))
            place = int(rng.integers(5, k - 1))
            level = float(e[place] * rng.uniform(0.3, 3))
            values = np.maximum(floor.add(rng, e, place, level), 1e-300)
            declared = level if floor.declared is True else floor.declared or None

            def says(off: float) -> Outcome:
                return outcome(n, values, order + off * margin, margin, declared)  # noqa: B023

            own = says(0)
            counts["passed"] += own == "PASS"
            counts["failed"] += own == "FAIL"
            counts["wrong"] += "PASS" in (says(1), says(-1))
            counts["seen"] += says(float(rng.choice([-3, 3]))) == "FAIL"
        return [
            rate("false FAIL", counts["failed"], experiments, most=0.01),
            rate("false PASS", counts["wrong"], experiments, most=0.01),
            rate("PASS", counts["passed"], experiments),
            rate("FAIL of an order three margins off", counts["seen"], experiments),
        ], {}

    return Cell(f"floor, {floor.name}", "noise-free", simulate, judges=("rate", "exact"))


def outcome(
    n: Array, values: Array, order: float, margin: float, floor: float | str | None
) -> Outcome:
    """What the form of exact data says of n^-order."""
    points = tuple(map(float, n))
    question = Question(RateCheck("q", f"n**(-{order})", margin=margin), "n", points, {})
    form = FORMS["exact"].above(floor)
    sample = Sample(points, form, {"q": [np.array([value]) for value in values]})
    return form.find(question, sample, LEVEL).outcome
