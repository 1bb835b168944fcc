"""What a simulation's numbers depend on, as a digest.

The fingerprint covers the simulation's own code, whatever else of its file it uses (helpers,
constants, imports), and, transitively, every module of this package and every module beside the
claim that these import, as well as the versions of torch, numpy and numba. Docstrings, comments
and layout do not count, nor do the decorator's arguments: an edited title or margin leaves the
stored numbers valid, an edited simulation never mixes with them.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ratecheck.catalogue import Entry

_PACKAGE = Path(__file__).parents[1]
_VERSIONED = ("torch", "numpy", "numba")


def fingerprint(entry: Entry, experiment: str) -> str:
    """Digest of all that determines the numbers of one experiment of a loaded claim."""
    tree = ast.parse(entry.path.read_bytes())
    parts = [f"{name}=={_version(name)}" for name in _VERSIONED]
    modules: dict[str, Path] = {}
    for node in _needed(tree, experiment):
        parts.append(_code(node))
        modules |= dict(_imported(node, entry.path.parent))
    modules |= _lab_modules(tree, experiment)
    parts += _module_codes(modules)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


@lru_cache(maxsize=8)
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _needed(tree: ast.Module, root: str) -> Iterator[ast.stmt]:
    """The top-level statements of a claim file on which a function depends, in file order."""
    bound: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for name in _binds(statement):
            bound.setdefault(name, []).append(statement)
    wanted, queue = set(), [root]
    seen: set[str] = set()
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        for statement in bound.get(name, []):
            if statement not in wanted:
                wanted.add(statement)
                queue += _uses(statement)
    return (statement for statement in tree.body if statement in wanted)


def _binds(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    return {
        node.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _uses(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(_bare(statement)) if isinstance(node, ast.Name)}


def _bare(node: ast.AST) -> ast.AST:
    """A function without its decorators (they declare, they do not compute)."""
    if isinstance(node, ast.FunctionDef):
        node = copy.copy(node)
        node.decorator_list = [d for d in node.decorator_list if not _declares(d)]
        node.body = _without_docstring(node.body)
    return node


def _declares(decorator: ast.expr) -> bool:
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(call, ast.Attribute) and call.attr == "experiment"


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return body[1:] or [ast.Pass()]
    return body


class _Strip(ast.NodeTransformer):
    """Drops docstrings, which do not compute."""

    def visit(self, node: ast.AST) -> ast.AST:
        """Visit a node and drop the docstring of its body."""
        self.generic_visit(node)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            node.body = _without_docstring(node.body)
        return node


def _code(node: ast.AST) -> str:
    copy = ast.parse(ast.unparse(ast.fix_missing_locations(_bare(node))))
    return ast.unparse(_Strip().visit(copy))


def _imported(node: ast.AST, folder: Path) -> Iterator[tuple[str, Path]]:
    """Modules of this package, or beside the file, that a piece of code imports."""
    for item in ast.walk(node):
        names: list[str] = []
        if isinstance(item, ast.Import):
            names = [alias.name for alias in item.names]
        elif isinstance(item, ast.ImportFrom) and item.module and not item.level:
            names = [item.module, *(f"{item.module}.{alias.name}" for alias in item.names)]
        for name in names:
            path = _find(name, folder)
            if path is not None:
                yield name, path


def _find(name: str, folder: Path) -> Path | None:
    root, *rest = name.split(".")
    base = _PACKAGE if root == "ratecheck" else folder / root
    if root == "ratecheck" and rest[:1] != ["lab"]:
        return None  # declarations (Claim, Rate, ...) do not compute
    stem = base.joinpath(*rest)
    if stem.with_suffix(".py").is_file():
        return stem.with_suffix(".py")
    return stem / "__init__.py" if (stem / "__init__.py").is_file() else None


def _lab_modules(tree: ast.Module, experiment: str) -> dict[str, Path]:
    """Modules reached as attributes: ``lab.spectral_sgd.averaged_sgd``."""
    found: dict[str, Path] = {}
    for statement in _needed(tree, experiment):
        for node in ast.walk(_bare(statement)):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "lab"
            ):
                path = _find(f"ratecheck.lab.{node.attr}", _PACKAGE)
                if path is not None:
                    found[f"ratecheck.lab.{node.attr}"] = path
    return found


def _module_codes(modules: dict[str, Path]) -> list[str]:
    """The code of modules and of all that they import, sorted by name."""
    codes: dict[str, str] = {}
    queue = dict(modules)
    while queue:
        name, path = queue.popitem()
        if name in codes or name == "ratecheck.lab":
            continue
        tree = ast.parse(path.read_bytes())
        codes[name] = _code(tree)
        queue |= dict(_imported(tree, path.parent))
    return [f"{name}\n{codes[name]}" for name in sorted(codes)]
