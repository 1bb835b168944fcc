"""LaTeX and formulas as MathML that browsers draw, or an error that names the place.

`latex2mathml` does the translation. What it lets through silently is refused here (an unknown
command, an unbalanced brace, a comment sign that swallows the rest), what browsers following
MathML Core no longer draw is rewritten (letters with a ``mathvariant``, limits under operators),
and the result is written out from a short list of admitted elements, so that nothing in a claim
file becomes markup of the page.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from ratecheck.claim.formula import Formula
from ratecheck.errors import FormulaError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Elements of MathML Core with the number of children that each must have (None: any).
_ELEMENTS: dict[str, int | None] = {
    "math": None, "mrow": None, "mi": 0, "mn": 0, "mo": 0, "mtext": 0, "mspace": 0,
    "mfrac": 2, "msqrt": None, "mroot": 2, "msub": 2, "msup": 2, "msubsup": 3,
    "munder": 2, "mover": 2, "munderover": 3, "mtable": None, "mtr": None, "mtd": None,
    "mstyle": None, "mpadded": None, "mphantom": None,
}  # fmt: skip
_ATTRIBUTES = {
    "display", "stretchy", "fence", "form", "accent", "movablelimits", "minsize", "maxsize",
    "lspace", "rspace", "width", "columnalign", "linethickness", "displaystyle", "scriptlevel",
    "separator", "accentunder", "mathvariant",
}  # fmt: skip
_REFUSED = {
    "def", "newcommand", "renewcommand", "href", "style", "class", "color", "textcolor", "label",
    "ref", "cite", "tag", "html", "id", "unicode",
}  # fmt: skip
_ENVIRONMENTS = {
    "matrix", "matrix*", "pmatrix", "pmatrix*", "bmatrix", "bmatrix*", "Bmatrix", "Bmatrix*",
    "vmatrix", "vmatrix*", "Vmatrix", "Vmatrix*", "smallmatrix", "array", "cases", "split",
    "align*", "substack",
}  # fmt: skip
_REWRITTEN = {"aligned": "split", "gathered": "split", "align": "align*", "dcases": "cases"}
_LIMITS = {
    "inf", "sup", "min", "max", "lim", "argmin", "argmax", "lim inf", "lim sup", "det", "Pr",
    "arg\u2009min", "arg\u2009max", "lim\u2006inf", "lim\u2006sup", "plim",
}  # fmt: skip
_VARIANTS = {
    "double-struck": "DOUBLE-STRUCK", "script": "SCRIPT", "fraktur": "FRAKTUR", "bold": "BOLD",
    "bold-italic": "BOLD ITALIC", "bold-script": "BOLD SCRIPT", "sans-serif": "SANS-SERIF",
    "bold-sans-serif": "SANS-SERIF BOLD", "monospace": "MONOSPACE", "italic": "ITALIC",
    "bold-fraktur": "BOLD FRAKTUR",
}  # fmt: skip
_BREAKS = set("=<>≤≥≲≳⩽⩾∼≍≈→∈⊂∝≪≫+−∧")
_OPEN, _CLOSED = set("([{⟨⌈⌊"), set(")]}⟩⌉⌋")
_QUAD, _QQUAD, _BIG = "1em", "2em", "1.2em"
_ROWS = {"math", "msqrt", "mtd", "mstyle", "mpadded", "mphantom"}  # rows without an mrow
_SCRIPTS = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
_TALL = {"mfrac", "mtable", "munder", "mover", "munderover", "msqrt", "mroot"}
_ORDINARY = set("∞∂∇∅")
_SCRIPTED = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_MESSAGES = {
    "ExtraLeftOrMissingRightError": r"a \left lacks its \right, or the other way round",
    "MissingEndError": r"a \begin lacks its \end",
    "MissingSuperScriptOrSubscriptError": "nothing follows a ^ or a _",
    "DoubleSubscriptsError": "two subscripts follow each other; group them with braces",
    "DoubleSuperscriptsError": "two superscripts follow each other; group them with braces",
    "DenominatorNotFoundError": "a fraction lacks its denominator",
    "NumeratorNotFoundError": "a fraction lacks its numerator",
    "NoAvailableTokensError": "a command lacks its argument",
    "LimitsMustFollowMathOperatorError": r"\limits must follow an operator",
    "InvalidStyleForGenfracError": r"\genfrac has an unknown style",
    "InvalidAlignmentError": "a table has an unknown alignment",
}


@lru_cache(maxsize=4096)
def mathml(latex: str, *, block: bool = True) -> str:
    r"""LaTeX (without dollar signs) as a ``<math>`` element, safe to put into a page.

    A display is cut where a line may end, since browsers do not break formulas: at each ``\qquad``
    of its outermost level into a ``<span>``, and within that into ``<math>`` elements at commas,
    words, relations, and signs of sums, as far as these stand in no parenthesis but a ``\Bigl(``.

    Parameters
    ----------
    latex : str
        Display mathematics: letters, operators, fractions, scripts, matrices, cases, ``\text``.
    block : bool
        Displayed on a line of its own, or running in the text.

    Raises
    ------
    FormulaError
        If anything in it is unknown, unbalanced or not drawn by browsers; the sentence quotes
        the place.
    """
    if not latex.strip():
        raise FormulaError("the LaTeX is empty; write the statement's display")
    tree = _tree(latex, block)
    if not block:
        return "".join(_written(tree))
    return "".join(f"<span>{''.join(map(_drawn, piece))}</span>" for piece in _pieces(tree))


def _pieces(tree: Element) -> Iterator[Iterator[list[Element]]]:
    """The display between its wide spaces, each piece in what may stand on lines of its own."""
    for wide, nodes in groupby(tree[0], lambda node: node.get("width") == _QQUAD):
        if not wide:
            yield _lines(list(nodes))


def _lines(nodes: Sequence[Element]) -> Iterator[list[Element]]:
    """The nodes of a row between the places at which a line may end."""
    line: list[Element] = []
    depth, norm, ended, before = 0, False, False, ""
    for node in nodes:
        text = (node.text or "").strip()
        base = node[0] if node.tag in _SCRIPTS else node
        if base.tag == "mo" and not base.get("minsize"):
            depth += (base.text in _OPEN) - (base.text in _CLOSED)
            norm ^= not depth and base.text in ("‖", "|")  # within K(p ‖ q) it is no fence
        free, word, space = not (depth or norm), node.tag == "mtext", node.tag == "mspace"
        sign = node.tag == "mo" and text in _BREAKS and before not in _BREAKS | _OPEN
        if line and not space and (ended or (free and (word or sign))):
            if sign and not ended:
                node.set("form", "infix")  # what stands first would be the sign of its term
            yield line
            line, ended = [], False
        line.append(node)
        before = before if space else text
        ended |= free and (word or text == "," or node.get("width") == _QUAD)
    if line:
        yield line


def _drawn(nodes: Sequence[Element]) -> str:
    from xml.etree.ElementTree import Element

    part, row = Element("math", {"display": "block"}), Element("mrow")
    row.extend(nodes)
    part.append(row)
    return "".join(_written(part))


def _tree(latex: str, block: bool) -> Element:
    from latex2mathml.converter import Converter

    _inspect(latex)
    source = latex
    for old, new in _REWRITTEN.items():
        source = source.replace(f"{{{old}}}", f"{{{new}}}")
    try:
        converter = Converter(display="block" if block else "inline")
        tree: Element = converter.convert_to_element(source)
    except RecursionError:
        raise FormulaError("the LaTeX is nested too deeply; simplify it") from None
    except Exception as error:  # latex2mathml raises bare classes, and an IndexError at times
        problem = _MESSAGES.get(type(error).__name__, "it does not convert")
        raise FormulaError(f"LaTeX '{_short(latex)}': {problem}") from None
    _mend(tree)
    _raise_over_fences(tree)
    _tighten(tree, script=False)
    _verify(tree, latex)
    return tree


@lru_cache(maxsize=4096)
def formula_mathml(text: str) -> str:
    """A `Formula` as a ``<math>`` element that runs in the text.

    Raises
    ------
    FormulaError
        If the text is no formula.
    """
    latex = Formula(text).latex()
    words = re.compile(r"\\[A-Za-z]+|([A-Za-z]{2,})")  # names of several letters stand upright
    named = words.sub(lambda word: rf"\text{{{word[1]}}}" if word[1] else word[0], latex)
    tree = _tree(named, block=False)
    tree.set("displaystyle", "true")
    _fold(tree, script=False)
    return "".join(_written(tree))


def _fold(node: Element, script: bool) -> None:
    """Fractions in exponents with a solidus, so that they stay large enough to be read."""
    for index, child in enumerate(node):
        _fold(child, script or (index > 0 and node.tag in _SCRIPTS))
    if not (script and node.tag == "mfrac"):
        return
    top, bottom = list(node)
    node.tag = "mrow"
    node.attrib.clear()
    node[:] = [
        *_grouped(top, any(part.tag == "mo" and part.text in ("+", "−") for part in list(top)[1:])),
        _operator("/"),
        *_grouped(bottom, len(bottom) > 1),
    ]


def _grouped(row: Element, fenced: bool) -> list[Element]:
    return [_operator("("), row, _operator(")")] if fenced else [row]


def _operator(text: str) -> Element:
    from xml.etree.ElementTree import Element

    token = Element("mo")
    token.text = text
    token.attrib |= {"lspace": "0em", "rspace": "0em", "stretchy": "false"}
    return token


def _short(latex: str, position: int = 0) -> str:
    """The surroundings of a place, for a message."""
    start, end = max(0, position - 12), position + 28
    excerpt = " ".join(latex[start:end].split())
    return f"{'…' if start else ''}{excerpt}{'…' if end < len(latex) else ''}"


def _error(latex: str, position: int, problem: str) -> FormulaError:
    place = f"character {position + 1}"
    return FormulaError(f"LaTeX at {place}, '{_short(latex, position)}': {problem}")


def _inspect(latex: str) -> None:
    """Refuse what the converter would swallow."""
    depth: list[int] = []
    environments: list[tuple[str, int]] = []
    for token in re.finditer(r"\\([A-Za-z]+\*?|.)|[{}$%&]", latex, re.DOTALL):
        text, command, at = token[0], token[1], token.start()
        if text == "{":
            depth.append(at)
        elif text == "}":
            if not depth:
                raise _error(latex, at, "this brace closes nothing")
            depth.pop()
        elif text == "$":
            raise _error(latex, at, "leave out the dollar signs")
        elif text == "%":
            raise _error(latex, at, r"a % starts a comment; write \%")
        elif text == "&" and not environments:
            raise _error(latex, at, "an & outside of an environment")
        elif command in _REFUSED:
            raise _error(latex, at, f"\\{command} is not admitted here; leave it out")
        elif command in ("begin", "end"):
            name = re.match(r"\s*\{([^{}]*)\}", latex[token.end() :])
            if name is None:
                raise _error(latex, at, f"\\{command} lacks its name in braces")
            if name[1] not in _ENVIRONMENTS and name[1] not in _REWRITTEN:
                raise _error(latex, at, f"unknown environment '{name[1]}'")
            if command == "begin":
                environments.append((name[1], at))
            elif not environments or environments.pop()[0] != name[1]:
                raise _error(latex, at, f"\\end{{{name[1]}}} ends nothing that was begun")
    if depth:
        raise _error(latex, depth[-1], "this brace is never closed")
    if environments:
        raise _error(latex, environments[-1][1], r"this \begin lacks its \end")


def _mend(node: Element) -> None:
    """Rewrite in place what MathML Core does not draw as LaTeX would."""
    for child in node:
        _mend(child)
    if node.text:
        upright = re.fullmatch(r"&#x000([46-7][0-9A-F]|5[0-9A]);", node.text)  # from \mathrm
        node.text = html.unescape(node.text)
        if upright and node.tag == "mi" and node.text.isalpha():
            node.set("mathvariant", "normal")
    if node.text == r"\|":
        node.text = "‖"
    if node.text == "~" and node.tag == "mi":  # \sim; the accent is an mo
        node.text = "∼"
    if node.tag == "mi" and _is_operator(node.text or ""):
        node.tag = "mo"
    variant = node.attrib.pop("mathvariant", None)
    if variant and node.text and node.tag in ("mi", "mn", "mo"):
        node.text = "".join(_styled(letter, variant) for letter in node.text)
        if variant == "normal":
            node.set("mathvariant", "normal")
    for name in [name for name in node.attrib if name not in _ATTRIBUTES]:
        del node.attrib[name]
    if node.tag == "mspace" and not re.fullmatch(r"-?[\d.]+em", node.get("width", "")):
        node.set("width", {"negativethinmathspace": "-0.167em"}.get(node.get("width", ""), "0em"))
    if node.tag in ("mi", "mo") and _is_function(node.text or ""):
        node.tag = "mo"
        node.set("lspace", "0.1em")
        node.set("rspace", "0.167em")
    if node.tag == "mo" and (node.get("fence") == "true" or (node.text or " ") in "()[]{}/"):
        node.attrib |= {"lspace": "0em", "rspace": "0em"}
    if node.get("minsize") == _BIG:  # a fence hardly larger than its letters: fonts pad it
        node.set("stretchy", "false")
        del node.attrib["minsize"], node.attrib["maxsize"]
    _close_up(node)
    _keep_low(node)
    if node.tag in _SCRIPTED and len(node) and (node[0].text or "").strip() in _LIMITS:
        node[0].set("movablelimits", "true")
        node.tag = _SCRIPTED[node.tag]


def _is_operator(letter: str) -> bool:
    return len(letter) == 1 and unicodedata.category(letter) == "Sm" and letter not in _ORDINARY


def _is_function(name: str) -> bool:
    letters = re.sub(r"[\u2000-\u200a ]", "", name)
    return len(letters) > 1 and letters.isascii() and letters.isalpha()


def _close_up(row: Element) -> None:
    """No space between the name of a function and its parenthesis, or after the sign of a term."""
    children = list(row)
    for left, right in pairwise(children):
        if right.text in ("+", "−") and (left.text or "") in _BREAKS | _OPEN | {","}:
            right.set("form", "prefix")
        name = left[0] if left.tag in ("msub", "msup", "msubsup") and len(left) else left
        first = right
        while first.tag == "mrow" and len(first):
            first = first[0]
        if name.tag == "mo" and name.get("rspace") and (first.text or "") in "([{":
            name.set("rspace", "0em")


def _tighten(node: Element, script: bool) -> None:
    """No space around operators in scripts, as in TeX; names of functions keep theirs."""
    if script and node.tag == "mo" and not _is_function(node.text or ""):
        node.attrib |= {"lspace": "0em", "rspace": "0em"}
    for index, child in enumerate(node):
        _tighten(child, script or (index > 0 and node.tag in _SCRIPTS))


def _raise_over_fences(row: Element) -> None:
    """A script of a large fence is put over all that is fenced: browsers stretch no base."""
    opened: list[Element] = []
    for node in list(row):
        _raise_over_fences(node)
        fence = node[0] if node.tag in _SCRIPTS else node
        if fence.tag != "mo" or not fence.get("minsize"):
            continue
        if fence.text in _OPEN:
            opened.append(node)
        elif fence.text in _CLOSED and opened:
            first = opened.pop()
            if node is not fence:
                _enclose(row, first, node)


def _enclose(row: Element, first: Element, last: Element) -> None:
    """Make all from a node of a row to the fence of a script the base of the script."""
    from xml.etree.ElementTree import Element

    children = list(row)
    inside, fenced = children[children.index(first) : children.index(last)], Element("mrow")
    for node in inside:
        row.remove(node)
    fenced.extend([*inside, last[0]])
    last[0] = fenced


def _keep_low(row: Element) -> None:
    """Fences around something no taller than a letter keep their natural size."""
    if row.tag != "mrow" or len(row) < 2:
        return
    fences = [row[0], row[-1]]
    low = not any(node.tag in _TALL for node in row.iter())
    if low and all(fence.tag == "mo" and fence.get("form") for fence in fences):
        for fence in fences:
            fence.set("stretchy", "false")


def _styled(letter: str, variant: str) -> str:
    """A letter in Unicode's mathematical alphabets (itself where there is none)."""
    style = _VARIANTS.get(variant)
    if style is None:
        return letter
    try:
        name = unicodedata.name(letter)
    except ValueError:
        return letter
    plain = name.replace("LATIN ", "").replace("GREEK ", "").replace(" LETTER", "")
    candidates = [f"MATHEMATICAL {style} {plain}"]
    if style in ("SCRIPT", "DOUBLE-STRUCK"):
        candidates.append(f"{style} {plain}")
    if style == "FRAKTUR":
        candidates.append(f"BLACK-LETTER {plain}")
    if style == "BOLD ITALIC":
        candidates.append(f"MATHEMATICAL BOLD {plain}")
    for candidate in candidates:
        try:
            return unicodedata.lookup(candidate)
        except KeyError:
            continue
    return letter


def _verify(node: Element, latex: str) -> None:
    """Refuse unknown commands and elements without their parts."""
    text = node.text or ""
    if text.startswith("\\") and node.tag != "mtext":
        raise _error(latex, max(0, latex.find(text)), f"{text} is not known")
    arity = _ELEMENTS.get(node.tag, -1)
    if arity == -1:
        raise FormulaError(f"LaTeX '{_short(latex)}': browsers do not draw a {node.tag}")
    if arity is not None and len(node) != arity:
        kind = "fraction" if node.tag == "mfrac" else "script, root or fraction"
        raise FormulaError(f"LaTeX '{_short(latex)}': a {kind} lacks one of its parts")
    for child in node:
        _verify(child, latex)


def _written(node: Element) -> Iterator[str]:
    """The markup, without rows of one element and rows within what is a row itself."""
    if node.tag == "mrow" and len(node) == 1:
        yield from _written(node[0])
        return
    if node.tag in _ROWS and len(node) == 1 and node[0].tag == "mrow":
        node[:] = list(node[0])
    attributes = "".join(
        f' {name}="{html.escape(value)}"' for name, value in sorted(node.attrib.items())
        if name in _ATTRIBUTES
    )  # fmt: skip
    yield f"<{node.tag}{attributes}>{html.escape(node.text or '', quote=False)}"
    for child in node:
        yield from _written(child)
    yield f"</{node.tag}>"
