"""A JSON schema as plain functions, for values that conform to it.

They answer yes only where a value surely conforms. What they are not sure of, such as a value of a
foreign type or a keyword that is unknown here, is for jsonschema to decide; it has the last word,
and the words for what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from math import inf
from typing import Any

_Test = Callable[[Any], bool]
_Table = dict[type, _Test | None]  # what is sure by type: after a test, or (None) as it is
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "number": (int, float),
    "integer": (int,), "boolean": (bool,), "null": (type(None),),
}  # fmt: skip
_ALL = [kind for kinds in _TYPES.values() for kind in kinds]
_TOLD = {"$schema", "$id", "$defs", "title", "description"}


def surely(schema: Mapping[str, Any]) -> _Test:
    """Whether a value surely conforms to a schema: a function that tells it.

    Parameters
    ----------
    schema : mapping
        Of the draft 2020-12; references lead to its own ``$defs``.
    """
    known: dict[str, _Table] = {f"#/$defs/{name}": {} for name in schema.get("$defs", {})}
    for name, part in schema.get("$defs", {}).items():
        known[f"#/$defs/{name}"].update(_table(part, known))
    whole = _table(schema, known)
    return lambda value: _holds(whole, value)


def _never(_: Any) -> bool:
    return False


def _holds(table: _Table, value: Any) -> bool:
    test = table.get(type(value), _never)
    return test is None or test(value)


def _table(schema: Any, known: Mapping[str, _Table]) -> _Table:
    """What is sure of a value by its type under a schema; nothing where a keyword is unknown."""
    if not isinstance(schema, Mapping):
        return dict.fromkeys(_ALL) if schema is True else {}
    words = {word: told for word, told in schema.items() if word not in _TOLD}
    if "$ref" in words:
        return known.get(words["$ref"], {}) if len(words) == 1 else {}
    named = words.pop("type", list(_TYPES))
    names = [named] if isinstance(named, str) else named
    table: _Table = dict.fromkeys(kind for name in names for kind in _TYPES[name])
    if "const" in words:
        words["enum"] = [words.pop("const")]
    if "enum" in words:
        table = {kind: None for kind in table if kind is str}
    unknown = set(words)
    for kind, (understood, make) in _MAKERS.items():
        unknown -= understood
        if kind in table and words.keys() & understood:
            table[kind] = make(words, known)
    return {} if unknown else table


def _object(words: Mapping[str, Any], known: Mapping[str, _Table]) -> _Test:
    required = frozenset(words.get("required", ()))
    parts = {name: _table(part, known) for name, part in words.get("properties", {}).items()}
    others = _table(words.get("additionalProperties", True), known)
    free = "additionalProperties" not in words

    def test(value: dict[Any, Any]) -> bool:
        if any(name not in value for name in required):
            return False
        for name, one in value.items():
            table = parts.get(name)
            if table is None:
                if free:
                    continue
                table = others
            inner = table.get(type(one), _never)
            if inner is not None and not inner(one):
                return False
        return True

    return test


def _array(words: Mapping[str, Any], known: Mapping[str, _Table]) -> _Test:
    first = [_table(part, known) for part in words.get("prefixItems", ())]
    rest = _table(words.get("items", True), known)
    fewest: int = words.get("minItems", 0)

    def test(value: list[Any]) -> bool:
        tables = [*first, *[rest] * (len(value) - len(first))]
        for table, one in zip(tables, value, strict=False):
            inner = table.get(type(one), _never)
            if inner is not None and not inner(one):
                return False
        return len(value) >= fewest

    return test


def _text(words: Mapping[str, Any], _: Mapping[str, _Table]) -> _Test:
    shortest, pattern = words.get("minLength", 0), re.compile(words.get("pattern", ""))
    texts: list[Any] | None = words.get("enum")

    def test(value: str) -> bool:
        if len(value) < shortest or (texts is not None and value not in texts):
            return False
        return pattern.search(value) is not None

    return test


def _number(words: Mapping[str, Any], _: Mapping[str, _Table]) -> _Test:
    low, above = words.get("minimum", -inf), words.get("exclusiveMinimum", -inf)
    below = words.get("exclusiveMaximum", inf)
    return lambda value: bool(low <= value and above < value < below)


_MAKERS: Mapping[type, tuple[frozenset[str], Callable[..., _Test]]] = {
    dict: (frozenset({"required", "properties", "additionalProperties"}), _object),
    list: (frozenset({"prefixItems", "items", "minItems"}), _array),
    str: (frozenset({"minLength", "pattern", "enum"}), _text),
    int: (frozenset({"minimum", "exclusiveMinimum", "exclusiveMaximum"}), _number),
    float: (frozenset({"minimum", "exclusiveMinimum", "exclusiveMaximum"}), _number),
}
