"""The sentences of a whole run, and what a check claims in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from ratecheck import words
from ratecheck.claim.checks import KINDS
from ratecheck.report.notation import number, plural, symbol
from ratecheck.words import Phrase

Document = Mapping[str, Any]
VERDICTS = ("PASS", "FAIL", "INCONCLUSIVE", "ERROR")
SIGNS = {"PASS": "●", "FAIL": "◆", "INCONCLUSIVE": "○", "ERROR": "✕"}
MEANINGS = {
    "PASS": "the interval lies inside the margin around the claim",
    "FAIL": "the interval lies outside the margin",
    "INCONCLUSIVE": "these data do not decide, and the verdict says why",
    "ERROR": "the simulation or the claim file did not run",
}


def headline(document: Document) -> str:
    """The result of a run in one sentence, after that on what is shown of it if not all is."""
    return f"{document.get('shown', '')} {_result(document)}".strip()


def _result(document: Document) -> str:
    summary = document["summary"]
    checks = sum(summary[verdict.lower()] for verdict in VERDICTS)
    if not checks and document.get("asserted"):
        return asserted(document)
    if not checks:
        if document["errors"]:
            files = plural(len(document["errors"]), "claim file")
            return f"Nothing was judged: {files} did not load."
        return "Nothing was judged: the catalogue is empty."
    claims = plural(sum(bool(claim["checks"]) for claim in document["claims"]), "claim")
    passed = summary["pass"]
    if passed == checks:
        first = f"The simulations agree with the theorems in every one of {plural(checks, 'check')}"
        if checks == 1:
            first = "The simulation agrees with the theorem in the one check that was made"
        text = f"{first} of {claims}"
    elif checks == 1:
        text = f"The one check of {claims} {_alone(summary)}"
    else:
        agrees = "the simulation agrees with the theorem"
        text = f"In {number(passed)} of {plural(checks, 'check')} of {claims} {agrees}"
        rest = []
        if summary["fail"]:
            rest.append(f"{number(summary['fail'])} contradict{'s' * (summary['fail'] == 1)} it")
        if summary["inconclusive"]:
            count = summary["inconclusive"]
            rest.append(f"{number(count)} {'is' if count == 1 else 'are'} undecided")
        if summary["error"]:
            rest.append(f"{number(summary['error'])} could not be run")
        text += f"; {_list(rest)}"
    return f"{text}. {_falsifiers(summary)}{_errors(document)}".strip()


def asserted(document: Document) -> str:
    """What tests asserted of numbers of their own, in one sentence; empty where nothing was."""
    rows = document.get("asserted", ())
    if not rows:
        return ""
    passed = sum(row["verdict"] == "PASS" for row in rows)
    if passed == len(rows):
        every = "is" if passed == 1 else "are all"
        return f"{plural(passed, 'exponent')} asserted in tests {every} as claimed."
    return f"{number(passed)} of {plural(len(rows), 'exponent')} asserted in tests are as claimed."


def _alone(summary: Mapping[str, int]) -> str:
    if summary["fail"]:
        return "contradicts the theorem"
    return "is undecided" if summary["inconclusive"] else "could not be run"


def _list(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


OUTCOMES = {"KILLED": "killed", "SURVIVED": "survived", "UNDECIDED": "undecided",
            "ERROR": "in error"}  # fmt: skip
AS_VERDICT = {"SURVIVED": "FAIL", "UNDECIDED": "INCONCLUSIVE", "ERROR": "ERROR"}


def _falsifiers(summary: Mapping[str, int]) -> str:
    killed, count = summary["killed"], summary["falsifiers"]
    if not count:
        return "No falsifier was run."
    if count == 1:
        return "The one falsifier is killed." if killed else "The one falsifier is not killed."
    if killed < count:
        be = "is" if killed == 1 else "are"
        return f"{number(killed)} of {plural(count, 'falsifier')} {be} killed."
    return f"All {number(count)} falsifiers are killed."


def _errors(document: Document) -> str:
    count = len(document["errors"])
    return f" {plural(count, 'claim file')} did not load." if count else ""


def interval_name(document: Document) -> str:
    """How the intervals of a document are called, with their level."""
    return f"{number(100 * (1 - float(document['alpha'])))} % interval"


def promise(document: Document) -> str:
    """What holds of each verdict, with what is known not to keep it (`ratecheck calibrate`)."""
    each = number(100 * float(document["alpha"]))
    return (
        f"A verdict is false with a probability of at most {each} %, but where large corrections "
        "to a rate alternate in sign, as in 1/(1 + 2 n^(-1/2)), and in the other cells that "
        "ratecheck calibrate names with a reason."
    )


def honesty(document: Document) -> str:
    """What the promised error rate allows over all the checks of the run."""
    summary, alpha = document["summary"], float(document["alpha"])
    family = summary.get("family")
    decided = sum(summary[verdict.lower()] for verdict in VERDICTS) - summary["error"]
    if family:  # exact data have no sampling noise, and a verdict on them no error rate
        decided = family["judged"]
    if not decided:
        return promise(document)
    expected = number(decided * alpha, 2)
    some = 1 - (1 - alpha) ** decided
    return (
        f"{promise(document)} Over the "
        f"{plural(decided, 'check')} of sampled data judged here this allows {expected} false "
        f"verdicts on average, "
        f"and a chance of up to {number(100 * some, 2)} % that there is at least one (were the "
        f"checks independent). A lone FAIL or a lone surprise is a reason to repeat that claim "
        f"with another seed, not yet a discovery.{holm(document)}"
    )


def holm(document: Document) -> str:
    """Which verdicts stand when the whole run may hold no false one but with probability alpha."""
    family = document["summary"].get("family")
    if not family or not family["decided"]:
        return ""
    decided, stand = family["decided"], family["stand"]
    rate = f"{number(100 * float(document['alpha']))} %"
    if stand == decided:
        which = "the one decided verdict stands" if decided == 1 else (
            f"all {number(decided)} decided verdicts stand"
        )  # fmt: skip
    else:
        stands = "stands" if stand == 1 else "stand"
        which = f"{number(stand)} of {plural(decided, 'decided verdict')} {stands}"
    return (
        f" If the chance of any false verdict over the {plural(family['judged'], 'check')} with "
        f"random data is to be at most {rate} (Holm's adjustment), {which}."
    )


def phrase_of(check: Mapping[str, Any]) -> Phrase:
    """What a check of a document says of its quantities: as it tells, else as its kind does.

    Documents of before kinds had their words in them do not tell.
    """
    told = check.get("phrase")
    if told:
        return Phrase(**{name: told[name] for name in _PHRASE if name in told})
    kind = KINDS.get(check["kind"])
    if kind is None:
        return Phrase(check["kind"])
    return _BOUNDED if check.get("bound") else kind.said


_PHRASE = tuple(field.name for field in fields(Phrase))
_BOUNDED = Phrase("decays at least like")  # no other kind was bounded then


def relation(check: Mapping[str, Any]) -> tuple[str, str, str]:
    """What a check claims: its subject, the words before the formula, and those after it."""
    said, names = phrase_of(check), check.get("quantities") or [check["quantity"]]
    subject, before, after = (
        said.filled(text, names, symbol(check["axis"]))
        for text in (said.subject, said.before, said.after)
    )
    return subject, before, after


def label(check: Mapping[str, Any]) -> str:
    """A check's name as words: only the dashes of a name made by the library are its own."""
    name = str(check.get("label") or check["quantity"])
    return words.spaced(
        name.replace("-", " ") if name.startswith(f"{check['quantity']}-") else name
    )


def prose(text: str) -> str:
    """A sentence of the engine with real minus signs and infinities.

    Only numbers change: the ends of intervals, and what follows a minus sign or a blank. Names and
    ids stay as they are typed, such as a claim called ``inf`` or the case ``c=-1``.
    """
    text = re.sub(r"(?<![\w.)\]=])-(?=[\d.]|inf\b)", "−", text)
    return re.sub(r"(?<=−)inf\b|(?<=, )inf(?=[)\]])|(?<=[Rr]atio )inf(?= [\[(])", "∞", text)


def paragraphs(text: str) -> Iterator[list[tuple[str, bool]]]:
    """A docstring's paragraphs, each as pieces with a mark whether they are code."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        line = " ".join(paragraph.split())
        if line:
            pieces = re.split(r"``(.+?)``|`(.+?)`", line)
            yield [(piece, index % 3 != 0) for index, piece in enumerate(pieces) if piece]
