"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from ratecheck.errors import RequestError


def write_text(text: str, path: Path | str, option: str = "--report") -> Path:
    """Write a text beside its place and move it there, so that no reader ever sees half of it.

    Folders on the way are made. Returns the path. ``option`` is the one that named the place.

    Raises
    ------
    RequestError
        If the place cannot be written to or the disk is full; the file that was there stays.
    """
    path = Path(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        finally:
            with contextlib.suppress(OSError):
                draft.unlink()
    except OSError as error:
        raise _refusal(path, error, option) from None
    return path


def require_writable(path: Path | str, option: str = "--report") -> None:
    """Refuse before the work what `write_text` would refuse after it; nothing is left behind.

    Raises
    ------
    RequestError
        If a file of this path could not be written now.
    """
    path = Path(path)
    try:
        if path.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        folder = path.absolute().parent
        while not folder.exists():
            folder = folder.parent
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise _refusal(path, error, option) from None


def _refusal(path: Path, error: OSError, option: str) -> RequestError:
    cause = (error.strerror or type(error).__name__).lower()
    return RequestError(
        f"{path} cannot be written ({cause}); free the place or name another with {option}"
    )
