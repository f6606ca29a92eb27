"""What is wrong with a value that somebody gave? Said in our words, by the kind of fault that Pydantic finds."""

from collections.abc import Mapping

_TEXT, _WHOLE, _NUMBER, _FLAG = "must be text", "must be a whole number", "must be a number", "must be true or false"
_LIST, _OBJECT = "must be a list", "must be an object"
_SIZE = "must be a size, such as 20MB or 1GiB"

FAULTS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "unexpected_keyword_argument": "is not known here",
    "union_tag_not_found": "is missing",
    "union_tag_invalid": "must be one of {expected_tags}",
    "enum": "must be {expected}",
    "literal_error": "must be {expected}",
    "string_type": _TEXT,
    "string_unicode": "must be text in UTF-8",
    "string_too_short": "must have {min_length} or more characters",
    "string_too_long": "must have {max_length} characters or fewer",
    "string_pattern_mismatch": "must have the form {pattern}",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": "has too many digits",
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "must be a finite number",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be {le} or less",
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "byte_size": _SIZE,
    "byte_size_unit": _SIZE,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "too_short": "must hold {min_length} or more",
    "too_long": "must hold {max_length} or fewer",
    "dict_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "json_invalid": "is no JSON ({error})",
    "value_error": "{error}",
}
"""Kind of fault → what to say behind the name of a value; in the gaps stands what Pydantic knows of it.

Source: https://docs.pydantic.dev/latest/errors/validation_errors/
"""


def fault_of(error: Mapping[str, object]) -> str:
    """Say what is wrong with a value, as goes on from its name: `must be a number`."""
    said, context = FAULTS.get(str(error["type"])), error.get("ctx")
    if said is None:
        return f"cannot be taken: {error['msg']}"
    return said.format_map(context) if isinstance(context, Mapping) else said


def place_of(error: Mapping[str, object]) -> tuple[object, ...]:
    """Give the names and numbers that lead to the value: none for the whole, and all to the one that tells its kind."""
    place, context = error["loc"], error.get("ctx")
    assert isinstance(place, tuple)  # noqa: S101 - so Pydantic has it
    kind = context.get("discriminator") if isinstance(context, Mapping) else None
    return (*place, kind.strip("'")) if isinstance(kind, str) else place
