"""What conforms by the quick validator also does by jsonschema, which has the words."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator, validators

from ratecheck.errors import RequestError
from ratecheck.report import conforming, results

from . import documents

_ODD = (
    None, True, 0, -1, 1.5, -0.5, 1.0, "", "a", "A b!", "PASS", [], [1.0], [1.0, None],
    [None, 2, 3], ["a"], [{}], {}, {"a": 1}, {"a": "b"}, {"a": [1]}, {"a": None}, (1.0, 2.0),
)  # fmt: skip


def _small() -> dict[str, Any]:
    """A document of one claim with a check and a falsifier of it, and of two series."""
    whole = documents.varied()
    claim = whole["claims"][0]
    claim["checks"], claim["falsifiers"] = claim["checks"][:1], claim["falsifiers"][:1]
    whole["claims"] = [claim]
    series = whole.get("certificate", {}).get("series", [])
    del series[2:]
    return whole


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container inside with each of its keys."""
    keys = value if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def test_every_field_put_wrong_is_left_to_jsonschema() -> None:
    whole, luck = _small(), random.Random(5)
    arrays = Draft202012Validator.TYPE_CHECKER.redefine(  # a tuple is written as an array
        "array", lambda _, value: isinstance(value, list | tuple)
    )
    slow = validators.extend(Draft202012Validator, type_checker=arrays)
    sure, judge = conforming.conforms, slow(conforming.schema())
    assert sure(whole)
    counted = {True: 0, False: 0}
    for place, key in list(_places(whole)):
        before = place[key]
        for odd in luck.sample(_ODD, 2):
            place[key] = odd
            fine = sure(whole)
            counted[fine] += 1
            assert not fine or judge.is_valid(whole), (key, odd)
        if isinstance(place, dict):
            del place[key]
            assert not sure(whole) or judge.is_valid(whole), key
        place[key] = before
    assert min(counted.values()) > 100
    assert sure(whole)


@pytest.mark.parametrize("make", [documents.varied, documents.empty])
def test_a_document_that_conforms_is_not_looked_at_twice(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(results, "worst")
    results.validate(make())


@pytest.mark.parametrize("odd", [{1: 2}, b"bytes", object(), float("nan"), "\ud800", 10**400])
def test_what_no_json_has_is_a_sentence(odd: object) -> None:
    with pytest.raises(RequestError, match=r"notes|control character"):
        results.validate(documents.empty(notes=[odd]))
