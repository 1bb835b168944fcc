"""A part of a finished run: the claims, experiments or checks that a reader names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ratecheck.errors import RequestError
from ratecheck.report.export import chosen
from ratecheck.report.notation import plural
from ratecheck.report.results import Document


def selected(document: Document, names: Sequence[str], words: Sequence[str] = ()) -> Document:
    """A document with the checks of these names, each of whose ids holds all the words.

    Falsifiers stay with their checks. What the error rates allow, and which verdicts stand, is
    that of the whole run: a choice after the answers are known changes neither.

    Raises
    ------
    RequestError
        If a name or the words stand for no check.
    """
    kept = {one["id"] for one in chosen(document, names) if all(w in one["id"] for w in words)}
    if not kept:
        raise RequestError(f"the results hold no check with the words '{' '.join(words)}'")
    return kept_of(document, kept)


def kept_of(document: Document, kept: set[str]) -> Document:
    """A document with the checks of these ids and their falsifiers."""
    claims = [_part(claim, kept) for claim in document["claims"]]
    claims = [claim for claim in claims if claim["checks"]]
    asserted = [row for row in document.get("asserted", ()) if row["id"] in kept]
    whole = sum(len(claim["checks"]) for claim in document["claims"])
    shown = sum(len(claim["checks"]) for claim in claims)
    be = "is" if shown == 1 else "are"
    told = f"{shown} of {plural(whole, 'check')} of a run {be} shown."
    part = {**document, "claims": claims, "errors": [], "summary": _counts(document, claims)}
    return part | {"asserted": asserted, "shown": told}


def _part(claim: Mapping[str, Any], kept: set[str]) -> dict[str, Any]:
    checks = [check for check in claim["checks"] if check["id"] in kept]
    names = {check["experiment"] for check in checks}
    return {
        **claim,
        "checks": checks,
        "falsifiers": [one for one in claim["falsifiers"] if one["kills"] in kept],
        "experiments": [one for one in claim["experiments"] if one["name"] in names],
    }


def _counts(document: Document, claims: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    verdicts = Counter(check["verdict"] for claim in claims for check in claim["checks"])
    falsifiers = [one for claim in claims for one in claim["falsifiers"]]
    return {
        **document["summary"],
        **{name: verdicts[name.upper()] for name in ("pass", "fail", "inconclusive", "error")},
        "killed": sum(bool(one["killed"]) for one in falsifiers),
        "falsifiers": len(falsifiers),
    }
