"""``ratecheck list``, ``show`` and ``new``: what there is, what it says, and one more."""

from __future__ import annotations

from collections import Counter

import typer

from ratecheck.cli import options


def list_claims(
    names: options.Names = None, claims: options.Claims = None, effort: options.Effort = "quick"
) -> None:
    """List the claims with their chapters, titles and numbers of checks."""
    from ratecheck.engine.plan import CheckItem, Settings, plan

    entries, failures = options.find(names, claims)
    settings = Settings(effort=effort)  # type: ignore[arg-type]  # Settings checks it
    console = options.console()
    chapter = None
    for entry in sorted(entries, key=lambda entry: entry.chapter):
        if entry.chapter != chapter:
            chapter = entry.chapter
            console.print(chapter, style="bold", markup=False)
        kinds = Counter(isinstance(item, CheckItem) for item in plan([entry], settings))
        console.print(f"  {entry.id}  ", style="cyan", markup=False, end="")
        console.print(
            f"{entry.claim.title} ({kinds[True]} checks, {kinds[False]} falsifiers)",
            markup=False, soft_wrap=True,
        )  # fmt: skip
    for _, error in failures:
        console.print(f"does not load: {error}", style="red", markup=False, soft_wrap=True)
    raise typer.Exit(1 if failures else 0)
