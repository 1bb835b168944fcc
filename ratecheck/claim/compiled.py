"""Claim files that loaded clean, kept compiled beside them as Python keeps its modules.

A file is found again under a digest of its text, its place and the code that validates claims;
then it is neither compiled nor are its formulas, grids and LaTeX asked anew whether they can be
used: the same text was found sound by the same code. That holds for files that stand for
themselves. One that takes anything from elsewhere while it loads (another file, a module, a block
of the lab) is validated every time.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import importlib.util
import marshal
import os
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from types import CodeType

_sound: ContextVar[bool] = ContextVar("sound", default=False)
_VALIDATING = ("claim", "forms", "inference")  # rooms of the package, with its own files
_PURE = {"__future__", "dataclasses", "functools", "itertools", "math", "typing"}
_BUILTINS = {
    "abs", "bool", "dict", "enumerate", "float", "frozenset", "int", "len", "list", "map", "max",
    "min", "range", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "zip",
}  # fmt: skip


def is_sound() -> bool:
    """Whether what is being declared was validated before, word for word."""
    return _sound.get()


@contextlib.contextmanager
def sound(known: bool) -> Iterator[None]:
    """What is declared inside was validated before, or was not."""
    token = _sound.set(known)
    try:
        yield
    finally:
        _sound.reset(token)


def place(path: Path, source: bytes) -> Path:
    """Where a file with this text is kept once it has loaded clean."""
    whole = hashlib.sha256(_validating() + os.fsencode(path.resolve()) + b"\0" + source)
    name = f"{path.stem}.{sys.implementation.cache_tag}.{whole.hexdigest()[:32]}.claim"
    return path.parent / "__pycache__" / name


def kept(place: Path) -> CodeType | None:
    """The code of a file that loaded clean before; None where there is none."""
    try:
        code = marshal.loads(place.read_bytes())
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return code if isinstance(code, CodeType) else None


def keep(place: Path, source: bytes, code: CodeType) -> None:
    """Keep a file that loaded clean, in place of what was kept of it before.

    Nothing is kept of a file that does not stand for itself, where Python is told to write no
    bytecode, or where the folder cannot be written.
    """
    if sys.dont_write_bytecode or not stands_alone(source):
        return
    stem, tag, *_ = place.name.split(".")
    part = place.with_name(f"{place.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        place.parent.mkdir(exist_ok=True)
        for old in place.parent.glob(f"{stem}.{tag}.*.claim*"):
            old.unlink()
        part.write_bytes(marshal.dumps(code))
        part.replace(place)


@cache
def _validating() -> bytes:
    """A digest of the code that says whether a claim is sound."""
    package = Path(__file__).parents[1]
    whole = hashlib.sha256()
    rooms = (package / room for room in _VALIDATING)
    for file in sorted([*package.glob("*.py"), *(f for room in rooms for f in room.rglob("*.py"))]):
        whole.update(file.read_bytes())
    latex = importlib.util.find_spec("latex2mathml")
    if latex is not None and latex.origin is not None:  # which LaTeX is known depends on it
        whole.update(str(Path(latex.origin).stat().st_mtime_ns).encode())
    return whole.digest()


# -- what stands for itself -----------------------------------------------------------------------


def stands_alone(source: bytes) -> bool:
    """Whether a file that parses takes nothing from elsewhere while it loads.

    It may use the words of claims, a few pure modules, plain builtins, and what it defines itself.
    """
    loading = _Loading()
    for statement in ast.parse(source).body:
        loading.visit(statement)
    while called := loading.names & set(loading.functions):
        for name in called:
            loading.own.add(name)
            for statement in loading.functions.pop(name).body:
                loading.visit(statement)
    return loading.alone and loading.names <= loading.own | _BUILTINS


class _Loading(ast.NodeVisitor):
    """The names that are used while a file loads: those within functions where they are called.

    A function that is given as ``problem=`` or decorated is not called while its file loads.
    """

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.own: set[str] = set()
        self.functions: dict[str, ast.FunctionDef] = {}
        self.alone = True

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.functions[node.name] = node
        self.own |= {arg.arg for arg in ast.walk(node.args) if isinstance(arg, ast.arg)}
        for part in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if part is not None:
                self.visit(part)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.alone = False

    def visit_keyword(self, node: ast.keyword) -> None:
        if not (node.arg == "problem" and isinstance(node.value, ast.Name)):
            self.visit(node.value)

    def visit_Name(self, node: ast.Name) -> None:
        (self.names if isinstance(node.ctx, ast.Load) else self.own).add(node.id)

    def visit_arg(self, node: ast.arg) -> None:
        self.own.add(node.arg)

    def visit_Import(self, node: ast.Import) -> None:
        self.own |= {one.asname or one.name for one in node.names if one.name in _PURE}

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for one in node.names:
            if node.module in _PURE or (node.module == "ratecheck" and _is_word(one.name)):
                self.own.add(one.asname or one.name)


def _is_word(name: str) -> bool:
    """Whether a name of the package is one of the words of claims."""
    known = getattr(importlib.import_module("ratecheck"), name, None)
    return str(getattr(known, "__module__", "")).startswith("ratecheck.claim.")
