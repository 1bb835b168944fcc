"""What a reader must doubt: everything of a run that is not a plain yes, in a line each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ratecheck.report import notation, wording

_RANKS = ("ERROR", "FAIL", "INCONCLUSIVE")


@dataclass(frozen=True)
class Doubt:
    """One line.

    Attributes
    ----------
    verdict : str
        How it counts: a falsifier that survived like a FAIL.
    word : str or None
        What stands in the verdict's place; None where the verdict does.
    what, where : str
        A claim's check, and its axis and case.
    anchor : str
        Where the page tells more; empty where it does not.
    why : str
    """

    verdict: str
    word: str | None
    what: str
    where: str
    anchor: str
    why: str


def doubts(document: Mapping[str, Any], claims: Sequence[Mapping[str, Any]]) -> list[Doubt]:
    """Each undecided, failed or erroneous check, each falsifier not killed, each file not loaded.

    Parameters
    ----------
    document : mapping
        A results document.
    claims : sequence of mapping
        Its claims as the page sees them, with anchors and with the falsifiers of every check.

    Returns
    -------
    list of Doubt
        The worst first.
    """
    found = [
        *(Doubt("ERROR", None, error["file"], "", "not-loaded", error["message"])
          for error in document["errors"]),
        *(doubt for claim in claims for view in claim["views"] for check in view["checks"]
          for doubt in _of_check(claim, check)),
        *(Doubt(row["verdict"], None, row["id"], "", "asserted", row["sentence"])
          for row in document.get("asserted", ()) if row["verdict"] != "PASS"),
    ]  # fmt: skip
    return sorted(found, key=lambda doubt: _RANKS.index(doubt.verdict))


def _of_check(claim: Mapping[str, Any], check: Mapping[str, Any]) -> Iterator[Doubt]:
    what = f"{claim['id'].rpartition('/')[2]}: {check['label']}"
    case = notation.case_text(check["case"])
    where = f"in {notation.symbol(check['axis'])}{f', {case}' if case else ''}"
    if check["verdict"] != "PASS":
        yield Doubt(check["verdict"], None, what, where, check["anchor"], check["sentence"])
    for falsifier in check["falsifiers"]:
        if not falsifier["killed"]:
            verdict = wording.AS_VERDICT[falsifier["outcome"]]
            word = f"falsifier {wording.OUTCOMES[falsifier['outcome']]}"
            why = f"{falsifier['name']}. {falsifier['sentence']}"
            yield Doubt(verdict, word, what, where, check["anchor"], why)
