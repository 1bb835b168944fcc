"""Completion of commands, options and claims in bash, zsh and fish."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.shell_completion import get_completion_class

from ratecheck.errors import RequestError

_VARIABLE = "_RATECHECK_COMPLETE"
_PLACES = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/completions/ratecheck.fish"}


def script(line: click.Command) -> str:
    """What the user's shell has to read.

    Raises
    ------
    RequestError
        If it is none that can be completed.
    """
    shell = _shell()
    made = get_completion_class(shell)
    if made is None:  # pragma: no cover - click knows these three
        raise RequestError(f"click cannot complete in {shell}")
    return made(line, {}, "ratecheck", _VARIABLE).source()


def install(line: click.Command) -> str:
    """Have the user's shell read it from now on; a sentence that says where.

    Raises
    ------
    RequestError
        As `script`, or if the file cannot be written.
    """
    shell, text = _shell(), script(line)
    path = Path.home() / _PLACES[shell]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if shell == "fish":
            path.write_text(text)
        else:  # asked anew by each shell, so that it stays in step with the program
            ask = f'eval "$({_VARIABLE}={shell}_source ratecheck)"'
            known = path.read_text() if path.exists() else ""
            if ask not in known:
                with path.open("a") as file:
                    file.write(f"\n{ask}\n")
    except OSError as error:
        raise RequestError(f"{path} cannot be written ({error.strerror})") from None
    return f"Completion for {shell} is in {path}; open a new shell"


def _shell() -> str:
    shell = Path(os.environ.get("SHELL", "")).name
    if shell not in _PLACES:
        raise RequestError(
            f"the shell '{shell}' ($SHELL) cannot be completed; there are {', '.join(_PLACES)}"
        )
    return shell
