"""What a theorem asserts of a quantity: the kinds of check.

A check is quantity + prediction + relation + margin. Each kind says in which coordinates the
prediction is a number (a slope in log-log, a slope in semi-log, a ratio) and on which side of it
the theorem allows the truth to lie.

==========  ===============================================  ===========================
kind        the theorem says                                 measured
==========  ===============================================  ===========================
`Rate`      quantity behaves like the formula                log-log slope, two-sided
`AtMost`    quantity = O(formula)                            log-log slope, from above
`AtLeast`   quantity = Omega(formula)                        log-log slope, from below
`Flat`      quantity does not depend on the axis             log-log slope 0, two-sided
`Faster`    ``than``/quantity grows at least like ``by``     paired difference of slopes
`Decay`     quantity behaves like exp(-c t)                  semi-log slope, relative
`Agrees`    quantity / formula is 1                          ratio, at every point
`Below`     quantity < ``than``                              paired ratio, at every point
`Additive`  joint error = sum of the parts                   ratio from the corners
==========  ===============================================  ===========================
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar, Literal

from ratecheck.claim.falsifier import Falsifier

Relation = Literal["equal", "at most", "at least"]
Scale = Literal["log-log", "semi-log", "ratio", "corners"]


@dataclass(frozen=True)
class Check:
    """What is common to every check.

    Parameters
    ----------
    quantity : str
        Name of a number that the simulation returns.
    formula : str
        The prediction, in the names of the axis and of the case's parameters.
    margin : float
        How far the truth may lie from the prediction: of a slope in absolute terms, of a `Decay`,
        `Agrees` or `Additive` as a fraction. It comes from the distance to the nearest rival or
        from the theorem's own finite-n formula, never from a measured value.
    axis : str, optional
        The axis along which to test; without it the check runs along every axis of its experiment.
    rivals : mapping of name to formula
        Other predictions, which the data must exclude.
    when : str, optional
        A condition on the case's parameters, such as ``"r > 1/2"``; other cases are left out.
    name : str, optional
        How the check is called in reports and test ids; by default the quantity and the kind.
    fails : sequence of Falsifier
        The variants on which the check must fail.
    """

    quantity: str
    formula: str
    _: KW_ONLY
    margin: float
    axis: str | None = None
    rivals: Mapping[str, str] = field(default_factory=dict)
    when: str | None = None
    name: str | None = None
    fails: Sequence[Falsifier] = ()

    kind: ClassVar[str] = "check"
    relation: ClassVar[Relation] = "equal"
    scale: ClassVar[Scale] = "log-log"

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or self.quantity

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads."""
        return (self.quantity,)


@dataclass(frozen=True)
class Rate(Check):
    """The quantity behaves like the formula: equal slopes in log-log, up to the margin."""

    kind: ClassVar[str] = "rate"


@dataclass(frozen=True)
class AtMost(Check):
    """The quantity is O(formula): decaying faster than the formula is no failure."""

    kind: ClassVar[str] = "at most"
    relation: ClassVar[Relation] = "at most"


@dataclass(frozen=True)
class AtLeast(Check):
    """The quantity is Omega(formula): decaying slower than the formula is no failure."""

    kind: ClassVar[str] = "at least"
    relation: ClassVar[Relation] = "at least"


@dataclass(frozen=True)
class Flat(Check):
    """The quantity does not depend on the axis: slope 0."""

    formula: str = "1"
    kind: ClassVar[str] = "flat"

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-flat"


@dataclass(frozen=True)
class Faster(Check):
    """``quantity`` beats ``than`` by at least the factor ``by``: a paired difference of exponents.

    ``Faster("svrg", than="full_gradient", by="sqrt(n)", margin=0.08)`` says that
    full_gradient/svrg grows at least like sqrt(n).
    """

    formula: str = field(default="1", init=False)
    _: KW_ONLY
    than: str
    by: str
    kind: ClassVar[str] = "faster"
    relation: ClassVar[Relation] = "at least"

    def __post_init__(self) -> None:
        object.__setattr__(self, "formula", self.by)

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-faster-than-{self.than}"

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads."""
        return (self.quantity, self.than)


@dataclass(frozen=True)
class Decay(Check):
    """The quantity behaves like the formula, an exponential in the axis: semi-log slopes.

    ``Decay("gap", "exp(-2*alpha*t)", margin=0.1)``; the margin is a fraction of the predicted
    rate. With ``bound=True`` only a slower decay is a failure.
    """

    _: KW_ONLY
    bound: bool = False
    kind: ClassVar[str] = "decay"
    scale: ClassVar[Scale] = "semi-log"


@dataclass(frozen=True)
class Agrees(Check):
    """The ratio of quantity to formula is 1 within the margin, at every point at once."""

    kind: ClassVar[str] = "agrees"
    scale: ClassVar[Scale] = "ratio"

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-agrees"


@dataclass(frozen=True)
class Below(Check):
    """``quantity`` is smaller than ``than`` at every point, in paired replicates."""

    formula: str = field(default="1", init=False)
    _: KW_ONLY
    than: str
    margin: float = field(default=0.0)
    kind: ClassVar[str] = "below"
    relation: ClassVar[Relation] = "at most"
    scale: ClassVar[Scale] = "ratio"

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-below-{self.than}"

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads."""
        return (self.quantity, self.than)


@dataclass(frozen=True)
class Additive(Check):
    """Two sources of error add up: (first + second - neither) / both is 1 within the margin.

    ``quantity`` is the error with both sources on; ``parts`` the two errors with one source on,
    ``neither`` (optional) the error with none.
    """

    formula: str = field(default="1", init=False)
    _: KW_ONLY
    parts: tuple[str, str]
    neither: str | None = None
    kind: ClassVar[str] = "additive"
    scale: ClassVar[Scale] = "corners"

    @property
    def label(self) -> str:
        """Name in ids and reports."""
        return self.name or f"{self.quantity}-additive"

    @property
    def quantities(self) -> tuple[str, ...]:
        """Every quantity that the check reads."""
        rest = (self.neither,) if self.neither else ()
        return (self.quantity, *self.parts, *rest)
