"""What a run tells GitHub's pages: a short summary, and errors at the lines of claim files.

The summary is appended to the file that ``GITHUB_STEP_SUMMARY`` names; annotations are lines of
output that a runner understands, written where ``GITHUB_ACTIONS`` is set. Elsewhere neither does
anything.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ratecheck.errors import RequestError
from ratecheck.report import wording

Document = Mapping[str, Any]
_LONGEST = 1000


def summarise(text: str) -> None:
    """Append Markdown to the job's summary, where there is one.

    Raises
    ------
    RequestError
        If its file cannot be written to.
    """
    place = os.environ.get("GITHUB_STEP_SUMMARY")
    if not place:
        return
    try:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"{text.rstrip()}\n\n")
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise RequestError(f"GITHUB_STEP_SUMMARY {place} cannot be written ({cause})") from None


def errors_of(document: Document) -> list[str]:
    """A line for every FAIL, ERROR and survivor of a run; none outside of GitHub's actions."""
    if not is_action():
        return []
    return list(_errors(document))


def is_action() -> bool:
    """Whether a runner of GitHub reads what is written."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def error(message: str, title: str, file: str = "", line: int | None = None) -> str:
    """One annotation."""
    place = {"file": file, "line": "" if line is None else str(line), "title": title}
    told = ",".join(f"{name}={_property(value)}" for name, value in place.items() if value)
    return f"::error {told}::{_data(message[:_LONGEST])}"


def _errors(document: Document) -> Iterator[str]:
    for claim in document["claims"]:
        places = _places(claim["file"])
        for check in claim["checks"]:
            if check["verdict"] in ("FAIL", "ERROR"):
                line = _line(places, check["experiment"], check)
                text = wording.prose(check["sentence"])
                yield error(text, f"{check['verdict']} {check['id']}", claim["file"], line)
        checks = {check["id"]: check for check in claim["checks"]}
        for one in claim["falsifiers"]:
            if one["killed"]:
                continue
            line = _line(places, one["experiment"], checks.get(one["kills"]))
            yield error(
                wording.prose(one["sentence"]), f"{one['outcome']} {one['id']}", claim["file"], line
            )
    for failure in document["errors"]:
        yield error(failure["message"], "does not load", failure["file"])


# -- lines of claim files -------------------------------------------------------------------------


def _places(file: str) -> Mapping[str, ast.FunctionDef]:
    """The experiments of a claim file by name; none where it cannot be read."""
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError, SyntaxError):
        return {}
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _line(
    places: Mapping[str, ast.FunctionDef], experiment: str, check: Mapping[str, Any] | None
) -> int | None:
    """Where a check is written, else where its experiment is."""
    node = places.get(experiment)
    if node is None:
        return None
    calls = [
        call
        for decorator in node.decorator_list
        for call in ast.walk(decorator)
        if isinstance(call, ast.Call)
    ]
    if check is not None:
        for wanted in (check.get("label"), check["quantity"]):
            for call in calls:
                if _is_check(call, check["kind"]) and wanted in _named(call):
                    return call.lineno
    return node.decorator_list[0].lineno if node.decorator_list else node.lineno


def _is_check(call: ast.Call, kind: str) -> bool:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    return bool(name.lower() == kind.replace(" ", "").replace("-", ""))


def _named(call: ast.Call) -> Iterable[object]:
    """What a check is called where it is written: its name, and the quantity."""
    arguments = [*call.args[:1], *(k.value for k in call.keywords if k.arg in ("name", "quantity"))]
    return [argument.value for argument in arguments if isinstance(argument, ast.Constant)]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
