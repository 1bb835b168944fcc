"""The results of a run as one object for a notebook: looked up, shown, drawn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ratecheck.report import export, wording
from ratecheck.report.results import Document, read_json

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from pandas import DataFrame

Check = Mapping[str, Any]


@dataclass(frozen=True)
class Results:
    """The document of a run (results.json), with its checks by name.

    Attributes
    ----------
    document : dict
        All of it, as `ratecheck/report/schema.json` describes it.
    """

    document: Document = field(repr=False)

    @property
    def checks(self) -> tuple[Check, ...]:
        """Every check, in the order of the run."""
        return tuple(export.chosen(self.document, ()))

    @property
    def passed(self) -> bool:
        """Whether every check passed, every falsifier was killed, and every file loaded."""
        summary = self.document["summary"]
        return (
            all(check["verdict"] == "PASS" for check in self.checks)
            and summary["killed"] == summary["falsifiers"]
            and not self.document["errors"]
        )

    def __getitem__(self, name: str) -> Check:
        """The check of an id, or of a part of one that only one has.

        Raises
        ------
        KeyError
            If there is none, or more than one.
        """
        from ratecheck.errors import RequestError

        try:
            found = export.chosen(self.document, [name])
        except RequestError as error:
            raise KeyError(str(error)) from None
        if len(found) > 1:
            shown = ", ".join(check["id"] for check in found[:4])
            raise KeyError(f"'{name}' stands for {len(found)} checks, such as {shown}")
        return found[0]

    def __iter__(self) -> Iterator[Check]:
        return iter(self.checks)

    def __len__(self) -> int:
        return len(self.checks)

    def __repr__(self) -> str:
        import io

        from rich.console import Console

        from ratecheck.report.summary import terminal_table

        text = io.StringIO()
        Console(file=text, width=100, no_color=True).print(terminal_table(self.document))
        return text.getvalue().rstrip()

    def _repr_html_(self) -> str:
        """The verdicts as a table, complete in itself."""
        from ratecheck.report import standalone

        return standalone.table(self.checks, wording.headline(self.document))

    def to_frame(self) -> DataFrame:
        """One row a check, as a pandas data frame."""
        from ratecheck.report.frames import frame

        return frame(export.row(check) for check in self.checks)

    def plot(self, *names: str, path: Path | str | None = None, width: str = "page") -> Figure:
        """A figure of matplotlib with a panel for each of the named checks, or for all.

        Raises
        ------
        RequestError
            If a name stands for none, matplotlib is not installed, or the file cannot be written.
        """
        from ratecheck.report import figures

        figure = figures.drawn(export.chosen(self.document, names), width=width)
        if path is not None:
            figures.write(figure, path)
        return figure


def load_results(path: Path | str) -> Results:
    """The results of a finished run, from its results.json.

    Raises
    ------
    RequestError
        If the file is absent, damaged or something else.
    """
    return Results(read_json(path))
