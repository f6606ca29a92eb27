"""Is everything that may be wrong with a value said in words of our own?"""

from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import BaseModel, ByteSize, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from pydantic_core.core_schema import ErrorType

from lookalike.invalid import FAULTS, fault_of, place_of


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: Literal["cat"]
    lives: int = Field(9, ge=1, le=9)


@dataclass(config=ConfigDict(extra="forbid"))
class Tail:
    length: int


class Dog(BaseModel):
    kind: Literal["dog"]


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


def wrong(kind: Any, value: object) -> list[tuple[str, str]]:
    """Where and what is wrong with a value."""
    with pytest.raises(ValidationError) as refusal:
        TypeAdapter(kind).validate_python(value)
    return [(".".join(map(str, place_of(one))), fault_of(one)) for one in refusal.value.errors()]


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (int, "a", "must be a whole number"),
        (int, 1.5, "must be a whole number"),
        (Annotated[float, Field(gt=0)], 0, "must be more than 0.0"),
        (Annotated[float, Field(allow_inf_nan=False)], float("inf"), "must be a finite number"),
        (bool, "maybe", "must be true or false"),
        (str, 7, "must be text"),
        (Annotated[str, Field(max_length=3)], "long", "must have 3 characters or fewer"),
        (Annotated[str, Field(pattern="^[a-z]$")], "7", "must have the form ^[a-z]$"),
        (Annotated[list[int], Field(min_length=1)], [], "must hold 1 or more"),
        (tuple[int, int], (1, 2, 3), "must hold 2 or fewer"),
        (Colour, "green", "must be 'red' or 'blue'"),
        (Literal["a", "b"], "c", "must be 'a' or 'b'"),
        (ByteSize, "much", "must be a size, such as 20MB or 1GiB"),
        (Cat, [], "must be an object"),
    ],
)
def test_what_is_wrong_is_said_in_our_words(kind, value, says):
    assert wrong(kind, value) == [("", says)]


def test_it_is_said_of_which_part():
    assert wrong(list[Cat], [{"kind": "cat", "lives": 12, "tail": 1}, {}]) == [
        ("0.lives", "must be 9 or less"),
        ("0.tail", "is not known here"),
        ("1.kind", "is missing"),
    ]


def test_it_is_said_of_which_field_of_a_dataclass():
    assert wrong(Tail, {"colour": "red"}) == [("length", "is missing"), ("colour", "is not known here")]


def test_what_does_not_tell_its_kind_lacks_that():
    assert wrong(list[Pet], [{}, {"kind": "cow"}]) == [
        ("0.kind", "is missing"),
        ("1.kind", "must be one of 'cat', 'dog'"),
    ]


def test_a_fault_that_nobody_thought_of_is_told_all_the_same():
    assert wrong(complex, "x")[0][1].startswith("cannot be taken: ")


def test_there_are_such_faults():
    assert FAULTS.keys() - {"byte_size", "byte_size_unit"} <= set(get_args(ErrorType))
