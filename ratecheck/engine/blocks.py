"""Blocks: the unit of seed, storage, retry, scheduling and progress.

A block is a fixed number of replicates of one experiment at one assignment of all its parameters.
It is pure: (claim, experiment, parameters, index, size, base seed) determine its numbers bit for
bit, in any order, on any number of workers, stopped and resumed, on a busy or an idle machine.

Where that ends: the promise holds for one make of processor or GPU and one version of torch, numpy
and numba. Another make may sum in another order, another version may draw other random numbers.
What is promised there is agreement at the noise, which `ratecheck audit` tests number by number.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck import forms as _forms  # noqa: F401 makes them known by name
from ratecheck.claim.catalogue import Entry, load
from ratecheck.claim.falsifier import Value
from ratecheck.claim.form import FORMS
from ratecheck.engine.fingerprint import surveyed
from ratecheck.engine.reads import NOTHING, Reads, watched
from ratecheck.errors import RatecheckError, RequestError, kind_of

if TYPE_CHECKING:
    import numpy as np
    import torch

Argument = Value | tuple[float, ...]
_EXACT = 2**53
_HALF = frozenset({"float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"})
UNTIMED = contextlib.nullcontext()


class BlockError(RatecheckError):
    """A simulation raised, or returned something that is not what its experiment declares."""


@dataclass(frozen=True)
class Block:
    """What identifies one block, and what a worker needs to compute it.

    Attributes
    ----------
    claim, experiment : str
        Names of the claim and of its experiment.
    params : tuple of (name, value)
        Every parameter of the simulation, sorted by name; the axis of a trajectory is a tuple.
    index, size, seed : int
        Number of the block at this point, replicates in it, base seed of the run.
    device : str
        Where to compute ("cpu", "cuda", "cuda:1").
    fingerprint : str
        Digest of the simulation's source and of all it uses (`engine.fingerprint`).
    path, source_digest : str
        The claim file, and the digest of its bytes when the run was planned.
    form : str
        Form of the data.
    timeout : float or None
        Seconds after which the block is given up; None leaves it to the executor.
    twice : bool
        Simulate it a second time and refuse other numbers; no part of what identifies it.
    """

    claim: str
    experiment: str
    params: tuple[tuple[str, Argument], ...]
    index: int
    size: int
    seed: int
    device: str
    fingerprint: str
    path: str
    source_digest: str
    form: str
    timeout: float | None = None
    twice: bool = False

    @property
    def name(self) -> str:
        """Readable key: ``claim/experiment[n=256,r=2]#3``."""
        shown = ",".join(f"{name}={_show(value)}" for name, value in self.params)
        return f"{self.claim}/{self.experiment}[{shown}]#{self.index}"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of each of its quantities."""
        points = next((len(v) for _, v in self.params if isinstance(v, tuple)), 1)
        return FORMS[self.form].shape(self.size, points)

    def holds(self, values: np.ndarray) -> bool:
        """Whether a quantity of it can have this shape; a length of -1 is any, but 0."""
        lengths = zip(values.shape, self.shape, strict=False)
        return values.ndim == len(self.shape) and all(n == m or n > 0 > m for n, m in lengths)

    def fault(self, values: np.ndarray) -> str | None:
        """What is wrong with a quantity of it: shape, NaN, a value that its form refuses."""
        import numpy as np

        if not self.holds(values):
            must = str(self.shape).replace("-1", "any")
            return f"has shape {values.shape}; with data='{self.form}' it must be {must}"
        if np.isnan(values).any():
            return f"is NaN in {int(np.isnan(values).sum())} of {values.size} values"
        return FORMS[self.form].refuse(values) or None

    @property
    def entropy(self) -> int:
        """The seed's entropy: the identity of the block without source and device."""
        identity = [self.claim, self.experiment, self.params, self.index, self.size, self.seed]
        return int.from_bytes(hashlib.sha256(_canonical(identity)).digest(), "big")

    @cached_property
    def digest(self) -> str:
        """Key in the store: identity, source, and type of device."""
        identity = [
            self.claim, self.experiment, self.params, self.index, self.size, self.seed,
            self.device.split(":")[0], self.fingerprint,
        ]  # fmt: skip
        return hashlib.sha256(_canonical(identity)).hexdigest()


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a block yielded.

    Attributes
    ----------
    values : mapping of quantity to array
        Each of shape (size,), of shape (size, points) for a trajectory, (1,) for an exact value.
    seconds : float
        Time of the simulation on its worker.
    reads : Reads
        What else the values rest on: files, modules, programs.
    """

    values: Mapping[str, np.ndarray]
    seconds: float
    reads: Reads = NOTHING

    def same_as(self, other: Numbers) -> bool:
        """Whether another has the same quantities with the same values, bit for bit."""
        return {name: array.tobytes() for name, array in self.values.items()} == {
            name: array.tobytes() for name, array in other.values.items()
        }


def _canonical(identity: object) -> bytes:
    return json.dumps(identity, separators=(",", ":"), allow_nan=False).encode()


def _show(value: Argument) -> str:
    if isinstance(value, tuple):
        return "(" + "|".join(_show(x) for x in value) + ")"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def generator(block: Block) -> torch.Generator:
    """The random generator of a block, on the block's device.

    The 256-bit entropy is mixed by numpy's SeedSequence into the 64 bits that torch takes.
    """
    import numpy as np
    import torch

    state = np.random.SeedSequence(block.entropy).generate_state(1, np.uint64)[0]
    rng = torch.Generator(device=block.device)
    rng.manual_seed(int(state))
    return rng


def compute(block: Block, timed: contextlib.AbstractContextManager[object] = UNTIMED) -> Numbers:
    """Run the simulation of one block.

    Parameters
    ----------
    block : Block
    timed : context manager
        Entered for the time of the simulation alone: importing torch or the claim is not its time,
        and half an import would spoil the process for every block that follows.

    Raises
    ------
    BlockError
        If its result has a wrong type, shape or sign, or is to be simulated twice and comes out
        otherwise. What the simulation raises comes through.
    RequestError
        If what it uses is no longer what was planned.
    """
    known = _confirmed(block.path, block.source_digest, block.experiment, block.fingerprint)
    with settled(block), watched(known) as found:
        simulate, arguments = call(block)
        loaded = set(sys.modules)
        start = time.perf_counter()
        with timed:
            result = simulate(**arguments)
            seconds = time.perf_counter() - start
            again = _again(block) if block.twice else None
        if not loaded.issuperset(sys.modules):  # it may have imported what was just edited
            _require_unchanged(block)
        numbers = numbers_of(block, result, seconds)
    if again is not None and not numbers.same_as(numbers_of(block, again, 0.0)):
        raise BlockError(
            "simulated a second time it comes out otherwise; let all its randomness come from rng, "
            "and let nothing depend on the time or on what ran before (a simulation that reads a "
            "clock says replay=False)"
        )
    return replace(numbers, reads=found[0])


def _again(block: Block) -> object:
    with settled(block):
        simulate, arguments = call(block)
        return simulate(**arguments)


def call(block: Block) -> tuple[Callable[..., Mapping[str, Any]], dict[str, Any]]:
    """The simulation of a block and the arguments that it gets.

    Raises
    ------
    RequestError
        If the claim file, or what it uses, is no longer what was planned.
    """
    _confirmed(block.path, block.source_digest, block.experiment, block.fingerprint)
    experiment = _entry(block.path, block.source_digest).claim.experiments[block.experiment]
    random = FORMS[block.form].random
    draw = {"replicates": block.size, "rng": generator(block)} if random else {}
    if experiment.problem is None:
        return experiment.simulate, {**dict(block.params), **draw}
    return experiment.run, {"params": dict(block.params), "draw": draw}


def numbers_of(block: Block, result: object, seconds: float) -> Numbers:
    """What a simulation returned, checked.

    Raises
    ------
    BlockError
        If it has a wrong type, shape or sign.
    """
    if not isinstance(result, Mapping) or not result:
        raise BlockError(
            f"the simulation returned {kind_of(result)}; return a dict of quantity to values"
        )
    return Numbers({str(k): _checked(block, str(k), v) for k, v in result.items()}, seconds)


@contextlib.contextmanager
def settled(block: Block) -> Iterator[None]:
    """What a simulation could depend on besides its arguments, the same for every block.

    One thread, torch's own defaults, and global random states that follow from the block: so
    neither the block before nor the number of workers can change a number. All is put back.
    """
    import numpy as np
    import torch

    words = np.random.SeedSequence(block.entropy).generate_state(2, np.uint32)
    before = (
        torch.get_num_threads(), torch.get_default_dtype(), torch.is_grad_enabled(),
        torch.get_rng_state(), np.random.get_state(), random.getstate(),  # noqa: NPY002
    )  # fmt: skip
    threads, dtype, gradients, torch_state, numpy_state, python_state = before
    try:
        torch.set_num_threads(1)
        torch.set_default_dtype(torch.float32)
        torch.set_grad_enabled(True)
        torch.manual_seed(int(words[1]))
        np.random.seed(words)  # noqa: NPY002
        random.seed(int(words[1]))
        yield
    finally:
        torch.set_num_threads(threads)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(gradients)
        torch.set_rng_state(torch_state)
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)


@lru_cache(maxsize=64)
def _entry(path: str, source_digest: str) -> Entry:
    entry = load(Path(path))
    if entry.source_digest != source_digest:
        raise RequestError(f"{path} changed while it was being simulated; start the run again")
    return entry


@lru_cache(maxsize=1024)
def _confirmed(path: str, source_digest: str, experiment: str, printed: str) -> frozenset[str]:
    """The files that the fingerprint covers; `RequestError` unless it is the planned one.

    Modules that the claim imports are read when they are first needed, by every worker for itself:
    what was edited since the run was planned must not be stored under the fingerprint of before.
    Once confirmed it stays so, because a process imports a module only once.
    """
    found: str | None = None
    files = frozenset[str]()
    with contextlib.suppress(OSError, SyntaxError, ValueError):  # it is just being edited
        found, files = surveyed(_entry(path, source_digest), experiment)
    if found != printed:
        raise RequestError(
            f"what {path} uses changed while it was being simulated; start the run again"
        )
    return files


def _require_unchanged(block: Block) -> None:
    """Confirm the fingerprint anew."""
    _confirmed.__wrapped__(block.path, block.source_digest, block.experiment, block.fingerprint)


def _real(name: str, value: Any) -> np.ndarray:
    """The quantity as float64; a `BlockError` where that would be another number."""
    import numpy as np

    kind = ""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        kind = str(value.dtype).removeprefix("torch.")
        value = value.double().numpy() if value.is_floating_point() else value.numpy()
    parts = value if isinstance(value, list | tuple) else [value]
    if any(np.ma.isMaskedArray(part) and np.ma.getmaskarray(part).any() for part in parts):
        raise BlockError(f"'{name}' is masked in places; return numbers everywhere")
    try:
        given = np.asarray(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise BlockError(f"'{name}' is {kind_of(value)}, not numbers") from None
    kind = kind or str(given.dtype)
    if given.dtype.kind in "cmM":
        raise BlockError(f"'{name}' is {kind}; return real numbers")
    if given.dtype.kind not in "biuf":
        what = "holds objects" if given.dtype.kind == "O" else f"is {kind_of(value)}"
        raise BlockError(f"'{name}' {what}, not numbers; return floats")
    if given.dtype.kind in "iu":
        if given.dtype.itemsize < 8:
            raise BlockError(
                f"'{name}' is {kind}, which overflows unseen; count in int64 or floats"
            )
        if ((given > _EXACT) | (given < -_EXACT)).any():
            raise BlockError(
                f"'{name}' holds whole numbers beyond 2^53, as an overflow leaves them; "
                "compute it in floats"
            )
    if kind in _HALF and np.isinf(given).any():
        raise BlockError(f"'{name}' has overflowed its {kind}; compute it in float32 or float64")
    return np.array(given, dtype=np.float64)  # its own: a view would keep all of what it shows


def _checked(block: Block, name: str, value: Any) -> np.ndarray:
    """The quantity as float64, or a `BlockError` that says what is wrong with it."""
    array = _real(name, value)
    if not FORMS[block.form].random:
        array = array.reshape(-1)
    fault = block.fault(array)
    if fault is not None:
        raise BlockError(f"'{name}' {fault}")
    return array
