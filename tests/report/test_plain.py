"""Plain data as JSON, against the standard library."""

import json
import math
from dataclasses import dataclass

import numpy as np
import pytest

from ratecheck.report.plain import lines, odd_in, plain

from . import documents


@dataclass(frozen=True)
class _Pair:
    low: float
    names: tuple[str, ...]


@pytest.mark.parametrize(
    "value",
    [documents.varied(), {}, [], {"a": [], "b": {}}, [[1, [2.5, None]], True, False, -0.0, 1e300],
     {"\u00e9 \"quoted\"\n\\": "\u2028\t", "n": 10**40}, "text", None, 3],
)  # fmt: skip
def test_its_text_is_that_of_the_standard_library(value: object) -> None:
    assert lines(value) == json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False)


def test_what_is_plain() -> None:
    told = plain({1: _Pair(math.inf, ("a", "b\x1b")), "n": np.int64(3), "x": np.float32(0.5),
                  "yes": np.bool_(True), "text": np.str_("t"), "set": {2},
                  "odd": object})  # fmt: skip
    assert told == {"1": {"low": None, "names": ["a", "b\ufffd"]}, "n": 3, "x": 0.5,
                    "yes": True, "text": "t", "set": [2], "odd": told["odd"]}  # fmt: skip
    assert json.loads(lines(told)) == told
    assert odd_in(told) is None


@pytest.mark.parametrize("odd", ["\x00", 10**301, -(10**301), {"\x1b": 1}, [[{"a": "\r"}]]])
def test_what_no_file_can_hold_is_found(odd: object) -> None:
    assert odd_in({"a": [1, odd]})
