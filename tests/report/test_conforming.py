"""What surely conforms also conforms by jsonschema, which decides on the rest."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ratecheck.report import results
from ratecheck.report.conforming import surely

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
    sure, judge = surely(results.schema()), Draft202012Validator(results.schema())
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
    monkeypatch.delattr(results, "_error")
    results.validate(make())


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ({"$ref": "#/$defs/tree", "$defs": {"tree": {
            "type": "object", "additionalProperties": {"$ref": "#/$defs/tree"}}}},
         {"a": {"b": {}}}, True),
        ({"type": "string", "format": "date"}, "no date", False),  # a keyword that is unknown
        ({"type": "number", "multipleOf": 2}, 3, False),
        ({"type": "number"}, True, False),
        ({"type": "integer"}, 1.0, False),  # it is one, but who is sure?
        ({"type": "boolean"}, 1, False),
        ({"const": 1}, 1, False),
        ({"$ref": "#/$defs/text", "minLength": 3, "$defs": {"text": {"type": "string"}}},
         "a", False),
        (True, object(), False),
        (False, 1, False),
        ({}, [object()], True),
        ({"type": "array", "prefixItems": [{"type": "number"}], "items": False}, [1], True),
        ({"type": "array", "prefixItems": [{"type": "number"}], "items": False}, [1, 2], False),
        ({"type": "string", "enum": ["a", "bc"], "minLength": 2}, "a", False),
        ({"exclusiveMinimum": 0}, "a text", True),
        ({"exclusiveMinimum": 0}, 0, False),
        ({"minimum": 0}, float("nan"), False),
    ],
)  # fmt: skip
def test_what_is_sure(schema: Any, value: Any, expected: bool) -> None:
    assert surely({"type": "array", "items": schema, **_defs(schema)})([value]) is expected


def _defs(schema: Any) -> dict[str, Any]:
    inner = copy.deepcopy(schema)
    return {"$defs": inner["$defs"]} if isinstance(inner, dict) and "$defs" in inner else {}
