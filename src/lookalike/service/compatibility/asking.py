"""What do programs written for other services send? JSON whatever they call it, or forms; more fields do no harm."""

from typing import Annotated, Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from lookalike.errors import BadInput, TooLarge
from lookalike.search import Query, parse_data_uri
from lookalike.search.words import MAX_CHARACTERS, plain_words
from lookalike.service.asking.forms import read_form
from lookalike.service.asking.invalid import telling_invalid
from lookalike.service.asking.reading import kind_of, read_large
from lookalike.service.asking.room import Share
from lookalike.service.parts import ServiceLimits
from lookalike.service.schemas.plain import Whole
from lookalike.uris import is_web

MAX_ROWS = 1_000
"""Answers behind which nothing is given: whoever wants more pages by cursor, through /v1/search."""


class Foreign(BaseModel):
    """What comes from a program that knows another service."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


Page = Annotated[Whole, Field(ge=0, le=MAX_ROWS, description="From 1; 0 means the first, too.", examples=[1])]
Rows = Annotated[Whole, Field(ge=1, le=200, description="Answers a page.", examples=[20])]


class TextSearch(Foreign):
    """Wants pictures that words mean."""

    phrase: str = Field(
        min_length=1,
        max_length=MAX_CHARACTERS,
        description="Words; none of them has a special meaning.",
        examples=["dog in the snow"],
    )
    page: Page = 1
    rowsPerPage: Rows = 20  # noqa: N815 - so it is called there


class ImageSearch(Foreign):
    """Wants pictures like another."""

    image: str = Field(
        min_length=1, description="A URL, base64, or a data-URI.", examples=["https://example.org/a.jpg"]
    )
    page: Page = 1
    rowsPerPage: Rows = 20  # noqa: N815 - so it is called there


class QueryImage(Foreign):
    """A picture under the name query_img."""

    query_img: str = Field(
        "", description="The picture's file as base64, where it does not come as a file.", examples=["/9j/4AAQ…"]
    )


class SimilarImages(Foreign):
    """How many pictures like the one in the form are wanted."""

    number_of_images: Whole = Field(5, ge=1, le=100, examples=[5])


Read = TypeVar("Read", bound=Foreign)


async def read_foreign(
    request: Request, model: type[Read], limits: ServiceLimits, share: Share
) -> tuple[Read, bytes | None]:
    """Read JSON under any content type, or a form; gives the one file of a form, too.

    Raises:
        BadInput, TooLarge, Overloaded, RequestValidationError: it is broken, too long, or a field is wrong.
    """
    if kind_of(request) != "multipart/form-data":
        return await read_large(request, model, limits, share, any_kind=True), None
    form = await read_form(request, limits, share, fix="Send one picture.")
    with telling_invalid():
        return model.model_validate(form.fields), form.file


def picture_query(text: str, file: bytes | None, max_bytes: int) -> Query:
    """Make a query of a file, else of a URL or base64.

    Raises:
        BadInput: there is neither.
        TooLarge: it has more than `max_bytes`.
    """
    if file is None and is_web(text):
        return Query(url=text)
    if file is None and not text:
        raise BadInput("There is no picture.", "Send it as a file, or as base64.")
    data = parse_data_uri(text) if file is None else file
    if len(data) > max_bytes:
        raise TooLarge(f"The picture is larger than {max_bytes:,} bytes.", "Scale it down first.")
    return Query(data=data)


def words_query(text: str) -> Query:
    """Make a query of plain words.

    Raises:
        BadInput: there is no word among them.
    """
    words = plain_words(text)
    if not words.wanted:
        raise BadInput(f"There is no word in {text[:100]!r}.", "Write what the pictures show.")
    return Query(text=str(words))


def describe_foreign(model: type[Foreign], file_field: str = "", *, json: bool = True) -> dict[str, Any]:
    """Describe for OpenAPI what `read_foreign` takes."""
    fields = model.model_json_schema(ref_template="#/components/schemas/{model}")["properties"]
    content: dict[str, Any] = {}
    if json:
        content["application/json"] = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    if file_field:
        file = {"type": "string", "format": "binary", "description": "The picture's file."}
        form = {"type": "object", "properties": fields | {file_field: file}, "required": [file_field]}
        content["multipart/form-data"] = {"schema": form}
    return {"requestBody": {"required": True, "content": content}}
