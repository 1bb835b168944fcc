"""One expression that is shown, tested and used to predict.

A rate is written once, as text, in the names of the axis and of the case's parameters::

    >>> rate = Formula("T**(-2*r*beta/(2*r*beta+1))")
    >>> sorted(rate.names)
    ['T', 'beta', 'r']
    >>> round(rate(T=16, r=0.5, beta=1.0), 6)
    0.25

The same text gives the predicted slope, the label and the report's MathML. Every name is a plain
symbol, also ``beta``, ``gamma``, ``N`` and ``S``; a trailing underscore is dropped when it is
shown, so that ``lambda_`` stands for the Greek letter.

The text is parsed into Python's own syntax tree and only arithmetic, comparisons and a few
functions are admitted: nothing in a formula is ever executed as code.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from ratecheck.errors import FormulaError
from ratecheck.words import INVERSE

FUNCTIONS: Mapping[str, Callable[..., float]] = {
    "sqrt": math.sqrt,
    "log": math.log,
    "exp": math.exp,
    "abs": abs,
    "min": min,
    "max": max,
    "floor": math.floor,
    "ceil": math.ceil,
}
CONSTANTS: Mapping[str, float] = {"pi": math.pi}

_BINARY: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_WHETHER: Mapping[type[ast.boolop], Callable[[Iterable[float]], bool]] = {ast.And: all, ast.Or: any}
_MAX_LENGTH = 500


class Formula:
    """An arithmetic expression in named symbols.

    Parameters
    ----------
    text : str
        Python syntax restricted to numbers, names, ``+ - * / **``, comparisons, ``and``, ``or``,
        ``not`` and the functions ``sqrt log exp abs min max floor ceil``.

    Raises
    ------
    FormulaError
        If the text does not parse or uses anything else.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str) or not text.strip():
            raise FormulaError("a formula must be a non-empty text such as 'n**(-1/2)'")
        if len(text) > _MAX_LENGTH:
            raise FormulaError(f"the formula is longer than {_MAX_LENGTH} characters; simplify it")
        self.text = text.strip()
        self._tree = _parsed(self.text)

    def __repr__(self) -> str:
        return f"Formula({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Formula) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def names(self) -> frozenset[str]:
        """The symbols of the formula: axis and parameter names, without functions and ``pi``."""
        return _names(self.text)

    def __call__(self, **values: Any) -> float:
        """The value at the given parameters (others may be given, too, and are ignored).

        Raises
        ------
        FormulaError
            If a symbol has no value, or the formula has none there (a division by zero, the
            logarithm of a negative number, an overflow).
        """
        try:
            return _compiled(self.text)(values)
        except _NamelessError as error:
            raise FormulaError(f"'{self.text}': '{error}' has no value here") from None
        except (ArithmeticError, ValueError, TypeError) as error:
            at = ", ".join(f"{k}={values[k]}" for k in sorted(self.names) if k in values)
            raise FormulaError(f"'{self.text}' has no value at {at}: {error}") from None

    def latex(self) -> str:
        """The expression in LaTeX, term for term in the order in which it was written."""
        return _typeset(self._tree)[0]


# -- evaluating -----------------------------------------------------------------------------------

_Valued = Callable[[Mapping[str, Any]], float]


class _NamelessError(Exception):
    """A symbol without a value."""


@lru_cache(maxsize=4096)
def _compiled(text: str) -> _Valued:
    return _valued(_parsed(text))


def _valued(node: ast.AST) -> _Valued:
    """The function that a tree stands for, made once: a catalogue asks each of very many values."""
    match node:
        case ast.Constant(value=number):
            return lambda values: float(number)  # type: ignore[arg-type]
        case ast.Name(id=name):
            return lambda values: _named(name, values)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = _valued(left), _valued(right)
            return lambda values: _power(base(values), exponent(values))
        case ast.BinOp(left=left, op=op, right=right):
            a, b, combine = _valued(left), _valued(right), _BINARY[type(op)]
            return lambda values: combine(a(values), b(values))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = _valued(operand)
            return lambda values: -inner(values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _valued(operand)
            return lambda values: float(not inner(values))
        case ast.UnaryOp(operand=operand):
            return _valued(operand)
        case ast.Call(func=ast.Name(id=name), args=args):
            function, given = FUNCTIONS[name], [_valued(arg) for arg in args]
            return lambda values: float(function(*(arg(values) for arg in given)))
        case ast.Compare(left=left, ops=ops, comparators=rights):
            terms = [_valued(term) for term in (left, *rights)]
            relations = [_COMPARE[type(op)] for op in ops]
            return lambda values: _chain(relations, [term(values) for term in terms])
        case ast.BoolOp(op=op, values=parts):
            members, whether = [_valued(part) for part in parts], _WHETHER[type(op)]
            return lambda values: float(whether(member(values) for member in members))
    raise FormulaError(f"'{ast.unparse(node)}' is not an expression")  # pragma: no cover


def _named(name: str, values: Mapping[str, Any]) -> float:
    if name in values:
        return float(values[name])
    if name in CONSTANTS:
        return CONSTANTS[name]
    raise _NamelessError(name)


def _power(base: float, exponent: float) -> float:
    result = base**exponent
    if isinstance(result, complex):
        raise ValueError("a fractional power of a negative number")
    return float(result)


def _chain(relations: list[Callable[[Any, Any], Any]], terms: list[float]) -> float:
    pairs = zip(relations, pairwise(terms), strict=True)
    return float(all(relation(a, b) for relation, (a, b) in pairs))


# -- typesetting ----------------------------------------------------------------------------------

_GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu",
    "nu", "xi", "rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta",
    "Lambda", "Xi", "Pi", "Sigma", "Phi", "Psi", "Omega",
}  # fmt: skip
_SHORT = {"eps": r"\varepsilon", "lam": r"\lambda"}
_CALLS: Mapping[str, tuple[str, str]] = {
    "sqrt": (r"\sqrt{", "}"),
    "exp": ("e^{", "}"),
    "abs": (r"\left|", r"\right|"),
    "floor": (r"\left\lfloor ", r" \right\rfloor"),
    "ceil": (r"\left\lceil ", r" \right\rceil"),
    "log": (r"\log{\left( ", r" \right)}"),
    "min": (r"\min{\left( ", r" \right)}"),
    "max": (r"\max{\left( ", r" \right)}"),
}
_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: r"\le", ast.Gt: ">", ast.GtE: r"\ge", ast.Eq: "=", ast.NotEq: r"\ne",
}  # fmt: skip
# How tightly an expression holds together: a looser one gets parentheses inside a tighter one.
_LOGIC, _RELATION, _SUM, _SIGN, _PRODUCT, _POWER, _ATOM = range(7)


def _typeset(node: ast.AST) -> tuple[str, int]:
    """LaTeX of a checked tree, and how tightly it holds together."""
    match node:
        case ast.Constant(value=number):
            mantissa, _, exponent = f"{number!r}".partition("e")
            if exponent:
                return rf"{mantissa} \cdot 10^{{{int(exponent)}}}", _PRODUCT
            return mantissa, _ATOM
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=power)) if (
            shrinks := _shrinking(left)
        ):
            return f"{shrinks}^{{-{power!r}}}", _POWER
        case ast.BinOp(left=ast.Constant(value=1), op=ast.Div(), right=right) if (
            shrinks := _shrinking(right)
        ):
            return shrinks, _ATOM
        case ast.Name() if shrinks := _shrinking(node):
            return f"{shrinks}^{{-1}}", _POWER
        case ast.Name(id=name):
            return _letter(name.rstrip("_")), _ATOM
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            plus = isinstance(op, ast.Add)
            second = _within(right, _SUM if plus else _SIGN)
            if second.startswith("-"):
                second = rf"\left( {second} \right)"
            return f"{_within(left, _SUM)} {'+' if plus else '-'} {second}", _SUM
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            first, second = _within(left, _SIGN), _within(right, _PRODUCT)
            dot = r" \cdot " if second[0].isdigit() else " "
            return first + dot + second, _SIGN if first.startswith("-") else _PRODUCT
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            over, holds = _typeset(left)
            sign = "-" if over.startswith("-") and holds != _SUM else ""
            fraction = rf"{sign}\frac{{{over.removeprefix(sign)}}}{{{_typeset(right)[0]}}}"
            return fraction, _SIGN if sign else _PRODUCT
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return f"{_within(left, _ATOM)}^{{{_typeset(right)[0]}}}", _POWER
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_within(operand, _PRODUCT)}", _SIGN
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return rf"\neg {_within(operand, _ATOM)}", _LOGIC
        case ast.UnaryOp(operand=operand):
            return _typeset(operand)
        case ast.Call(func=ast.Name(id=name), args=args):
            before, after = _CALLS[name]
            inner = ", ".join(_typeset(arg)[0] for arg in args)
            return before + inner + after, _POWER if name == "exp" else _ATOM
        case ast.Compare(left=left, ops=ops, comparators=rights):
            text = _within(left, _SUM)
            for comparison, right in zip(ops, rights, strict=True):
                text += f" {_SIGNS[type(comparison)]} {_within(right, _SUM)}"
            return text, _RELATION
        case ast.BoolOp(op=op, values=terms):
            sign = r" \wedge " if isinstance(op, ast.And) else r" \vee "
            return sign.join(_within(term, _RELATION) for term in terms), _LOGIC
    raise FormulaError(f"'{ast.unparse(node)}' cannot be typeset")  # pragma: no cover


def _within(node: ast.AST, least: int) -> str:
    """LaTeX of a part, in parentheses where it holds together less tightly than is needed."""
    text, holds = _typeset(node)
    return text if holds >= least else rf"\left( {text} \right)"


def _shrinking(node: ast.AST) -> str | None:
    """The letter of the parameter that a name is one over, where it is one."""
    if isinstance(node, ast.Name) and node.id.startswith(INVERSE):
        return _letter(node.id.removeprefix(INVERSE))
    return None


def _letter(name: str) -> str:
    """A symbol: a Greek letter by its name, what follows an underscore as an index."""
    if name in CONSTANTS:
        return rf"\{name}"
    stem, _, index = name.partition("_")
    shown = rf"\{stem}" if stem in _GREEK else _SHORT.get(stem, stem)
    return f"{shown}_{{{_letter(index)}}}" if index else shown


@lru_cache(maxsize=1024)
def _names(text: str) -> frozenset[str]:
    tree = _parsed(text)
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return frozenset(
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and id(node) not in called and node.id not in CONSTANTS
    )


@lru_cache(maxsize=4096)
def _parsed(text: str) -> ast.expr:
    """The syntax tree of a formula; a catalogue asks for the same ones many times."""
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        detail = getattr(error, "msg", None) or str(error)
        hint = " (write lambda_ for the Greek letter)" if "lambda" in text else ""
        raise FormulaError(f"'{text}' does not parse: {detail}{hint}") from None
    _require_arithmetic(text, tree)
    return tree


def _require_arithmetic(text: str, node: ast.AST) -> None:
    for item in ast.walk(node):
        if isinstance(item, ast.Constant):
            if isinstance(item.value, bool) or not isinstance(item.value, int | float):
                raise FormulaError(f"'{text}': {item.value!r} is not a number")
        elif isinstance(item, ast.Call):
            if not isinstance(item.func, ast.Name) or item.func.id not in FUNCTIONS:
                raise FormulaError(
                    f"'{text}': unknown function '{ast.unparse(item.func)}'; "
                    f"known are {', '.join(FUNCTIONS)}"
                )
            if item.keywords or not item.args:
                raise FormulaError(f"'{text}': '{item.func.id}' takes plain arguments")
        elif isinstance(item, ast.BinOp):
            if type(item.op) not in _BINARY:
                raise FormulaError(
                    f"'{text}': only + - * / ** are admitted (a power is written **)"
                )
        elif isinstance(item, ast.UnaryOp):
            if not isinstance(item.op, ast.USub | ast.UAdd | ast.Not):
                raise FormulaError(f"'{text}': only the signs + and - are admitted")
        elif isinstance(item, ast.Compare):
            if any(type(op) not in _COMPARE for op in item.ops):
                raise FormulaError(f"'{text}': compare with < <= > >= == !=")
        elif not isinstance(
            item, ast.Name | ast.expr_context | ast.operator | ast.unaryop | ast.cmpop
            | ast.BoolOp | ast.boolop
        ):  # fmt: skip
            raise FormulaError(
                f"'{text}': '{ast.unparse(item)}' is not arithmetic in named symbols"
            )
