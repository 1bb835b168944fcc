"""What a block reads besides its arguments: files, modules and programs of the user's own.

The fingerprint sees the code that a simulation names. What it opens, imports by a computed name or
executes is seen here, by Python's audit hook: every file's digest is kept with the block's numbers,
and numbers whose files have changed are simulated anew. The standard library, installed
distributions (which the fingerprint knows by version) and the system's own folders do not count,
nor do files that the process itself has made.

A process remembers: a file that an earlier block read may live on in a cache of the simulation, so
it counts for every later block of that process, too. What cannot be seen is named in
`Reads.unseen`: what another program or the network answered. A run confirms such numbers by
simulating one block anew. Not seen, and not known to be unseen, are folder listings and files that
compiled code opens by itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import shutil
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

ABSENT = "absent"
_PACKAGE = Path(__file__).parents[1]
_LAB = str(_PACKAGE / "lab")
_SYSTEM = ("/proc", "/sys", "/dev", "/etc", "/usr", "/lib", "/lib64", "/bin", "/sbin")
_PROGRAMS = ("os.exec", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen")


@dataclass(frozen=True, slots=True)
class Reads:
    """What numbers rest on besides code and arguments.

    Attributes
    ----------
    files : tuple of (path, digest)
        Files that were read or executed, sorted; the digest is `ABSENT` where there was none.
    unseen : tuple of str
        Why there may be more: "another program", "the network".
    """

    files: tuple[tuple[str, str], ...] = ()
    unseen: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[object, ...]:
        return reads_of, (self.files, self.unseen)

    def changed(self) -> str | None:
        """The first file whose content is no longer what was read; None where all is as it was."""
        return next((path for path, digest in self.files if content(path) != digest), None)


NOTHING = Reads()


@lru_cache(maxsize=1024)
def reads_of(files: tuple[tuple[str, str], ...], unseen: tuple[str, ...]) -> Reads:
    """The reads of many blocks that read the same, as one object: a run may hold a million."""
    return Reads(files, unseen)


@dataclass
class _Memory:
    """What this process has read, made and could not see since it began to watch."""

    read: set[str] = field(default_factory=set)
    made: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)
    watching: int = 0


_memory = _Memory()


@contextlib.contextmanager
def watched(known: Iterable[str] = ()) -> Iterator[list[Reads]]:
    """Watch what is read; on leaving, the list holds what this process has read by then.

    ``known`` are files that the fingerprint covers already.
    """
    _install()
    found: list[Reads] = []
    _memory.watching += 1
    try:
        yield found
    finally:
        _memory.watching -= 1
        paths = sorted(_memory.read - _memory.made - set(known))
        files = tuple((path, content(path)) for path in paths)
        found.append(reads_of(files, tuple(sorted(_memory.unseen))))


def content(path: str) -> str:
    """Digest of a file's bytes, read again only where its time or size is another."""
    try:
        status = os.stat(path)
        return _content(path, status.st_mtime_ns, status.st_size, status.st_ino)
    except (OSError, ValueError):
        return ABSENT


@lru_cache(maxsize=4096)
def _content(path: str, *_: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def is_project(path: Path) -> bool:
    """Whether a file belongs to the user: neither to Python, nor to a distribution, nor to us."""
    text = str(path)
    if any(text.startswith(folder + os.sep) for folder in _installed()):
        return False
    if any(text.startswith(folder + "/") for folder in _SYSTEM):
        return False
    return not path.is_relative_to(Path.home() / ".cache")


@cache
def _installed() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    folders = {sysconfig.get_path(name) for name in names} | {str(_PACKAGE)}
    folders |= {path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")}
    folders |= {os.path.join(prefix, "lib") for prefix in (sys.prefix, sys.base_prefix)}
    folders |= {os.path.realpath(folder) for folder in folders}
    return tuple(sorted(folders))


@cache
def _install() -> None:
    """Add the hook, once a process: Python takes none away again."""
    sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _memory.watching:
        return
    with contextlib.suppress(Exception):  # what is raised here would stop the simulation
        if event == "open":
            _opened(*arguments[:3])
        elif event in _PROGRAMS and not _importing():
            _memory.unseen.add("another program")
            _executed(event, arguments)
        elif event == "socket.connect" and not _importing():
            _memory.unseen.add("the network")
        elif event == "sqlite3.connect":
            _seen(arguments[0])


def _importing() -> bool:
    """Whether an installed distribution does this while it is imported, and not the user's code."""
    for name in _callers():
        if name.startswith("<frozen importlib"):
            return True
        if not name.startswith("<") and is_project(Path(name)):
            return False
    return False


def _ours() -> bool:
    """Whether it is ratecheck that reads, such as a claim file to be loaded."""
    for name in _callers():
        if name.startswith(_LAB):
            return False
        if name.startswith(str(_PACKAGE)):
            return True
        if not name.startswith("<") and is_project(Path(name)):
            return False
    return False


def _callers() -> Iterator[str]:
    """Files of the code that led here, innermost first, without this module."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code.co_filename != __file__:
            yield frame.f_code.co_filename


def _opened(path: Any, mode: Any, flags: Any) -> None:
    by_flags = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    writes = bool(by_flags or (isinstance(mode, str) and set(mode) & set("wax+")))
    where = _place(path)
    if where is None:
        return
    if writes and (where in _memory.made or not os.path.exists(where) or _truncates(flags, mode)):
        _memory.made.add(where)
    else:
        _seen(where)


def _truncates(flags: Any, mode: Any) -> bool:
    """Whether a file is emptied as it is opened: what is read from it then is the block's own."""
    return (isinstance(mode, str) and "w" in mode) or bool(
        isinstance(flags, int) and flags & os.O_TRUNC
    )


def _executed(event: str, arguments: tuple[Any, ...]) -> None:
    """The program itself, and the files among its arguments."""
    words: list[Any] = []
    for argument in arguments[:2]:
        words += list(argument) if isinstance(argument, list | tuple) else [argument]
    if event == "os.system":
        words = os.fsdecode(arguments[0]).split()
    for number, word in enumerate(words):
        if isinstance(word, bytes | str | os.PathLike):
            text = os.fsdecode(word)
            program = shutil.which(text) if number < 2 else None
            if program and os.path.realpath(program) != os.path.realpath(sys.executable):
                _memory.read.add(os.path.abspath(program))  # also where the system keeps it
            elif not program:
                _seen(text if os.path.isfile(text) else None)


def _seen(path: Any) -> None:
    where = _place(path)
    if where is None or where in _memory.read or not is_project(Path(where)):
        return
    if not _ours():
        _memory.read.add(where)


def _place(path: Any) -> str | None:
    """The absolute path of a file that can be read again; sources in place of what is cached."""
    if not isinstance(path, str | bytes | os.PathLike):
        return None  # a descriptor
    text = os.path.abspath(os.fsdecode(path))
    if "\0" in text or os.path.isdir(text):
        return None
    if f"{os.sep}__pycache__{os.sep}" in text:
        if not text.endswith(".pyc"):
            return None  # compiled code, kept beside its source
        with contextlib.suppress(ValueError, NotImplementedError):
            return importlib.util.source_from_cache(text)
    return text
