"""Numbers as a journal sets them: real minus signs, powers, and as many digits as are known."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ratecheck.words import INVERSE

MINUS = "−"
NONE = "—"
THIN = "\u202f"  # narrow no-break space
_SUPERSCRIPTS = str.maketrans("0123456789-.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻·")

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "eps": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "lam": "λ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip

LETTERS = "|".join(_GREEK)

_WORDS = re.compile(r"[A-Za-z]{2,}(?:_[A-Za-z]{2,})+")

_SIGNS = {"<=": "≤", ">=": "≥", "==": "=", "!=": "≠"}

_ASCII = str.maketrans(
    {"−": "-", "∞": "inf", "≤": "<=", "≥": ">=", "×": "x", "—": "-", THIN: " ", "’": "'",
     "●": "+", "◆": "x", "○": "?", "✕": "!"}
    | dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻·", "0123456789-.", strict=True))
)  # fmt: skip

Interval = Sequence[float | None]


def signed(text: str) -> str:
    """A plain number's text with a minus sign in place of the hyphen, and without minus zero."""
    if text.startswith("-") and not text.strip("-0."):
        text = text[1:]
    return text.replace("-", MINUS)


def power(base: int, exponent: int) -> str:
    """``base`` to the ``exponent`` in superscript digits."""
    return f"{base}{str(exponent).translate(_SUPERSCRIPTS)}"


def number(value: float | None, digits: int = 3) -> str:
    """A number to some significant digits, large and small ones with a power of ten.

    >>> number(-0.000012345)
    '−1.23 × 10⁻⁵'
    >>> number(65536)
    '65\u202f536'
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    if float(value).is_integer() and abs(value) < 1e7:
        return signed(f"{int(value):,}" if abs(value) >= 1e4 else str(int(value))).replace(
            ",", THIN
        )
    if 1e-3 <= abs(value) < 1e5:
        decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
        text = f"{value:.{decimals}f}"
        return signed(text.rstrip("0").rstrip(".") if "." in text else text)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    mantissa = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    ten = power(10, int(exponent))
    return ten if mantissa == "1" else f"{signed(mantissa)} × {ten}"


def decimals_of(interval: Interval | None) -> int:
    """Decimals worth printing for a value known to within an interval: two to five."""
    if interval is None or any(end is None for end in interval):
        return 2
    low, high = interval
    width = (high or 0.0) - (low or 0.0)
    if width <= 0:
        return 4
    if math.isinf(width):  # of two finite ends
        return 2
    return min(5, max(2, 1 - math.floor(math.log10(width))))


def fixed(value: float | None, decimals: int = 2) -> str:
    """A number with a fixed count of decimals; far from unity as `number`."""
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) >= 1e5:
        return number(value)
    return signed(f"{value:.{decimals}f}")


def slope(value: float | None) -> str:
    """A predicted exponent: three decimals at most, without trailing zeros."""
    if value is None or not math.isfinite(value) or abs(value) >= 1e5:
        return number(value)
    if 1e-9 < abs(value) < 5e-4:
        return number(value)
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return signed(text)


def measured(value: float | None, interval: Interval | None) -> str:
    """A measured value, to the decimals that its interval warrants."""
    return fixed(value, decimals_of(interval))


def interval_text(interval: Interval | None) -> str:
    """``[low, high]``; an open side is infinite."""
    if interval is None:
        return NONE
    low, high = interval
    decimals = decimals_of(interval)
    left = "(−∞" if low is None else f"[{fixed(low, decimals)}"
    right = "∞)" if high is None else f"{fixed(high, decimals)}]"
    return f"{left}, {right}"


def case_text(case: Mapping[str, Any]) -> str:
    """The parameters of a case: ``r = 0.5, β = 2``."""
    return ", ".join(f"{symbol(name)} = {parameter(value)}" for name, value in case.items())


def symbol(name: str) -> str:
    """A parameter's name as it stands in the formulas: Greek where it is called so, else as words.

    >>> symbol("inv_eta"), symbol("chains_by_eps"), symbol("beta_max")
    ('1/η', 'chains by ε', 'beta_max')
    """
    for over in (INVERSE, "1/"):
        if name.startswith(over):
            return f"1/{symbol(name.removeprefix(over))}"
    if _WORDS.fullmatch(name) and name.partition("_")[0] not in _GREEK:
        return " ".join(map(symbol, name.split("_")))
    return _GREEK.get(name.rstrip("_"), name)


def within(name: str, given: str) -> str:
    """A parameter's range as it is read: ``1 <= inv_eps`` as 1 ≤ 1/ε.

    >>> within("beta", "1 <= beta <= 2 and n >= 16"), within("k", "2 or 3")
    ('1 ≤ β ≤ 2 and n ≥ 16', 'k = 2 or 3')
    """
    told = given if re.search("[<>=]", given) else f"{name} == {given}"
    told = re.sub(r"\b(\w+) == floor\(\1\)", r"\1 whole", told)
    told = re.sub("[<>=!]=", lambda sign: _SIGNS[sign[0]], in_letters(told))
    return re.sub(r"(?<!\w)\((1/\w+)\)(?= [<>≤≥=≠]|$)", r"\1", told)  # an axis alone


def in_letters(formula: str) -> str:
    """Python's arithmetic as it is read; a power that no digit can show keeps its ^.

    >>> in_letters("2*sigma"), in_letters("d**2 - 4*m"), in_letters("n**(-1/2)")
    ('2σ', 'd² − 4m', 'n^(−1/2)')
    """
    text = re.sub(r"\*\*(\d+)\b", lambda power: power[1].translate(_SUPERSCRIPTS), formula)
    text = re.sub(r"(\d)\s*\*(?!\*)\s*(?=[A-Za-z]\w*\b(?!\())", r"\1", text)
    text = re.sub(r"\s*(?<!\*)\*(?!\*)\s*", "·", text).replace("**", "^")
    return re.sub(r"(?<![\w.])-|(?<=\d)-(?=\d)| - ", _minus, symbols_in(text))


def _minus(sign: re.Match[str]) -> str:
    return sign[0].replace("-", MINUS)


def letters(text: str) -> str:
    """A sentence with names of letters as letters, where they are words, with signs and numbers.

    >>> letters("steps until KL <= eps, with beta_max"), letters("exp(-alpha t) - 1, of order 1e-5")
    ('steps until KL ≤ ε, with beta_max', 'exp(−α t) − 1, of order 10⁻⁵')
    """
    text = re.sub("[<>]=", lambda sign: _SIGNS[sign[0]], text)
    text = re.sub(r"\b\d(?:\.\d+)?e-\d+\b", lambda small: number(float(small[0])), text)
    text = re.sub(r"(?<=\d) %", f"{THIN}%", text)
    text = re.sub(rf"\b(?:{LETTERS})\b", lambda name: symbol(name[0]), text)
    return re.sub(r"(?<![\w.)\]])-(?=[\d.])|(?<=\()-(?=\w)|(?<=[\w)] )-(?= [\w(])", MINUS, text)


def symbols_in(text: str) -> str:
    """A text with every name of a letter as that letter."""

    def letter(name: re.Match[str]) -> str:
        shown = symbol(name[0])
        return f"({shown})" if "/" in shown else shown

    return re.sub(r"[A-Za-z]\w*", letter, text)


def product(formula: str) -> str:
    """A formula of a claim file in letters: ``n*d**2`` as n·d², in parentheses if it is a sum.

    >>> product("n * m**2"), product("n + d"), product("eta**(-1/2)")
    ('n·m²', '(n + d)', 'η^(−1/2)')
    """
    text = re.sub(r"\*\*(\d+)\b", lambda power: power[1].translate(_SUPERSCRIPTS), formula)
    text = re.sub(r"\s*(?<!\*)\*(?!\*)\s*", "·", text).replace("**", "^")
    text = symbols_in(text.replace("-", MINUS))
    return f"({text})" if re.search(rf" [+{MINUS}] ", text) else text


def parameter(value: Any) -> str:
    """A parameter's value as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return number(value, 6)


def plain(text: str) -> str:
    """A text for a terminal that knows ASCII only."""
    return text.translate(_ASCII).encode("ascii", "replace").decode()


def duration(seconds: float | None) -> str:
    """A time in the unit that reads best."""
    if seconds is None or not math.isfinite(seconds):
        return NONE
    if seconds < 0.0995:
        return f"{1000 * seconds:.0f}{THIN}ms"
    if seconds < 9.95:
        return f"{seconds:.1f}{THIN}s"
    if seconds < 99.5:
        return f"{seconds:.0f}{THIN}s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes}{THIN}min"
    return f"{minutes // 60}{THIN}h{THIN}{minutes % 60}{THIN}min"


def moment(started: str) -> str:
    """An ISO 8601 time as a date and a time of day (as it stands where it is none)."""
    try:
        time = datetime.fromisoformat(started)
    except ValueError:
        return started
    zone = f" {time.tzname()}" if time.tzinfo else ""
    return f"{time.day} {time:%B %Y, %H:%M}{zone}"


def plural(count: int, noun: str) -> str:
    """``1 check``, ``2 checks``."""
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"
