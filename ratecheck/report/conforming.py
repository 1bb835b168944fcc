"""Whether documents conform to the schema: one library tells it quickly, another has the words."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError
    from jsonschema_rs import Validator


@cache
def schema() -> dict[str, Any]:
    """The JSON schema of the document."""
    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _validator() -> Validator:
    import jsonschema_rs

    return jsonschema_rs.validator_for(schema())


def conforms(results: object) -> bool:
    """Whether a document surely conforms: the quick answer, without a word on what is wrong."""
    try:
        return bool(_validator().is_valid(results))
    except (ValueError, RecursionError):  # values or keys that no JSON has
        return False


def worst(results: object) -> ValidationError | None:
    """What jsonschema finds most wrong with a document, if anything."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error: ValidationError | None = best_match(Draft202012Validator(schema()).iter_errors(results))
    return error
