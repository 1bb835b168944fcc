"""The claim file that ``ratecheck new NAME`` writes: it runs at once, and is then changed.

Without a model it is a small theorem that everybody knows, with every field explained in place;
with one (``--like besov``) it is a copy of that claim under the new name, with a title that asks to
be replaced.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from ratecheck.claim import catalogue
from ratecheck.errors import RequestError

_NAME = re.compile(r"[a-z][a-z0-9_]*")

_TEMPLATE = '''\
"""NAME: the mean of n independent draws has mean squared error sigma^2/n.

A small theorem in the place of yours. Judge it, then change it field by field.
"""

from ratecheck import Axis, Claim, Rate, Without, lab

claim = Claim(
    title="The mean of n independent draws has mean squared error sigma^2/n",
    # Author, venue, year, and the place in the text; an arXiv number or a DOI becomes a link.
    source="I.-J. Bienaymé, C. R. Acad. Sci. Paris 37 (1853), p. 309",
    statement=r"\\mathbb{E} ( \\bar x_n - \\mu )^2 = \\sigma^2 / n",  # LaTeX without dollar signs
    symbols={"n": "number of draws", "sigma": "standard deviation of a draw"},
    real=["the mean of the draws"],  # the theorem's objects that are simulated
    proxied=["any law with a variance by the normal law"],  # and those that are replaced
    not_shown=["draws without a variance"],  # what a PASS does not show
    # What the theorem leaves open, such as a step size; {"mu": [1.0, 0.0, 5.0]} tries others, too.
    free={"mu": 1.0},
)


@claim.experiment(
    # What moves: four points or more, over a range in which the rates differ visibly.
    Axis.geometric("n", quick=(2**6, 2**12), full=(2**6, 2**16)),
    # The theorem's parameters, one assignment a case; formulas may use their names.
    cases=[{"sigma": 1.0}],
    # The claim. The margin is at most half the distance to the nearest rival, here 1/2. With the
    # mechanism taken out the check must FAIL, or its PASS would mean nothing.
    checks=[Rate("risk", "sigma**2/n", margin=0.2, rivals={"the error, not squared": "n**(-1/2)"},
                 fails=[Without("independence: a part in common", "dependent")])],
    cost="n",  # of one replicate, up to a constant: used to plan, never to judge
)  # fmt: skip
def means(n, sigma, mu, *, replicates, rng):
    """Means of n normal draws."""
    draws = mu + sigma * lab.draws.normal(replicates, n, rng=rng)
    common = sigma * lab.draws.normal(replicates, rng=rng)
    mean = draws.mean(1)
    # Numbers greater than 0, of shape (replicates,), for every quantity named above.
    return {"risk": (mean - mu) ** 2, "dependent": (mean + 0.3 * common - mu) ** 2}
'''


def new_claim(name: str, folder: Path | str = "claims", like: str | Path | None = None) -> Path:
    """Write a claim file that runs at once, and return its path.

    Parameters
    ----------
    name : str
        Name of the claim: ``folder/name.py`` is written (folders on the way are made).
    folder : path
        Where to; the folder's name is the claim's chapter.
    like : str or path, optional
        An existing claim to start from: its file, or its name, which is looked for under ``folder``
        and under ``claims``.

    Raises
    ------
    RequestError
        If the name is no name for a claim, is taken, or there is nothing of the name of ``like``.
    """
    folder = Path(folder)
    name = name.removesuffix(".py")
    path = folder / f"{name}.py"
    _require_free(name, folder, path)
    text = _TEMPLATE.replace("NAME", name, 1) if like is None else _copy(name, _find(like, folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise RequestError(f"{path} cannot be written ({cause}); name another folder") from None
    return path


def _require_free(name: str, folder: Path, path: Path) -> None:
    if not _NAME.fullmatch(name) or name.startswith(("test_", "conftest")):
        words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        words = words.removeprefix("test_").removeprefix("conftest_")
        better = words if _NAME.fullmatch(words) else "my_theorem"
        raise RequestError(
            f"'{name}' is no name for a claim: use small letters, digits and underscores, a letter "
            f"first and no 'test_', such as {better}"
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
        raise RequestError(f"there is no claim '{like}' to start from; {there}")
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
                (keyword.value, f'"{name}: the theorem in a line (so far {entry.id}\'s)"')
                for keyword in node.keywords
                if node.func.id == "Claim" and keyword.arg == "title"
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
