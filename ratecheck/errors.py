"""The errors that a user can mend: each is one sentence that says what is wrong, where, and how."""

from __future__ import annotations


class RatecheckError(Exception):
    """Base of every error that is shown as a sentence and never as a traceback."""


LONGEST = 300


def one_line(error: BaseException) -> str:
    """The message of an error as one short line of printable text."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # an error whose own text raises
        text = ""
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 2]} …"
    return text or "no message"


def kind_of(value: object) -> str:
    """The name of a value's class, printable, whatever its metaclass says."""
    name: str = type.__dict__["__name__"].__get__(type(value))
    return "".join(letter if letter.isprintable() else "?" for letter in name[:LONGEST])


class FormulaError(RatecheckError):
    """A formula does not parse, names something unknown, or has no value where it is needed."""


class ClaimError(RatecheckError):
    """A claim file is malformed.

    Parameters
    ----------
    where : str
        File (and experiment) in which the problem is.
    field : str
        Name of the field, such as ``checks[0].margin``.
    problem, fix : str
        What is wrong, and what to write instead.
    """

    def __init__(self, where: str, field: str, problem: str, fix: str) -> None:
        self.where, self.field, self.problem, self.fix = where, field, problem, fix
        super().__init__(f"{where}: {field}: {problem}; {fix}")


class RequestError(RatecheckError):
    """A request cannot be met: an unknown name, an absent device, an unwritable path."""


class StoreError(RatecheckError):
    """The store of simulated blocks cannot be used as it is."""
