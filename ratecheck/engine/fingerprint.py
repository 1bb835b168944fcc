"""What a simulation's numbers depend on, as a digest.

The fingerprint covers the simulation's own code and its problem's, whatever else of its file they
use (helpers, constants, imports), and, transitively, every module of the lab, beside the claim or
of the user's own anywhere on the path that these import, as well as the versions of torch, numpy
and numba and of what else is imported. A top-level statement that changes a used object counts like
its definition. What is fetched by a computed name or from a data file is seen when it is read
(`engine.reads`). Docstrings, comments and layout do not count, nor do the decorator's arguments: an
edited title or margin leaves the stored numbers valid, an edited simulation never mixes with them.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ratecheck.claim.catalogue import Entry
from ratecheck.engine.pieces import Piece, Pieces, noted, question
from ratecheck.engine.reads import is_project

_PACKAGE = Path(__file__).parents[1]
_VERSIONED = ("torch", "numpy", "numba")
_DISTRIBUTION = {"sklearn": "scikit-learn", "skfem": "scikit-fem", "ot": "POT",
                 "pywt": "PyWavelets"}  # fmt: skip
_STAR = "*"


def fingerprint(entry: Entry, experiment: str, pieces: Pieces | None = None) -> str:
    """Digest of all that determines the numbers of one experiment of a loaded claim.

    ``pieces`` holds code that was taken apart before.
    """
    return surveyed(entry, experiment, pieces)[0]


def surveyed(
    entry: Entry, experiment: str, pieces: Pieces | None = None
) -> tuple[str, frozenset[str]]:
    """The fingerprint of an experiment, and the files whose code it holds."""
    pieces = pieces or Pieces(None)
    piece = _of_experiment(entry, experiment, pieces)
    codes, foreign = _reached(piece, pieces)
    parts = [f"{name}=={_version(name)}" for name in _VERSIONED]
    parts += [piece.code]
    parts += [f"{name}=={_version(_DISTRIBUTION.get(name, name))}" for name in sorted(foreign)]
    parts += [f"{name}\n{codes[name][1]}" for name in sorted(codes)]
    files = (file for file, _ in codes.values())
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return digest, frozenset(str(file) for file in (entry.path.resolve(), *files))


def _of_experiment(entry: Entry, experiment: str, pieces: Pieces) -> Piece:
    """The statements of a claim file on which an experiment depends."""
    path = entry.path.resolve()  # what is beside a claim is beside the file, not beside a link
    builder = entry.claim.experiments[experiment].problem
    roots = (experiment, *([builder.__name__] if builder else []))
    return pieces.take(path, path.read_bytes(), roots, _statements)


@lru_cache(maxsize=8)
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _needed(tree: ast.Module, roots: list[str]) -> Iterator[ast.stmt]:
    """The top-level statements of a claim file on which functions depend, in file order."""
    bound: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for name in _binds(statement):
            bound.setdefault(name, []).append(statement)
    wanted, queue = set(bound.get(_STAR, [])), list(roots)
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
    names: set[str] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif (
            isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
        ) or isinstance(node, ast.Expr):
            names |= {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    return names


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
    return isinstance(call, ast.Attribute) and call.attr in ("experiment", "problem")


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        return body[1:] or [ast.Pass()]
    return body


def _inside_of(node: ast.AST) -> Iterator[ast.AST]:
    """A piece of code and the statements in it, without their expressions."""
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            yield from _inside_of(child)


def _code(node: ast.AST) -> str:
    """What a piece of code computes, in one layout; docstrings are gone from the tree, too."""
    bare = _bare(node)
    for part in _inside_of(bare):
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            part.body = _without_docstring(part.body)
    return ast.unparse(bare)


def _reach(node: ast.AST, folder: Path, aliases: set[str]) -> tuple[dict[str, Path], set[str]]:
    """Modules that a piece of code reaches, and packages that it imports from elsewhere."""
    parts = list(ast.walk(node))
    reaches = dict(_imported(parts, folder)) | dict(_from_lab(parts, aliases))
    return reaches, _foreign(parts, folder)


def _imported(parts: list[ast.AST], folder: Path) -> Iterator[tuple[str, Path]]:
    """Modules of this package, or beside the file, that a piece of code imports."""
    for item in parts:
        owner, names = "", list[str]()
        if isinstance(item, ast.Import):
            names = [alias.name for alias in item.names]
        elif isinstance(item, ast.ImportFrom) and item.module and not item.level:
            owner = item.module
            names = [owner, *(f"{owner}.{alias.name}" for alias in item.names)]
        for name in names:
            path = _find(name, folder)
            if path is None:
                continue
            yield name, path
            if name.startswith("ratecheck.lab.") and name != owner:
                yield from _inside(name, path)


def _inside(name: str, path: Path) -> Iterator[tuple[str, Path]]:
    """All modules of a folder of the lab: what is reached as a folder may use any of them."""
    if path.name == "__init__.py":
        for text in _below(str(path.parent)):
            parts = Path(text).relative_to(path.parent).with_suffix("").parts
            yield ".".join((name, *parts)), Path(text)


@question
def _below(folder: str) -> list[str]:
    return sorted(map(str, Path(folder).rglob("*.py")))


@question
def _find(name: str, folder: Path) -> Path | None:
    root, *rest = name.split(".")
    if root == "ratecheck":  # declarations (Claim, Rate, ...) do not compute
        return _file_of(_PACKAGE.joinpath(*rest)) if rest[:1] == ["lab"] else None
    for place in (folder, *_project_places(root)):
        found = _file_of(place.joinpath(root, *rest))
        if found is not None:
            return found
    return None


def _file_of(stem: Path) -> Path | None:
    if stem.with_suffix(".py").is_file():
        return stem.with_suffix(".py")
    return stem / "__init__.py" if (stem / "__init__.py").is_file() else None


@lru_cache(maxsize=512)
def _project_places(root: str) -> tuple[Path, ...]:
    """The folder from which Python would import a package of the user's own, installed or not."""
    if root in sys.stdlib_module_names or root in _VERSIONED:
        return ()
    try:
        spec = importlib.util.find_spec(root)
    except (ImportError, ValueError, AttributeError):
        return ()
    if spec is None or spec.origin is None or not is_project(Path(spec.origin)):
        return ()
    file = Path(spec.origin)
    return (file.parents[1] if file.name == "__init__.py" else file.parent,)


def _aliases(tree: ast.AST) -> set[str]:
    """The names by which a file calls the lab."""
    names = {"lab"}
    for node in _inside_of(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "ratecheck":
            names |= {one.asname for one in node.names if one.name == "lab" and one.asname}
        elif isinstance(node, ast.Import):
            names |= {
                one.asname for one in node.names if one.name == "ratecheck.lab" and one.asname
            }
    return names


def _from_lab(parts: list[ast.AST], aliases: set[str]) -> Iterator[tuple[str, Path]]:
    """Modules reached as attributes: ``lab.spectra.sgd.averaged_sgd``.

    A folder that is reached as such (``spectra = lab.spectra``) counts with all its modules.
    """
    for part in parts:
        if not isinstance(part, ast.Attribute):
            continue
        owner = part.value
        named = isinstance(owner, ast.Name) and owner.id in aliases
        if named or (isinstance(owner, ast.Attribute) and owner.attr == "lab"):
            yield from _modules_at(f"ratecheck.lab.{part.attr}", part, parts)


def _modules_at(
    name: str, reached: ast.Attribute, parts: list[ast.AST]
) -> Iterator[tuple[str, Path]]:
    path = _find(name, _PACKAGE)
    if path is None:
        return
    yield name, path
    inner = [p for p in parts if isinstance(p, ast.Attribute) and p.value is reached]
    if inner and _find(f"{name}.{inner[0].attr}", _PACKAGE):
        yield from _modules_at(f"{name}.{inner[0].attr}", inner[0], parts)
    else:
        yield from _inside(name, path)


def _foreign(parts: list[ast.AST], folder: Path) -> set[str]:
    """Packages that a piece of code imports from elsewhere."""
    roots: set[str] = set()
    for item in parts:
        if isinstance(item, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in item.names}
        elif isinstance(item, ast.ImportFrom) and item.module and not item.level:
            roots.add(item.module.split(".")[0])
    known = sys.stdlib_module_names | {"ratecheck", *_VERSIONED}
    return {root for root in roots - known if _find(root, folder) is None}


def _statements(path: Path, source: bytes, roots: tuple[str, ...]) -> Piece:
    tree = ast.parse(source)
    needed = list(_needed(tree, list(roots)))
    aliases, foreign = _aliases(tree), set[str]()
    reaches: dict[str, Path] = {}
    with noted() as asked:
        for node in map(_bare, needed):
            found, elsewhere = _reach(node, path.parent, aliases)
            reaches |= found
            foreign |= elsewhere
    return Piece("\n".join(map(_code, needed)), reaches, foreign, asked)


@lru_cache(maxsize=512)
def _module(path: Path, source: bytes, roots: tuple[str, ...] = ()) -> Piece:
    """Taken apart once for all the experiments that reach it.

    One that does not parse counts as it is: only the simulations that import it fail.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return Piece(hashlib.sha256(source).hexdigest(), {}, set(), {})
    with noted() as asked:
        reaches, foreign = _reach(tree, path.parent, _aliases(tree))
    return Piece(_code(tree), reaches, foreign, asked)


def _reached(piece: Piece, pieces: Pieces) -> tuple[dict[str, tuple[Path, str]], set[str]]:
    """File and code of all modules that a piece of code reaches, and the foreign packages."""
    codes: dict[str, tuple[Path, str]] = {}
    queue, foreign = dict(piece.reaches), set(piece.foreign)
    while queue:
        name, path = queue.popitem()
        if name in codes or name == "ratecheck.lab":
            continue
        module = pieces.take(path, path.read_bytes(), (), _module)
        codes[name] = path, module.code
        queue |= module.reaches
        foreign |= module.foreign
    return codes, foreign
