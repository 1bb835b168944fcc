"""What runs on a worker of a cluster: a worker process of ours, which computes block after block.

A process of its own keeps what the cluster's worker opens and imports out of what a block reads,
ends a block whose time is up, and dies in its place. Blocks of one worker run one after the other.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import platform
import socket
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ratecheck.engine.blocks import Block, Numbers
from ratecheck.engine.executors.processes import Processes
from ratecheck.engine.worker import Failure

_PACKAGE = Path(__file__).parents[2]
_VERSIONS = ("torch", "numpy", "numba", "scipy")
_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class About:
    """What the numbers of a worker depend on besides its processor.

    Attributes
    ----------
    versions : tuple of (name, version)
        Python's and those of the libraries that compute.
    package : str
        Digest of ratecheck's own files.
    host : str
    """

    versions: tuple[tuple[str, str], ...]
    package: str
    host: str

    def differs(self, other: About) -> str | None:
        """In which version another worker differs from this one."""
        for (name, mine), (_, its) in zip(self.versions, other.versions, strict=True):
            if mine != its:
                return f"{name} {its}, and this is {name} {mine}"
        return None if self.package == other.package else "another ratecheck than this"


@cache
def about() -> About:
    """This process."""
    digest = hashlib.sha256()
    for file in sorted(_PACKAGE.rglob("*.py")):
        digest.update(file.relative_to(_PACKAGE).as_posix().encode() + file.read_bytes())
    found = [("Python", platform.python_version())]
    for name in _VERSIONS:
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:
            found.append((name, "absent"))
    return About(tuple(found), digest.hexdigest(), socket.gethostname())


def compute(blocks: Sequence[Block]) -> list[Numbers | Failure]:
    """The numbers of blocks, from the process that this worker keeps for them."""
    with _one_at_a_time:
        return [_compute(block) for block in blocks]


def _compute(block: Block) -> Numbers | Failure:
    if not Path(block.path).is_file():
        return Failure(
            f"{block.path} is not on {socket.gethostname()}; "
            "let all workers see the same files under the same names"
        )
    pool = _pool()
    pool.submit(block)
    return pool.wait()[0][1]


@cache
def _pool() -> Processes:
    own = multiprocessing.current_process()
    own._config.pop("daemon", None)  # type: ignore[attr-defined]  # those may have no children
    return Processes(1)
