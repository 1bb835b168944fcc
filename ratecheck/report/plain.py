"""Plain data: only what JSON knows and every computation can hold, and its text."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

from ratecheck.errors import kind_of

_UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")  # to a terminal, to a file
_LARGEST = 10**300


def plain(value: Any) -> Any:
    """Only what JSON knows: tuples as lists, dataclasses as objects, numbers as Python's own."""
    if isinstance(value, str):
        return str(value) if value.isprintable() else _UNSPEAKABLE.sub("\ufffd", value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, dict | Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Path):
        return str(value)
    return plain(value.item()) if hasattr(value, "item") else f"a {kind_of(value)}"


def odd_in(value: object) -> str | None:
    """What a schema lets through and no computation can hold, nor any file."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            if not one.isprintable() and _UNSPEAKABLE.search(one):
                return "a control character"
        elif isinstance(one, int):
            if abs(one) > _LARGEST:
                return "a whole number beyond all others"
        elif isinstance(one, list):
            left += one
        elif isinstance(one, dict):
            left += one
            left += one.values()
    return None


def lines(value: Any, line: str = "\n") -> str:
    """Plain data as JSON, each value on a line of its own: that of ``json.dumps(indent=1)``."""
    kind = type(value)
    if kind is float or kind is int:
        return repr(value)
    if value is None:
        return "null"
    if kind is str:
        return encode_basestring(value)
    if not value or kind not in (dict, list):
        return json.dumps(value)
    inner = line + " "
    if kind is list:
        return f"[{inner}{f',{inner}'.join([lines(one, inner) for one in value])}{line}]"
    pairs = [f"{encode_basestring(name)}: {lines(one, inner)}" for name, one in value.items()]
    return f"{{{inner}{f',{inner}'.join(pairs)}{line}}}"
