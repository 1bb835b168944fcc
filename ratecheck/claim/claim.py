"""What a claim file declares: the theorem's words and the experiments that check them.

A claim is one theorem in one file. It holds the theorem's title, source and statement, and one or
more experiments: simulations decorated with their axis, cases, checks and falsifiers::

    claim = Claim(title="...", source="... Theorem 1 ...", statement=r"...", not_shown=["..."])

    @claim.experiment(
        axis=Axis.geometric("n", quick=(2**8, 2**13)),
        checks=[Rate("risk", "n**(-4/5)", margin=0.1)],
        falsifiers=[Falsifier("fixed bandwidth", quantity="fixed", kills="risk")],
        real=["the estimator"], proxied=[],
    )
    def simulation(n, *, replicates, rng):
        ...
        return {"risk": ..., "fixed": ...}      # each of shape (replicates,)

Nothing here imports numpy or torch: a catalogue is listed in a blink. A missing or contradictory
field is a `ClaimError` at load time that names the file, the field and the fix.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ratecheck.claim import fields, validation
from ratecheck.claim.checks import Check
from ratecheck.claim.experiment import (
    Axis,
    Effort,
    Experiment,
    Falsifier,
    Form,
    Params,
    Value,
    calling_file,
)
from ratecheck.errors import ClaimError

Simulation = TypeVar("Simulation", bound=Callable[..., Mapping[str, Any]])
_LOCATOR = re.compile(
    r"\b(theorem|thm|corollary|cor|proposition|prop|lemma|section|sec|chapter|equation|eq|slide|"
    r"table|example|remark|page|p)s?\b\.?\s*\(?[\dIVXA-Z]",
    re.IGNORECASE,
)


class Claim:
    """One theorem.

    Parameters
    ----------
    title : str
        The statement in a line.
    source : str
        Authors, venue, year and the place in the text ("Theorem 1"), with an arXiv or DOI tag.
    statement : str
        The theorem's display in LaTeX (without dollar signs).
    not_shown : sequence of str
        What a PASS does not show.
    symbols : mapping of str to str, optional
        What each symbol of the statement means.

    Raises
    ------
    ClaimError
        If a field is missing or malformed.
    """

    def __init__(
        self,
        title: str,
        source: str,
        statement: str,
        not_shown: Sequence[str],
        symbols: Mapping[str, str] | None = None,
    ) -> None:
        self.file = calling_file()
        where = self.file.name
        for name, value in (("title", title), ("source", source), ("statement", statement)):
            if not isinstance(value, str) or not value.strip():
                raise ClaimError(where, name, "is missing", f"give the {name} as a text")
            fields.text(where, name, value, lines=name == "statement")
        if not _LOCATOR.search(source):
            raise ClaimError(
                where, "source", "does not say where the statement stands",
                "add the place, as in 'Author, Venue Year, Theorem 1 (arXiv:0000.00000)'",
            )  # fmt: skip
        validation.latex(where, "statement", statement)
        self.title, self.source, self.statement = title, source, statement
        self.not_shown = validation.texts(where, "not_shown", not_shown, empty=False)
        self.symbols = fields.named(where, "symbols", {} if symbols is None else symbols)
        for symbol, meaning in self.symbols.items():
            fields.text(where, f"symbols[{symbol!r}]", meaning)
        self.experiments: dict[str, Experiment] = {}

    def __repr__(self) -> str:
        return f"Claim({self.title!r}, experiments={list(self.experiments)})"

    def experiment(
        self,
        *,
        axis: Axis | Sequence[Axis],
        checks: Sequence[Check],
        falsifiers: Sequence[Falsifier],
        real: Sequence[str],
        proxied: Sequence[str],
        cases: Sequence[Params] = (),
        constants: Params | None = None,
        vary: Mapping[str, Sequence[Value]] | None = None,
        data: Form = "errors",
        replicates: int | Mapping[Effort, int] = 256,
        block: int = 16,
        cost: str | None = None,
        timeout: float | None = None,
    ) -> Callable[[Simulation], Simulation]:
        """Declare the decorated simulation as an experiment of this claim.

        Parameters
        ----------
        axis : Axis or sequence of Axis
            What moves. With several, each says under ``at`` where the others stand.
        checks, falsifiers : sequences
            What must hold, and the variants on which it must not.
        real, proxied : sequences of str
            The theorem's objects that are simulated, and those that are replaced.
        cases : sequence of mappings
            Assignments of the theorem's parameters.
        constants : mapping
            Free constants that the theorem leaves open: declared, shown, and settable by a reader.
        vary : mapping of constant to values
            Other values of free constants, run from standard effort on.
        data : {"errors", "trajectories", "signed", "exact", "times"}
            ``errors``: ``f(n, ..., *, replicates, rng)`` returns positive vectors of shape
            (replicates,). ``trajectories``: the axis arrives as the tuple of all points and the
            result has shape (replicates, points). ``signed``: as errors, of either sign, and the
            check is of the absolute mean. ``exact``: ``f(n, ...)`` returns plain numbers.
            ``times``: as errors, with ``inf`` where the budget ended before the goal.
        replicates : int or mapping of effort to int
            How many replicates a point may get at most (a whole number is that of quick effort;
            standard and full get 4 and 16 times as many); a sequential run stops earlier when all
            is decided.
        block : int
            Replicates in a block, a multiple of 16.
        cost : str, optional
            A formula of what one replicate costs, such as ``"n"``; used to plan, never to judge.
        timeout : float, optional
            Seconds after which one block is given up.
        """

        def declare(simulate: Simulation) -> Simulation:
            name = getattr(simulate, "__name__", "simulation")
            where = f"{self.file.name}, experiment {name}"
            if name in self.experiments:
                raise ClaimError(where, "name", "is used twice", "rename one of the functions")
            experiment = Experiment(
                name=name,
                simulate=simulate,
                axes=(axis,) if isinstance(axis, Axis) else fields.listed(where, "axis", axis),
                cases=tuple(
                    fields.mapping(where, f"cases[{index}]", case)
                    for index, case in enumerate(fields.listed(where, "cases", cases))
                ),
                constants=fields.mapping(
                    where, "constants", {} if constants is None else constants
                ),
                vary={
                    key: fields.listed(where, f"vary[{key!r}]", values)
                    for key, values in fields.mapping(
                        where, "vary", {} if vary is None else vary
                    ).items()
                },
                checks=fields.listed(where, "checks", checks),
                falsifiers=fields.listed(where, "falsifiers", falsifiers),
                form=data,
                replicates=validation.replicates(where, replicates),
                block=block,
                cost=None if cost is None else validation.formula(where, "cost", cost),
                timeout=timeout,
                real=validation.texts(where, "real", real, empty=False),
                proxied=validation.texts(where, "proxied", proxied, empty=True),
            )
            validation.validate(experiment, where)
            self.experiments[name] = experiment
            return simulate

        return declare
