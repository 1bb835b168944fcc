"""What was understood of a claim, before anything runs: ``ratecheck show FILE``.

Formulas, the slopes that they have on the grid, what a run would cost and could tell apart, rivals
with their distance, falsifiers and the fidelity lists. Nothing is simulated.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ratecheck import words
from ratecheck.claim import expressions, ranges
from ratecheck.claim.catalogue import Entry
from ratecheck.claim.claim import Claim
from ratecheck.claim.experiment import Experiment
from ratecheck.engine.plan import CheckItem, FalsifierItem, Override, Settings, planned
from ratecheck.errors import FormulaError

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.table import Table

_NONE = "—"
_RULE, _NARROW = 100, 76
_HEADS = ("check", "formula", "claimed", "margin", "noise", "gap", "rivals")


def show(entry: Entry, settings: Settings, override: Override | None = None) -> RenderableType:
    """A claim as it was understood, for a rich console.

    Parameters
    ----------
    entry : Entry
        From `ratecheck.claim.catalogue.load`.
    settings : Settings
        The effort and alpha that a run would have.
    override : Override, optional
        What a reader asks for in place of what the file lists.

    Raises
    ------
    RequestError
        If the override names what the claim does not have.
    """
    from rich.console import Group
    from rich.text import Text

    claim = entry.claim
    found = planned([entry], settings, override)
    items = found.items
    part = override is not None and bool(override.items or override.words)
    experiments = {item.experiment.name: item.experiment for item in items}
    parts: list[RenderableType] = [
        Text(claim.title, style="bold"),
        Text(f"{entry.id} · {entry.chapter} · {entry.path}", style="dim"),
        Text(claim.source),
        Text(),
        Text(textwrap.indent(textwrap.dedent(claim.statement).strip(), "  "), style="italic"),
        *_pairs([(f"  {name}", meaning) for name, meaning in _symbols(claim, items, part)]),
    ]
    for name, experiment in experiments.items():
        mine = [item for item in items if item.experiment.name == name]
        parts += [Text(), *_experiment(experiment, mine, settings)]
    if found.refused:
        parts += [Text(), *_list("not answered", found.refused)]
    if not part:
        parts += [Text(), *_list("not shown", claim.not_shown)]
    return Group(*parts)


def _symbols(
    claim: Claim, items: Sequence[CheckItem | FalsifierItem], part: bool
) -> Iterator[tuple[str, str]]:
    """The letters and quantities with their meanings; of a part those that it names."""
    named = {
        name
        for item in items
        for name in (*item.check.quantities, *item.case, item.axis.name,
                     *re.findall(r"[A-Za-z_]\w*", item.check.formula))
    }  # fmt: skip
    yield from ((n, meaning) for n, meaning in claim.symbols.items() if not part or n in named)


def _experiment(
    experiment: Experiment, items: Sequence[CheckItem | FalsifierItem], settings: Settings
) -> Iterator[RenderableType]:
    from rich.constrain import Constrain
    from rich.rule import Rule
    from rich.text import Text

    checks = [item for item in items if isinstance(item, CheckItem)]
    yield Constrain(Rule(experiment.name, align="left"), _RULE)
    if experiment.about:
        yield Text(experiment.about)
    yield Text()
    yield from _pairs(_facts(experiment, items, settings))
    yield Text()
    yield _checks(checks, settings)
    yield Text()
    yield from _list("falsifiers, on which a check must fail", _falsifiers(experiment, items))
    yield from _list("not moved in nature by any falsifier", _unmoved(experiment))
    yield from _list("real", experiment.real)
    yield from _list("replaced", experiment.proxied)


# -- what a run would do --------------------------------------------------------------------------


def _facts(
    experiment: Experiment, items: Sequence[CheckItem | FalsifierItem], settings: Settings
) -> Iterator[tuple[str, str]]:
    for axis in (one for one in experiment.axes if any(item.axis == one for item in items)):
        others = f", at {words.assigned(axis.at)}" if axis.at else ""
        towards = f"; towards 0: exponents are in {axis.shown}" if axis.to == 0 else ""
        unit = f", times {axis.unit}" if axis.unit else ""
        grid = words.values(axis.multiples(settings.effort)) + unit
        yield f"axis {axis.name}", f"{grid}{others}{towards}"
    asked = [item.case for item in items]
    cases = [case for case in experiment.cases_at(settings.effort) if case in asked]
    if cases != [{}]:
        yield "cases", "; ".join(words.assigned(case) for case in cases)
    if experiment.ranges:
        within = experiment.ranges.items()
        yield "ranges", "; ".join(f"{name}: {ranges.shown(one)}" for name, one in within)
    if experiment.free:
        varied = {name: list(values) for name, values in experiment.others.items()}
        more = "".join(f"; {name} also {words.values(vs)}" for name, vs in varied.items())
        when = " from standard effort on" if more and settings.effort == "quick" else ""
        yield "free constants", f"{words.assigned(experiment.free)}{more}{when}"
    yield "data", experiment.form.about
    series = {item.series for item in items}
    points = sum(experiment.form.calls(s.points) for s in series)
    if not experiment.form.random:
        noise = "" if experiment.form.noisy else ": noise-free"
        yield "planned", f"{points} values in {len(series)} series; no replicates{noise}"
        return
    cap = _cap(experiment, settings)
    yield (
        "planned",
        (
            f"at most {cap} replicates a point in blocks of {experiment.block}, "
            f"{len(series)} series with {points} {'points' if points != 1 else 'point'} in all"
        ),
    )
    cost = _cost(experiment, items, cap)
    if cost:
        yield "cost", cost


def _cap(experiment: Experiment, settings: Settings) -> int:
    """Replicates that a point may get: whole blocks."""
    return -(-experiment.replicates[settings.effort] // experiment.block) * experiment.block


def _cost(
    experiment: Experiment, items: Iterable[CheckItem | FalsifierItem], replicates: int
) -> str:
    """The declared cost of all that could be simulated, and where most of it goes."""
    if experiment.cost is None:
        return ""
    total, dearest = 0.0, (0.0, "")
    for series in {item.series: None for item in items}:
        points = series.points[-1:] if experiment.form.whole else series.points
        for x in points:
            values = {name: v for name, v in series.params if not isinstance(v, str)}
            try:
                one = experiment.cost(**{**values, series.axis: x})
            except FormulaError:
                return f"{experiment.cost.text} a replicate"
            total += replicates * one
            dearest = max(dearest, (one, f"{series.axis}={x:g}"))
    share = dearest[0] * replicates / total if total else 0.0
    return (
        f"{experiment.cost.text} a replicate: {total:.2g} units at most, "
        f"{share:.0%} of them at {dearest[1]}"
    )


# -- what a check says and could tell -------------------------------------------------------------


@dataclass(frozen=True)
class _Checks:
    """A row a check; in a narrow terminal a few lines a check, since columns would be too thin."""

    rows: Sequence[tuple[str, ...]]
    vacuous: Sequence[bool]
    caption: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As a table, or stacked."""
        yield from self._stacked() if options.max_width < _NARROW else [self._table()]

    def _stacked(self) -> Iterator[RenderableType]:
        from rich.text import Text

        for row, vacuous in zip(self.rows, self.vacuous, strict=True):
            yield Text(row[0], style="bold yellow" if vacuous else "bold")
            told = zip(_HEADS[1:], row[1:], strict=True)
            yield from _pairs([(f"  {head}", cell) for head, cell in told if cell != _NONE])
        yield Text(self.caption, style="dim italic")

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, header_style="dim", caption=self.caption)
        table.caption_justify = "left"
        for head in _HEADS:
            if head in ("check", "formula", "rivals"):
                table.add_column(head, overflow="fold")
            else:
                table.add_column(head, justify="right", no_wrap=True)
        for row, vacuous in zip(self.rows, self.vacuous, strict=True):
            table.add_row(*map(Text, row), style="yellow" if vacuous else None)
        return table


def _checks(items: Sequence[CheckItem], settings: Settings) -> _Checks:
    rows, vacuous = [], []
    for item in items:
        check = item.check
        noise, gap = _power(item, settings)
        where = f" in {item.axis.name}" if len(item.experiment.axes) > 1 else ""
        case = f" ({words.assigned(item.case)})" if item.case else ""
        step = None if item.experiment.form.noisy else len(item.question.points) - 2
        claimed = f"{words.SIGNS[check.relation]}{item.question.predicted_at(step) + 0.0:z.3f}"
        vacuous.append(check.vacuous(item.question))
        note = "  VACUOUS on this grid" if vacuous[-1] else ""
        cells = (
            f"{check.label}{where}{case}",
            f"{check.phrase.order}{check.formula}{note}",
            claimed, f"{check.margin:g}", noise, gap, _rivals(item),
        )  # fmt: skip
        rows.append(cells)
    caption = "claimed: slope of the formula on these points."
    if any(item.check.coordinates.relative for item in items):
        caption += " margin: of a decay, a fraction of the claimed rate."
    if any(row[5] != _NONE for row in rows):
        caption += (
            " noise: standard deviation over mean of a replicate up to which a full run passes a "
            "true claim with 95 % power. gap: smallest distance from the claim that it could tell "
            "apart at noise 1; at another noise it is gap x noise."
        )
    return _Checks(rows, vacuous, caption)


def _power(item: CheckItem, settings: Settings) -> tuple[str, str]:
    """The noise that a full run bears, and its resolvable gap at noise 1."""
    import numpy as np

    from ratecheck.inference import power
    from ratecheck.judge.judge import tail_of

    design = item.question.design
    if design is None or not item.experiment.form.foresees:
        return _NONE, _NONE
    tail = tail_of(settings.alpha)
    cap = _cap(item.experiment, settings)
    x, margin = np.array(design[0]), design[1]
    scatter = float(((x - x.mean()) ** 2).sum())
    gap = power.resolvable((cap * scatter) ** -0.5, tail)
    bears, step = 0.0, 2.0
    while margin > 0 and step > 1e-3:  # bisection: more noise needs more replicates
        if power.replicates_for(bears + step, margin, x, tail) <= cap:
            bears += step
        else:
            step /= 2
    return f"{bears:.2g}" if bears else _NONE, f"{gap:.2g}"


def _rivals(item: CheckItem) -> str:
    shown = []
    for name, text in item.check.rivals.items():
        away = item.question.distance(text)
        near = ", too near to tell" if away <= item.check.margin else ""
        shown.append(f"{name}: {text} ({away:.2f} away{near})")
    return "; ".join([*shown, *item.warnings]) or _NONE


def _falsifiers(
    experiment: Experiment, items: Iterable[CheckItem | FalsifierItem]
) -> Iterator[str]:
    items = list(items)
    planned = [item for item in items if isinstance(item, FalsifierItem)]
    judged = {item.check.label for item in items}
    checks = [check for check in experiment.checks if check.label in judged]
    pairs = [(check, falsifier) for check in checks for falsifier in check.fails]
    for check, falsifier in pairs:
        count = sum(i.falsifier is falsifier and i.check.label == check.label for i in planned)
        change = [f"quantity {falsifier.quantity}"] if falsifier.quantity else []
        change += [f"the method is told {words.assigned(falsifier.told)}"] if falsifier.told else []
        change += [f"in nature {words.assigned(falsifier.nature)}"] if falsifier.nature else []
        often = f"{count} time{'s' * (count != 1)}" if count else "on none of these cases"
        yield f"{falsifier.name} ({', '.join(change)}): kills {check.label}, {often}"


def _unmoved(experiment: Experiment) -> Iterator[str]:
    """Parameters of formulas that no falsifier moves in nature, with the claim's reason."""
    reasons = {
        name: reason
        for check in experiment.checks
        for name, reason in expressions.unmoved(experiment, check).items()
    }
    yield from (f"{name}: {reason}" for name, reason in reasons.items())


# -- layout ---------------------------------------------------------------------------------------


def _pairs(rows: Iterable[tuple[str, str]]) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    if table.row_count:
        yield table


def _list(title: str, items: Iterable[str]) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    yield Text(title, style="dim")
    for item in list(items) or ["nothing"]:
        yield Padding(Text(f"- {item}"), (0, 0, 0, 2), expand=False)
