"""The document of a run (results.json): built from results, validated, written and read.

Its fields are described by ``schema.json`` beside this file. The page, the summary and the
comparison are made from the document alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from ratecheck.claim import expressions, ranges
from ratecheck.errors import RatecheckError, RequestError
from ratecheck.inference import family
from ratecheck.report.conforming import conforms, worst
from ratecheck.report.files import write_text
from ratecheck.report.plain import lines, odd_in, plain
from ratecheck.words import Phrase

if TYPE_CHECKING:
    from ratecheck.claim.catalogue import Entry
    from ratecheck.claim.experiment import Experiment
    from ratecheck.engine.plan import Item, Override, Settings
    from ratecheck.engine.results import CheckResult, FalsifierResult
    from ratecheck.judge.verdict import Kill, Verdict

Document = dict[str, Any]
SCHEMA, RESULTS = "ratecheck/results/1", "results.json"
UNCHECKED = {
    "anywhere": [
        "notes",
        "fixed",
        "provenance",
        "seconds of checks and falsifiers",
        "certificate.asked",
    ],
    "on another machine": [
        "certificate.series.digests",
        "certificate.series.fingerprint",
        "intervals of looks before the last",
        "looks that a run elsewhere did not take",
        "warnings of tails of random data, more than here",
    ],
}  # what only a seal protects: nobody can derive it again


def document(
    entries: Iterable[Entry],
    failures: Iterable[tuple[Path, RatecheckError]],
    results: Sequence[CheckResult | FalsifierResult],
    settings: Settings,
    provenance: Mapping[str, Any],
    notes: Sequence[str] = (),
    *,
    override: Override | None = None,
    certificate: Mapping[str, Any] | None = None,
    asserted: Sequence[Mapping[str, Any]] = (),
) -> Document:
    """The results of a run as plain data, ready for JSON.

    Parameters
    ----------
    entries : iterable of Entry
        The claims that were loaded; one without results is listed without checks.
    failures : iterable of (path, error)
        The claim files that did not load.
    results : sequence of CheckResult or FalsifierResult
        What was judged, in the order of the plan.
    settings : Settings
        Effort, seed, alpha and the way of sampling.
    provenance : mapping
        From `ratecheck.provenance.provenance`.
    notes : sequence of str
        What happened on the way.
    override : Override, optional
        What was asked for in place of what the claim files list.
    certificate : mapping, optional
        From `Run.certificate`: what `ratecheck audit` needs. Seals of the document are added.

    asserted : sequence of mapping
        Checks of numbers that tests had themselves.

    Notes
    -----
    NaN and infinities become null: JSON has no word for them.
    """
    claims = [_claim(entry, results, settings) for entry in entries]
    whole = {
        "schema": SCHEMA,
        "effort": settings.effort,
        "seed": settings.seed,
        "alpha": settings.alpha,
        "fixed": settings.fixed,
        "override": _override(override),
        "provenance": dict(provenance),
        "summary": summary(claims, settings.alpha),
        "errors": [{"file": shown_path(path), "message": str(error)} for path, error in failures],
        "notes": list(notes),
        "claims": claims,
    }
    if asserted:
        whole["asserted"] = list(asserted)
    told: Document = plain(whole)
    if certificate is not None:
        told["certificate"] = plain(
            {"claims": [entry["id"] for entry in claims], **certificate, "unchecked": UNCHECKED}
        )
        told["certificate"]["seals"] = seals(told)
    return told


def summary(claims: Sequence[dict[str, Any]], alpha: float) -> dict[str, Any]:
    """Counts over the rows of claims, and what stands; marks every check with ``stands``."""
    checks = [check for claim in claims for check in claim["checks"]]
    verdicts = [check["verdict"] for check in checks]
    outcomes = [falsifier["outcome"] for claim in claims for falsifier in claim["falsifiers"]]
    return {
        **{
            verdict.lower(): verdicts.count(verdict)
            for verdict in ("PASS", "FAIL", "INCONCLUSIVE", "ERROR")
        },
        "killed": outcomes.count("KILLED"),
        "falsifiers": len(outcomes),
        "family": _family(checks, alpha),
    }


def seals(whole: Document) -> dict[str, str]:
    """A digest of every part of a document, so that an edited part can be named.

    Whoever edits a part can seal it anew; what follows from the numbers is caught then, too
    (`ratecheck.after.audit`), what nobody can derive (commit, clocks, notes) is not.
    """
    parts = {key: value for key, value in whole.items() if key not in _SEALED_BY_FIELD}
    parts |= {f"provenance.{key}": value for key, value in whole["provenance"].items()}
    parts |= {f"claims[{claim['id']}]": claim for claim in whole["claims"]}
    certificate = whole.get("certificate", {})
    parts |= {f"certificate.{key}": certificate[key] for key in certificate if key != "seals"}
    return {
        name: hashlib.sha256(
            json.dumps(part, sort_keys=True, separators=(",", ":")).encode()
        ).hexdigest()
        for name, part in parts.items()
    }


_SEALED_BY_FIELD = frozenset({"provenance", "claims", "certificate"})


def shown_path(path: Path) -> str:
    """A path as it may be published: from the current folder, else the name alone."""
    with contextlib.suppress(ValueError):
        return path.resolve().relative_to(Path.cwd()).as_posix()
    return path.name


def _override(override: Override | None) -> dict[str, Any] | None:
    if not override:
        return None
    return {
        "case": None if override.case is None else dict(override.case),
        "points": dict(override.points),
        "margin": override.margin,
        "constants": dict(override.constants),
        "experiments": list(override.experiments),
        "items": list(override.items),
        "words": list(override.words),
    }


def _family(checks: Sequence[dict[str, Any]], alpha: float) -> dict[str, Any]:
    """What the error rates allow over all checks whose data are random, and what Holm leaves.

    Marks every check with ``stands``: None where nothing is random or nothing is decided.
    """
    random = [check for check in checks if check["random"] and check["verdict"] != "ERROR"]
    stands = family.holm([check["attained"] for check in random], alpha)
    for check in checks:
        check["stands"] = None
    for check, holds in zip(random, stands, strict=True):
        if check["attained"] is not None:
            check["stands"] = holds
    return {
        "judged": len(random),
        "decided": sum(check["attained"] is not None for check in random),
        "allowed": family.allowed(len(random), alpha),
        "stand": sum(stands),
    }


def row_of(result: CheckResult | FalsifierResult) -> dict[str, Any]:
    """The row of a check or a falsifier, ready for JSON."""
    is_check = hasattr(result, "verdict")
    row = _check(cast("CheckResult", result)) if is_check else _falsifier(cast("Any", result))
    told: dict[str, Any] = plain(row)
    return told


def _claim(
    entry: Entry, results: Sequence[CheckResult | FalsifierResult], settings: Settings
) -> dict[str, Any]:
    claim = entry.claim
    mine = [result for result in results if result.item.entry.id == entry.id]
    replay = f"ratecheck check {entry.id} --effort {settings.effort} --seed {settings.seed}"
    return {
        "id": entry.id,
        "chapter": entry.chapter,
        "title": claim.title,
        "source": claim.source,
        "statement": claim.statement,
        "symbols": claim.symbols,
        "not_shown": claim.not_shown,
        "free": claim.free,
        "history": claim.history,
        "file": shown_path(entry.path),
        "source_digest": entry.source_digest,
        "experiments": [_experiment(one, replay) for one in claim.experiments.values()],
        "checks": [_check(cast("CheckResult", one)) for one in mine if hasattr(one, "verdict")],
        "falsifiers": [
            _falsifier(cast("FalsifierResult", one)) for one in mine if hasattr(one, "kill")
        ],
    }


def _experiment(experiment: Experiment, replay: str) -> dict[str, Any]:
    return {
        "name": experiment.name,
        "about": experiment.about,
        "axes": [axis.name for axis in experiment.axes],
        "constants": experiment.free,
        "ranges": {name: ranges.shown(one) for name, one in experiment.ranges.items()},
        "real": experiment.real,
        "proxied": experiment.proxied,
        "form": experiment.form.name,
        "cost": None if experiment.cost is None else experiment.cost.text,
        "replay": replay,
    }


def _check(result: CheckResult) -> dict[str, Any]:
    item, check = result.item, result.item.check
    verdict = _row(result.verdict)
    verdict["verdict"] = verdict.pop("outcome")
    return {
        "id": item.id,
        "experiment": item.experiment.name,
        "label": check.label,
        "case": item.case,
        "axis": item.axis.name,
        "inverse": item.question.inverse,
        "quantity": check.quantity,
        "quantities": check.quantities,
        "kind": check.kind,
        "phrase": _phrase(check.phrase),
        "noun": check.coordinates.noun,
        "relation": check.relation,
        "bound": check.side != check.relation,
        "scale": check.coordinates.name,
        "formula": check.formula,
        "params": item.params,
        "unmoved": expressions.unmoved(item.experiment, check),
        "random": item.experiment.form.noisy,
        **verdict,
        "replicates": result.replicates,
        "seconds": result.seconds,
    }


def _row(answer: Verdict | Kill) -> dict[str, Any]:
    """The fields of an answer; what is within them is written by `plain`."""
    return {one.name: getattr(answer, one.name) for one in fields(answer)}


def _phrase(phrase: Phrase) -> dict[str, Any]:
    """What is not said by default."""
    usual = asdict(Phrase(""))
    return {name: text for name, text in asdict(phrase).items() if text != usual[name]}


def _falsifier(result: FalsifierResult) -> dict[str, Any]:
    item, kill = result.item, _row(result.kill)
    outcome = kill["outcome"]
    return {
        "id": item.id,
        "name": item.falsifier.name,
        "experiment": item.experiment.name,
        "case": item.case,
        "axis": item.axis.name,
        "kills": _killed_check(item),
        "killed": None if outcome == "ERROR" else outcome == "KILLED",
        "quantity": item.falsifier.quantity,
        "set": {**item.falsifier.told, **item.falsifier.nature},
        "told": item.falsifier.told,
        "nature": item.falsifier.nature,
        **kill,
        "replicates": result.replicates,
        "seconds": result.seconds,
    }


def _killed_check(item: Item) -> str:
    """The id of a falsifier's check: its own with the check's label in place of its name."""
    prefix = f"{item.entry.id}/{item.experiment.name}/"
    tail = item.id[item.id.index("[", len(prefix)) :]
    return f"{prefix}{item.check.label}{tail}"


# -- validation -----------------------------------------------------------------------------------


def validate(results: object, name: str = "the results document") -> None:
    """Check a document against the schema.

    Raises
    ------
    RequestError
        If it does not conform: one sentence that names the field.
    """
    error = None if conforms(results) else worst(results)
    if error is None:
        odd = odd_in(results)
        if odd is not None:
            raise RequestError(
                f"{name}: holds {odd}; the file was altered or damaged, so write it anew with "
                "ratecheck check --report"
            )
        return
    if not isinstance(results, dict) or results.get("schema") != SCHEMA:
        raise RequestError(
            f"{name} is no results document of this version of ratecheck (its schema is not "
            f"'{SCHEMA}'); write it anew with ratecheck check --report"
        )
    place = error.json_path.removeprefix("$").removeprefix(".") or "the document"
    problem = " ".join(error.message.split())
    if len(problem) > 160:
        problem = f"{problem[:120]} … {problem[-30:]}"
    raise RequestError(
        f"{name}: {place}: {problem}; the file was altered or damaged, so write it anew with "
        "ratecheck check --report"
    )


# -- files ----------------------------------------------------------------------------------------


def write_json(results: Document, path: Path | str) -> Path:
    """Write a document as JSON, whole or not at all.

    Raises
    ------
    RequestError
        If it does not conform to the schema, or the place cannot be written to.
    """
    return write_plain(plain(results), path)


def write_plain(told: Document, path: Path | str) -> Path:
    """As `write_json`, of what is plain already."""
    validate(told, str(path))
    return write_text(lines(told) + "\n", path)


def file_of(path: Path | str) -> Path:
    """The results that a path names: of a folder those in it, as ``--report`` writes them."""
    path = Path(path)
    return path / RESULTS if path.is_dir() else path


def read_json(path: Path | str) -> Document:
    """Read a document, or the results.json in a folder, and validate it.

    Raises
    ------
    RequestError
        If the file is absent, unreadable, damaged or something else.
    """
    path = file_of(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise RequestError(f"{path} is not a text file; name the results.json of a run") from None
    except OSError as error:
        cause = (error.strerror or type(error).__name__).lower()
        raise RequestError(
            f"{path} cannot be read ({cause}); name the results.json of a run"
        ) from None
    try:
        results = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise RequestError(
            f"{path} is damaged or no JSON ({error}); write it anew with ratecheck check --report"
        ) from None
    validate(results, str(path))
    loaded: Document = results
    return loaded


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
