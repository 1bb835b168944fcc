"""The claim file that ``ratecheck new NAME`` writes: it runs at once, and is then changed.

It is one of the small theorems under ``templates/``, which everybody knows and whose fields are
explained in place; or a copy of an existing claim (``--like besov``) under the new name, with a
title that asks to be replaced.
"""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable
from pathlib import Path

from ratecheck.claim import catalogue
from ratecheck.errors import RequestError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_TESTS = ("test_", "conftest")  # pytest would take it for its own
_TEMPLATES = Path(__file__).parent / "templates"
TEMPLATES = ("rate", "solver", "optimiser", "sampler", "scaling", "table")


def new_claim(name: str, folder: Path | str = "claims", like: str | Path = "rate") -> Path:
    """Write a claim file that runs at once, and return its path.

    Parameters
    ----------
    name : str
        Name of the claim: ``folder/name.py`` is written (folders on the way are made).
    folder : path
        Where to; the folder's name is the claim's chapter.
    like : str or path
        What to start from: one of `TEMPLATES`, or an existing claim by its file or its name, which
        is looked for under ``folder`` and under ``claims``.

    Raises
    ------
    RequestError
        If the name is no name for a claim, is taken, or there is nothing of the name of ``like``.
    """
    folder = Path(folder)
    name = name.removesuffix(".py")
    path = folder / f"{name}.py"
    _require_free(name, folder, path)
    if like in TEMPLATES:
        text = (_TEMPLATES / f"{like}.py").read_text(encoding="utf-8").replace("NAME", name, 1)
    else:
        text = _copy(name, _find(like, folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise RequestError(f"{path} cannot be written ({cause}); name another folder") from None
    return path


def _require_free(name: str, folder: Path, path: Path) -> None:
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name.startswith(_TESTS):
        words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        words = words.removeprefix("test_").removeprefix("conftest_")
        better = words if _NAME.fullmatch(words) else "my_theorem"
        better = f"my_{words}" if keyword.iskeyword(words) else better
        raise RequestError(
            f"'{name}' is no name for a claim: use small letters, digits and underscores, a letter "
            f"first, no 'test_' and no word of Python's, such as {better}"
        )
    taken = next((other for other in _known(folder) if other.stem == name), None)
    if path.exists() or taken:
        raise RequestError(f"{taken or path} exists already; choose another name")


def _known(folder: Path) -> Iterable[Path]:
    """The claim files under a folder and under ``claims``."""
    places = [place for place in (folder, Path("claims")) if place.is_dir()]
    return dict.fromkeys(catalogue.files(places))


def _find(like: str | Path, folder: Path) -> Path:
    if Path(like).suffix == ".py" and Path(like).is_file():
        return Path(like)
    wanted = Path(like).stem
    known = {path.stem: path for path in _known(folder)}
    if wanted not in known:
        there = f"there are: {', '.join(sorted(known))}" if known else "there is none here"
        raise RequestError(
            f"there is no claim '{like}' to start from; {there}; and the templates "
            f"{', '.join(TEMPLATES)}"
        )
    return known[wanted]


def _copy(name: str, model: Path) -> str:
    """The text of a claim file with its docstring and title replaced; all else stays."""
    entry = catalogue.load(model)  # a model that does not load is no start
    text = model.read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    edits: list[tuple[ast.expr, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            edits += [
                (given.value, f'"{name}: the theorem in a line (so far {entry.id}\'s)"')
                for given in node.keywords
                if node.func.id == "Claim" and given.arg == "title"
            ]
    first = tree.body[0]
    started = f'"""{name}: started from {entry.id}; give it the words of your theorem."""'
    if isinstance(first, ast.Expr) and ast.get_docstring(tree) is not None:
        edits.append((first.value, started))
        started = ""
    for node, new in sorted(edits, key=lambda edit: edit[0].lineno, reverse=True):
        assert node.end_lineno is not None
        start, end = node.lineno - 1, node.end_lineno - 1
        # columns are counted in bytes
        head = lines[start].encode()[: node.col_offset].decode()
        tail = lines[end].encode()[node.end_col_offset :].decode()
        lines[start : end + 1] = [head + new + tail]
    return (f"{started}\n\n" if started else "") + "".join(lines)
