"""Options that several commands share, and the claims that they name."""

from __future__ import annotations

import os
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from ratecheck.errors import RatecheckError, RequestError
from ratecheck.faces.cli.line import Argument, Option
from ratecheck.words import DEFAULT_STORE, EFFORTS

if TYPE_CHECKING:
    from rich.console import Console

    from ratecheck.claim.catalogue import Entry
    from ratecheck.engine.plan import Settings

Failures = list[tuple[Path, RatecheckError]]
_FEW = 12  # names that a sentence may hold


def _known(begun: str) -> list[str]:
    """What a name that was begun may become, for the shell: claims, then their experiments."""
    from ratecheck.claim.catalogue import files, load

    claim, part, _ = begun.partition("/")
    try:
        known = {file.stem: file for file in files([claims_folder(None)])}
        names = (
            [f"{claim}/{one}" for one in load(known[claim]).claim.experiments] if part else known
        )
    except (RatecheckError, KeyError):
        return []
    return [name for name in names if name.startswith(begun)]


Names = Annotated[
    list[str] | None,
    Argument(
        help="Claims by name, claim files or folders; all claims when left out.",
        complete=_known,
    ),
]
Items = Annotated[
    list[str] | None,
    Argument(
        complete=_known,
        help="Claims by name, claim files or folders, or what a run printed: claim/experiment, "
        "claim/experiment/check. All claims when left out.",
    ),
]
Words = Annotated[
    str | None,
    Option(
        "-k", metavar="WORDS", help="Only checks and falsifiers with these words in their names.",
        panel="Ask for what the file does not list",
    ),
]  # fmt: skip
Effort = Annotated[str, Option(help=f"How much is simulated: {', '.join(EFFORTS)}.", panel="Run")]
Seed = Annotated[
    int,
    Option(help="Base seed; another seed is another, independent run.", panel="Run"),
]
Device = Annotated[str, Option(help="cpu, cuda or cuda:1.", panel="Run")]
Workers = Annotated[
    int | None,
    Option(
        help="Worker processes; 0 computes in this one. One a core when left out.",
        panel="Run",
    ),
]
Executor = Annotated[
    str | None,
    Option(
        help="Where blocks are computed: processes, serial, dask or one that was registered; by "
        "default processes, and serial for --workers 0.",
        metavar="NAME", panel="Run",
    ),
]  # fmt: skip
Cluster = Annotated[
    str | None,
    Option(
        help="The cluster of --executor dask: tcp://HOST:PORT, local, or a YAML file.",
        metavar="WHERE", panel="Run",
    ),
]  # fmt: skip
Store = Annotated[
    str,
    Option(help="Where simulated blocks are kept; 'none' keeps nothing.", panel="Run"),
]
Timeout = Annotated[
    float | None,
    Option(
        "--block-timeout",
        help="Seconds after which a block is given up, where its experiment names none.",
        panel="Run",
    ),
]
Claims = Annotated[
    Path | None,
    Option("--claims", help="Folder of the claim files.", panel="Run"),
]
Case = Annotated[
    str | None,
    Option(
        help="A case that the file does not list, such as r=0.6,beta=2.5.",
        panel="Ask for what the file does not list",
    ),
]
Points = Annotated[
    list[str] | None,
    Option(
        help="Points of an axis: n=64,128,256,512 or, doubling, n=64..4096.",
        panel="Ask for what the file does not list",
    ),
]
Margin = Annotated[
    float | None,
    Option(
        help="Another margin for every check.",
        panel="Ask for what the file does not list",
    ),
]
Set = Annotated[
    list[str] | None,
    Option(
        "--set",
        help="Another value of a declared free constant, such as sigma=2.",
        panel="Ask for what the file does not list",
    ),
]
Experiment = Annotated[
    list[str] | None,
    Option(
        help="Only this experiment of the claims; may be given several times.", metavar="NAME",
        panel="Ask for what the file does not list",
    ),
]  # fmt: skip
_UNBROKEN = 100_000
STORE_DEFAULT = str(DEFAULT_STORE)


def settings(
    effort: str,
    seed: int,
    device: str,
    workers: int | None,
    store: str,
    timeout: float | None,
    fixed: bool = False,
    executor: str | None = None,
) -> Settings:
    """The settings of a run, checked."""
    from ratecheck.engine.plan import Settings, store_path

    return Settings(
        effort=effort,  # type: ignore[arg-type]  # Settings checks it
        seed=seed,
        device=device,
        workers=workers,
        executor=executor,
        store=store_path(store),
        timeout=timeout,
        fixed=fixed,
    )


def claims_folder(asked: Path | None = None) -> Path:
    """The folder of the claim files: as asked for, ``claims`` here, or that of this checkout.

    Raises
    ------
    RequestError
        If there is none.
    """
    places = [asked] if asked is not None else [Path("claims"), _checkout()]
    for place in places:
        if place.is_dir():
            return place
    raise RequestError(f"there is no folder {places[0]}; name one with --claims")


def _checkout() -> Path:
    return Path(__file__).parents[3] / "claims"


def find(names: Iterable[str] | None, claims: Path | None) -> tuple[list[Entry], Failures]:
    """The claims of the given names, files and folders; every claim where none is given.

    Raises
    ------
    RequestError
        If a name is unknown, or nothing is found at all.
    """
    from ratecheck.claim.catalogue import files, load_all

    wanted = list(names or ())
    if not wanted:
        entries, failures = load_all([claims_folder(claims)])
        if not entries and not failures:
            raise RequestError(
                f"{claims_folder(claims)} holds no claim file; write one with ratecheck new NAME"
            )
        return entries, failures
    targets = [_target(name, claims) for name in wanted]
    for target in targets:
        if target.is_dir() and not any(files([target])):
            raise RequestError(
                f"{target} holds no claim file; write one with ratecheck new NAME --claims {target}"
            )
    return load_all(targets)


def find_items(
    names: Iterable[str] | None, claims: Path | None
) -> tuple[list[Entry], Failures, tuple[str, ...]]:
    """The claims of names and of items, and what selects the items; nothing where claims are whole.

    Raises
    ------
    RequestError
        As `find`.
    """
    given = [one.rstrip("/") or one for one in names or ()]
    items = [
        one for one in given if "/" in one and not one.endswith(".py") and not Path(one).exists()
    ]
    whole, parts = [one for one in given if one not in items], [one.split("/")[0] for one in items]
    for item, part in zip(items, parts, strict=True):  # a path with a slip must not run a folder
        if not part or _target(part, claims).is_dir():
            raise RequestError(
                f"there is no file or folder {item}, and a check is named CLAIM/EXPERIMENT/CHECK"
            )
    entries, failures = find([*whole, *parts], claims)
    if items:  # what is named whole, or lies in a folder that is, stays whole
        apart = set(parts) - {Path(one).stem for one in whole}
        items += [entry.id for entry in entries if entry.id not in apart]
    return entries, failures, tuple(items)


def find_one(name: str, claims: Path | None) -> Entry:
    """The claim of a name or file; a claim that does not load raises its own error."""
    from ratecheck.claim.catalogue import load

    return load(_target(name, claims))


def _target(name: str, claims: Path | None) -> Path:
    """The file or folder that a name stands for: a known name first, whatever else is called so."""
    from ratecheck.claim.catalogue import files

    path = Path(name)
    if path.suffix == ".py":
        return path
    folder = bool(name.strip()) and path.is_dir()  # Path("") is the current folder
    try:
        known = {file.stem: file for file in files([claims_folder(claims)])}
    except RequestError:
        if not folder:
            raise
        known = {}
    if name in known:
        return known[name]
    if folder:
        return path
    close = get_close_matches(name, known, n=1)
    there = f"there are {', '.join(known) or 'none'}"
    if len(known) > _FEW:
        there = f"ratecheck list names the {len(known)} that there are"
    hint = f"did you mean {close[0]}?" if close else there
    raise RequestError(f"there is no claim '{name}'; {hint}")


def console(*, stderr: bool = False) -> Console:
    """A rich console that knows NO_COLOR and narrow terminals, and breaks no line of a pipe.

    What is piped is searched and cut by other programs, for which a name in two lines is lost; who
    wants lines of some width there sets COLUMNS.
    """
    from rich.console import Console

    made = Console(stderr=stderr, highlight=False)
    if not made.is_terminal and "COLUMNS" not in os.environ:
        made.width = _UNBROKEN
    return made
