"""Finding claim files and loading them, each by itself.

A claim that does not load becomes a `ClaimError`; the others are not touched by it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ratecheck.claim import compiled
from ratecheck.claim.claim import Claim
from ratecheck.claim.experiment import Experiment
from ratecheck.claim.patience import EndlessError, at_most
from ratecheck.errors import ClaimError, RatecheckError, RequestError, kind_of, one_line

LONGEST_IMPORT = 60.0  # seconds of the processor, not of the clock


@dataclass(frozen=True)
class Entry:
    """A loaded claim.

    Attributes
    ----------
    id : str
        Name of the file without its ending: the claim's name everywhere.
    chapter : str
        Name of the folder, with blanks for underscores.
    path : Path
        The file.
    source_digest : str
        SHA-256 of the file's bytes when it was loaded.
    """

    id: str
    chapter: str
    path: Path
    claim: Claim
    source_digest: str


def files(targets: Iterable[Path | str]) -> Iterator[Path]:
    """Claim files under the given files and folders, in a fixed order.

    Raises
    ------
    RequestError
        If a target does not exist or is no Python file.
    """
    for target in map(Path, targets):
        if target.is_dir():
            yield from sorted(
                path
                for path in target.rglob("*.py")
                if not path.name.startswith(("_", "test_", "conftest", "."))
                and not any(part.startswith((".", "__")) for part in path.relative_to(target).parts)
            )
        elif target.suffix == ".py" and target.is_file():
            yield target
        else:
            raise RequestError(f"{target}: there is no such claim file or folder")


def load(path: Path | str) -> Entry:
    """Load one claim file.

    Raises
    ------
    ClaimError
        If the file cannot be read, raises an error, or declares no claim or no experiment.
    """
    path = Path(path)
    if not _NAME.fullmatch(path.stem):
        raise ClaimError(
            ascii(path.name), "file", "has a name that cannot stand in ids and commands",
            "rename it: letters, digits, underscores",
        )  # fmt: skip
    try:
        source = path.read_bytes()
        place = compiled.place(path, source)
        known = compiled.kept(place)
        code = known or compile(source, str(path.resolve()), "exec")
    except OSError as error:
        raise ClaimError(
            path.name, "file", f"cannot be read ({error.strerror})", "check the path"
        ) from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f"line {error.lineno}: " if isinstance(error, SyntaxError) and error.lineno else ""
        raise ClaimError(
            path.name, "file", f"{line}does not parse ({one_line(error)})", "correct it"
        ) from None
    digest = hashlib.sha256(source).hexdigest()
    where = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:8]
    name = f"ratecheck_claims.{path.stem}_{where}"
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(path))
    if spec is None:  # pragma: no cover - only with a loader that refuses
        raise ClaimError(path.name, "file", "cannot be loaded", "check the file")
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path.resolve())
    sys.modules[name] = module
    try:
        with at_most(LONGEST_IMPORT), compiled.sound(known is not None):
            exec(code, module.__dict__)
    except ClaimError:
        raise
    except EndlessError:
        raise ClaimError(
            path.name,
            "file",
            f"did not load within {LONGEST_IMPORT:g} s of computing",
            "end the loop that runs on import; what takes long belongs into the simulation",
        ) from None
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _told(path, error) from None
    claim = getattr(module, "claim", None)
    if type(claim) is not Claim:
        raise ClaimError(
            path.name, "claim", "is not declared", "write claim = Claim(title=..., source=..., ...)"
        )
    if not claim.experiments:
        raise ClaimError(
            path.name,
            "experiment",
            "is missing",
            "decorate a simulation with @claim.experiment(...)",
        )
    if not all(type(one) is Experiment for one in claim.experiments.values()):
        raise ClaimError(
            path.name, "experiment", "is not declared by its decorator",
            "write @claim.experiment(...) above the simulation",
        )  # fmt: skip
    _require_used(path, claim)
    if known is None:
        compiled.keep(place, source, code)
    chapter = path.resolve().parent.name.replace("_", " ")
    return Entry(path.stem, chapter, path, claim, digest)


def _require_used(path: Path, claim: Claim) -> None:
    """What is declared once for all experiments is meant for one of them at least."""
    known = frozenset[str]().union(*(one.names for one in claim.experiments.values()))
    for field, names in (
        ("free", claim.free), ("unmoved", claim.unmoved), ("ranges", claim.ranges),
    ):  # fmt: skip
        for name in names:
            if name not in known:
                raise ClaimError(
                    path.name, field, f"'{name}' is no parameter of any experiment",
                    "take it in a simulation or a problem, or remove it",
                )  # fmt: skip


def load_all(
    targets: Iterable[Path | str],
) -> tuple[list[Entry], list[tuple[Path, RatecheckError]]]:
    """Every claim under the targets, and the files that did not load with their errors."""
    entries: list[Entry] = []
    failures: list[tuple[Path, RatecheckError]] = []
    seen: dict[str, Path] = {}
    for path in files(targets):
        try:
            entry = load(path)
        except RatecheckError as error:
            failures.append((path, error))
            continue
        if entry.id in seen and seen[entry.id].resolve() != path.resolve():
            failures.append((path, namesake(path, seen[entry.id])))
        elif entry.id not in seen:
            seen[entry.id] = path
            entries.append(entry)
    return entries, failures


def namesake(path: Path, first: Path) -> ClaimError:
    """The error of a second claim file of one name: ids, stores and results go by the name.

    The first file is named by its folder alone, so that the sentence is the same from everywhere.
    """
    other = f"{first.resolve().parent.name}/{first.name}"
    return ClaimError(path.name, "file", f"has the same name as {other}", "rename one of them")


def _told(path: Path, error: BaseException) -> ClaimError:
    """What a claim file raised, with the line that raised it."""
    frames = [
        f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path.resolve())
    ]
    line = f"line {frames[-1].lineno}: " if frames else ""
    text = one_line(error)
    for pattern, problem, fix in _FIELDS:
        match = pattern.search(text) if isinstance(error, TypeError) else None
        if match is not None:
            owner = match["owner"].removesuffix(".__init__")
            problem, fix = _OLD.get(match["field"], (problem, fix))
            return ClaimError(path.name, match["field"], f"{line}{problem} {owner}", fix)
    return ClaimError(path.name, "file", f"{line}{kind_of(error)}: {text}", "correct the line")


_NAME = re.compile(r"[\w-]+")
_OLD = {  # fields of the form before problems were told from methods
    "falsifiers": ("is the old form; it is no field of",
                   "put each falsifier into fails=[...] of the check that it kills"),
    "kills": ("is the old form; it is no field of",
              "put the falsifier into fails=[...] of the check that it kills"),
    "set": ("is the old form; it is no field of",
            "write told={...} for what the method is told, or Moved(...) for nature"),
    "constants": ("is the old form; it is no field of",
                  "write free={'sigma': 1.0}, best once, at the claim"),
    "vary": ("is the old form; it is no field of",
             "write free={'sigma': [1.0, 0.5, 2.0]}, the base value first"),
}  # fmt: skip
_FIELDS = (
    (
        re.compile(r"(?P<owner>[\w.]+)\(\) got an unexpected keyword argument '(?P<field>\w+)'"),
        "is no field of", "remove it or correct its name",
    ),
    (
        re.compile(r"(?P<owner>[\w.]+)\(\) missing \d+ .*arguments?: '(?P<field>\w+)'"),
        "is missing from", "add it",
    ),
)  # fmt: skip
