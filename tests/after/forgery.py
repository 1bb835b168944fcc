"""Forging a results document: every single value of it, in turn."""

from __future__ import annotations

import copy


def leaves(value, way=()):
    """The place of every single value in a document (and of every empty container)."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, (*way, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, (*way, index))
    else:
        yield way


def forged_value(value):
    """Another value of the same kind, close to the true one."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value * (1 + 1e-9) + (value == 0) * 1e-300
    if isinstance(value, str):
        swap = {"PASS": "FAIL", "FAIL": "PASS", "INCONCLUSIVE": "PASS", "ERROR": "PASS",
                "KILLED": "SURVIVED", "SURVIVED": "KILLED", "quick": "standard",
                "log-log": "semi-log", "equal": "at most", "errors": "signed"}  # fmt: skip
        return swap.get(value, value + "x")
    if value is None:
        return 1
    return [1] if isinstance(value, list) else {"x": 1}


def forged(whole, way, other=forged_value):
    changed = copy.deepcopy(whole)
    place = changed
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = other(place[way[-1]])
    return changed


def far(value):
    """Another value of the same kind, far beyond any noise."""
    if isinstance(value, bool | str):
        return forged_value(value)
    return 3 * value + 1_000_000 if isinstance(value, int | float) else forged_value(value)


def shown(way):
    return ".".join(map(str, way))


# What follows from nothing that a stranger has: only the seals protect it.
UNDERIVABLE = ("notes", "provenance", "fixed")
CLOCK = "seconds"
SETTINGS = ("effort", "seed", "alpha")


def all_leaves(whole):
    return [way for way in leaves(whole) if way[:2] != ("certificate", "seals")]
