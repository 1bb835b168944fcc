"""A copy of the project with one mistake in it, and what its claim then says."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from tests.mutants import Mutant
from tests.preloaded import CONTEXT

ROOT = Path(__file__).parents[2]
NEVER = "is infinite"
NOT_TABLES = {"__init__", "__main__", "harness", "test_mutants"}


@dataclass(frozen=True)
class Seen:
    """What a claim says of a mutant: killed, alive or error, and by what it was seen."""

    outcome: Literal["killed", "alive", "error"]
    by: str


def tables() -> dict[str, tuple[Mutant, ...]]:
    """The mutants of every claim that has some, by the claim's name."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*.py"))
    modules = {
        n: importlib.import_module(f"tests.mutants.{n}") for n in names if n not in NOT_TABLES
    }
    return {name: tuple(module.MUTANTS) for name, module in modules.items()}


def file_of(claim: str) -> Path:
    """The file of a claim, from the root of the project."""
    (path,) = (ROOT / "claims").glob(f"*/{claim}.py")
    return path.relative_to(ROOT)


def mutated(text: str, mutant: Mutant) -> str:
    """The file's text with the mistake.

    Raises
    ------
    ValueError
        If the text that is to be replaced does not stand there exactly once.
    """
    if (times := text.count(mutant.old)) != 1:
        raise ValueError(f"'{mutant.name}': {mutant.old!r} stands {times} times in {mutant.file}")
    return text.replace(mutant.old, mutant.new)


def look(claim: str, mutant: Mutant, *, seed: int = 0, timeout: float = 900) -> Seen:
    """What the claim says of the project with this mistake in it."""
    with tempfile.TemporaryDirectory() as place:
        tree = Path(place)
        try:
            _copy(tree, mutant)
        except ValueError as error:
            return Seen("error", str(error))
        receive, send = CONTEXT.Pipe(duplex=False)
        child = CONTEXT.Process(target=_be, args=(send, str(tree), claim, mutant, seed))
        child.start()
        send.close()
        try:
            return receive.recv() if receive.poll(timeout) else Seen("error", "it takes too long")
        except EOFError:
            return Seen("error", "its process ended without an answer")
        finally:
            child.kill()
            child.join()


def _copy(tree: Path, mutant: Mutant) -> None:
    # Compiled kernels are kept but where the mistake is in one: numba would not compile those of
    # other files anew that call it.
    compiled = "numba" in (ROOT / mutant.file).read_text()
    left = shutil.ignore_patterns(*(["*.nbi", "*.nbc"] if compiled else []), "*.sqlite*")
    for folder in ("ratecheck", "claims"):
        shutil.copytree(ROOT / folder, tree / folder, ignore=left)
    file = tree / mutant.file
    file.write_text(mutated(file.read_text(), mutant))


def _be(send: Connection, tree: str, claim: str, mutant: Mutant, seed: int) -> None:
    """The child: what it has of ratecheck must come from the tree with the mistake."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "ratecheck"]:
        del sys.modules[name]  # other tests use the same fork server, which may have loaded it
    os.chdir(tree)
    sys.path.insert(0, tree)
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123
    try:
        seen = _judged(claim, mutant, seed)
    except BaseException:
        seen = Seen("error", traceback.format_exc(limit=-3))
    send.send(seen)


def _judged(claim: str, mutant: Mutant, seed: int) -> Seen:
    from ratecheck.claim.catalogue import load
    from ratecheck.engine.plan import CheckItem, Override, Settings, planned
    from ratecheck.engine.run import Run

    settings = Settings(seed=seed, workers=0, store=None)
    points = {axis: tuple(values) for axis, values in mutant.points.items()}
    override = Override(
        case=mutant.case,
        points=points,
        constants=mutant.given,
        experiments=tuple(mutant.experiments),
    )
    plan = planned([load(file_of(claim))], settings, override)
    items = [item for item in plan.items if mutant.only in item.id]
    checks = [item for item in items if isinstance(item, CheckItem)]
    found: list[str] = []
    # that falsifiers die where nothing is changed, other tests see to
    rest = [] if mutant.old == mutant.new else [item for item in items if item not in checks]
    for part in (checks, rest):
        with Run(part, settings) as run:
            for item in part:  # one after the other: after a kill no more is simulated
                name, answer = item.id.split("/", 1)[1], run.result(item).answer
                found.append(f"{name}: {answer.outcome}")
                # a goal that is never reached is a finding, any other ERROR a mistake in the mutant
                if answer.outcome == "ERROR" and NEVER not in answer.sentence:
                    return Seen("error", f"{name}: {answer.sentence}")
                if answer.outcome in ("FAIL", "SURVIVED", "ERROR"):
                    return Seen("killed", found[-1].replace("ERROR", "never arrives"))
    return Seen("alive", "; ".join(found))
