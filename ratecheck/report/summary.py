"""The verdicts as a table in a terminal, and as Markdown for a CI job's page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ratecheck import words
from ratecheck.forms.exact import FLOOR, ROUND_OFF
from ratecheck.report import against, export, notation, wording
from ratecheck.report.results import Document

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.text import Text

_STYLES = {"PASS": "green", "FAIL": "bold red", "INCONCLUSIVE": "yellow", "ERROR": "bold magenta"}
_WIDE, _MEDIUM = 100, 66
Show = Callable[[str], str]


@dataclass(frozen=True)
class Table:
    """The verdict table of a document: what rich prints, as wide as the terminal allows.

    Wide terminals get every number, narrow ones the verdict and the measured value. The words
    carry the verdicts, so that nothing is lost without colour (`NO_COLOR`, a pipe).
    """

    document: Document

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One table, then what needs a sentence, then the result."""
        from rich.text import Text

        show = notation.plain if options.ascii_only else str
        asserted = self.document.get("asserted", [])
        if asserted or any(claim["checks"] for claim in self.document["claims"]):
            yield from _grid(self.document, options.max_width, show)
            yield Text()
        for check in _troubles(self.document):
            words = f" {check['id']}: {wording.prose(check['sentence'])}"
            yield _verdict(check["verdict"], show).append(show(words))
            if check["replay"]:
                yield Text(show(f"  {check['replay']}"))
        for check, warning in _rounded(self.document):
            yield Text(show(f"note {check['id']}: {warning}"))
        for one in _survivors(self.document):
            words = f" {one['id']}: {wording.prose(one['sentence'])}"
            yield Text(one["outcome"], style=_STYLES[wording.AS_VERDICT[one["outcome"]]]).append(
                show(words), style="none"
            )
        for error in self.document["errors"]:
            yield _verdict("ERROR", show).append(show(f" {error['message']}"), style="none")
        yield Text(show(wording.headline(self.document)))
        if self.document["claims"]:
            yield Text(show(wording.promise(self.document)), style="dim")
        if asserted and any(claim["checks"] for claim in self.document["claims"]):
            yield Text(show(wording.asserted(self.document)))


def terminal_table(document: Document) -> Table:
    """The verdicts of a document for ``rich.print``."""
    return Table(document)


def _grid(document: Document, width: int, show: Show) -> Iterator[Text]:
    """The lines of the table; a name that leaves no room for the numbers has a line of its own."""
    from rich.text import Text

    columns = ["claimed", "measured", "interval"] if width >= _MEDIUM else ["measured"]
    columns += ["margin", "killed", "replicates"] if width >= _WIDE else []
    rows = list(_rows(document, columns, show))
    names = [wording.interval_name(document) if c == "interval" else c for c in columns]
    widths = [
        max([len(show(names[index])), *(len(row.cells[index]) for row in rows)])
        for index in range(len(columns))
    ]
    last = max(len(show(f"{sign} {verdict}")) for verdict, sign in wording.SIGNS.items())
    room = max(8, width - sum(widths) - 2 * len(widths) - last - 2)
    room = min(room, max(len(row.name) for row in rows))

    def line(name: str, cells: Sequence[str]) -> Text:
        numbers = "".join(f"  {cell:>{size}}" for cell, size in zip(cells, widths, strict=True))
        return Text(f"{name:<{room}}{numbers}  ", no_wrap=True, overflow="crop", end="")

    yield line("check", [show(name) for name in names]).append("verdict\n")
    heading = ""
    for row in rows:
        if row.heading != heading:
            heading = row.heading
            yield Text(heading, style="bold")
        name = row.name
        if len(name) > room:
            yield Text(name, overflow="fold")
            name = ""
        yield line(name, row.cells).append_text(_verdict(row.verdict, show)).append("\n")


@dataclass(frozen=True)
class _Row:
    heading: str
    name: str
    cells: tuple[str, ...]
    verdict: str


def _rows(document: Document, columns: Sequence[str], show: Show) -> Iterator[_Row]:
    for claim in document["claims"]:
        kills = _kills(claim)
        for check in claim["checks"]:
            place, _, name = check["id"].rpartition(f"{check['experiment']}/")
            cells = {**_numbers(check), "killed": kills.get(check["id"], notation.NONE)}
            yield _Row(
                show(f"{place}{check['experiment']}"),
                show(f"  {name}"),
                tuple(show(cells[column]) for column in columns),
                check["verdict"],
            )
    for check in document.get("asserted", []):
        cells = {**_numbers(check), "killed": notation.NONE}
        place, _, name = check["id"].rpartition("/")
        yield _Row(
            show(place),
            show(f"  {name}"),
            tuple(show(cells[column]) for column in columns),
            check["verdict"],
        )


def _numbers(check: Mapping[str, Any]) -> dict[str, str]:
    return {
        "claimed": _claimed(check),
        "measured": notation.measured(check["measured"], check["interval"]),
        "interval": notation.interval_text(check["interval"]),
        "margin": notation.number(check["margin"]),
        "replicates": notation.number(check["replicates"]),
    }


def _verdict(verdict: str, show: Show) -> Text:
    from rich.text import Text

    return Text().append(show(f"{wording.SIGNS[verdict]} {verdict}"), style=_STYLES[verdict])


def _claimed(check: Mapping[str, Any]) -> str:
    return f"{words.SIGNS[check['relation']]}{notation.slope(check['predicted'])}"


def _kills(claim: Mapping[str, Any]) -> dict[str, str]:
    """Falsifiers killed of those that were run, by check."""
    run = Counter(falsifier["kills"] for falsifier in claim["falsifiers"])
    killed = Counter(f["kills"] for f in claim["falsifiers"] if f["killed"])
    return {name: f"{killed[name]} of {count}" for name, count in run.items()}


def _troubles(document: Document) -> Iterator[Mapping[str, Any]]:
    """Every check that did not pass."""
    for claim in document["claims"]:
        yield from (check for check in claim["checks"] if check["verdict"] != "PASS")
    yield from (check for check in document.get("asserted", []) if check["verdict"] != "PASS")


def _rounded(document: Document) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Checks, passed ones too, whose far end is round-off: the grid shown is not the one judged."""
    for claim in document["claims"]:
        for check in claim["checks"]:
            yield from (
                (check, text) for text in check["warnings"] if text.startswith((ROUND_OFF, FLOOR))
            )


def _survivors(document: Document) -> Iterator[Mapping[str, Any]]:
    """Every falsifier that was not killed."""
    for claim in document["claims"]:
        yield from (falsifier for falsifier in claim["falsifiers"] if not falsifier["killed"])


def markdown(document: Document, before: Document | None = None) -> str:
    """A summary for a CI job's page: the result, a line a claim, and every trouble's sentence.

    With an earlier document, what changed since.
    """
    lines = [f"**{wording.headline(document)}**", ""]
    run = document["provenance"]
    lines += [
        f"{document['effort']} effort, seed {document['seed']}, {_escaped(run['device'])}, "
        f"{notation.duration(run['seconds'])}. {wording.honesty(document)}",
        "",
    ]
    if document.get("asserted"):
        sentence = [wording.asserted(document), ""] if document["claims"] else []
        lines += [*sentence, export.markdown(document["asserted"])]
    if document["claims"]:
        lines += [
            "| claim | PASS | FAIL | INCONCLUSIVE | ERROR | falsifiers killed |",
            "|:--|--:|--:|--:|--:|--:|",
        ]
    for claim in document["claims"]:
        counts = Counter(check["verdict"] for check in claim["checks"])
        numbers = " | ".join(str(counts[verdict] or "") for verdict in wording.VERDICTS)
        killed = sum(bool(falsifier["killed"]) for falsifier in claim["falsifiers"])
        name = f"{_escaped(claim['title'])} (`{_code(claim['id'])}`)"
        lines.append(f"| {name} | {numbers} | {killed} of {len(claim['falsifiers'])} |")
    troubles = [
        f"- **{check['verdict']}** `{_code(check['id'])}`: "
        f"{_escaped(wording.prose(check['sentence']))}"
        + (f" Replay: `{_code(check['replay'])}`" if check["replay"] else "")
        for check in _troubles(document)
    ]
    troubles += [
        f"- **falsifier {wording.OUTCOMES[one['outcome']]}** "
        f"`{_code(one['id'])}`: {_escaped(wording.prose(one['sentence']))}"
        for one in _survivors(document)
    ]
    troubles += [
        f"- **did not load** `{_code(error['file'])}`: {_escaped(error['message'])}"
        for error in document["errors"]
    ]
    if troubles:
        lines += ["", "### What needs a look", "", *troubles]
    if before is not None:
        changed = against.text(against.compare(before, document)).splitlines()
        told = (f"- {_escaped(line)}" for line in changed)
        lines += ["", "### What changed", "", *told]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """A text in one line, in which Markdown and HTML see nothing."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"([\\`*_{}\[\]#|~$@])", r"\\\1", text)


def _code(text: str) -> str:
    """A text for a code span inside a table."""
    return " ".join(text.split()).replace("`", "'").replace("|", r"\|")
