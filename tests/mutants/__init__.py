"""Mechanisms broken on purpose, one at a time, to learn what the claims see.

A file of this folder is named after a claim and lists its mutants: mistakes that a careless author
of the lab, or of the claim's own simulation, could make, and that break what the theorem is about.
A claim that keeps all its verdicts under such a mistake is blind to it.

    python -m tests.mutants                    every mutant of every claim, and a table
    python -m tests.mutants svrg_langevin -v   those of one claim, with what saw each of them
    python -m tests.mutants svrg_langevin -m noise   those with "noise" in their names

A mutant is **killed** if a check that is judged FAILs, or has no number since the goal is never
reached, or else if a falsifier survives. Checks are judged without falsifiers first, which spares
most of the time. A mutant is **alive** if nothing of this happens; then it says in ``survives``
which mathematics leaves the theorem true, or the claim is to be mended. Another ERROR shows
nothing: such a mutant is to be written otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mutant:
    """One mistake: a text of one file replaced by another.

    Attributes
    ----------
    name : str
        The mistake in a few words.
    file : str
        The file, from the root of the project.
    old, new : str
        What stands there, exactly once, and what takes its place.
    experiments : str or sequence of str
        The cheapest experiments of the claim that are concerned.
    case : mapping or None
        One case in place of the listed ones, where one is enough.
    points : mapping of axis to points
        Points in place of those of the effort, where fewer are enough.
    only : str
        Only checks and falsifiers with this in their ids; all of the experiments' where it is "".
    survives : str
        Why the theorem is as true with the mistake as without it.
    given : mapping
        Values of free constants in place of the claim's, where what is judged needs no more.
    """

    name: str
    file: str
    old: str
    new: str
    experiments: str | Sequence[str]
    case: Mapping[str, float | str] | None = None
    points: Mapping[str, Sequence[float]] = field(default_factory=dict)
    only: str = ""
    survives: str = ""
    given: Mapping[str, float | str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if isinstance(self.experiments, str):
            object.__setattr__(self, "experiments", (self.experiments,))
