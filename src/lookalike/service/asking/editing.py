"""How does a person's change of a picture's words come in over HTTP? As a JSON merge patch (RFC 7396)."""

from typing import Annotated, Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from lookalike.describing import MAX_LENGTHS, MAX_TAG_LENGTH, MAX_TAGS, Edit
from lookalike.service.asking.bodies import stream_body
from lookalike.service.asking.invalid import parse_json, telling_invalid
from lookalike.service.asking.reading import kind_of
from lookalike.service.parts import ServiceLimits

_MAX_BYTES = 500_000
_KINDS = ("application/merge-patch+json", "application/json")

Tag = Annotated[str, Field(min_length=1, max_length=MAX_TAG_LENGTH)]


class Words(BaseModel):
    """What a person writes about a picture. A field that is left out stays; null or empty gives it back to sources."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    title: str | None = Field("", max_length=MAX_LENGTHS["title"], description="What it is called.")
    caption: str | None = Field(
        "",
        max_length=MAX_LENGTHS["caption"],
        description="What it shows. Empty lets a captioner write again.",
        examples=["Grandma on the beach"],
    )
    tags: list[Tag] | None = Field([], max_length=MAX_TAGS, description="All its tags.", examples=[["family", "beach"]])
    add_tags: list[Tag] = Field([], max_length=MAX_TAGS, description="Tags more, rather than all of them.")
    remove_tags: list[Tag] = Field(
        [], max_length=MAX_TAGS, description="Tags less, in any case; also of what was recognised."
    )
    label: str | None = Field("", max_length=MAX_LENGTHS["label"], description="What kind it is of.")
    owner: str | None = Field("", max_length=MAX_LENGTHS["owner"], description="Whose it is.")
    link: str | None = Field(
        "", max_length=MAX_LENGTHS["link"], description="The web page that it belongs to: https://… or http://…"
    )
    metadata: dict[str, Any] = Field(
        {}, description="Entries to change; null takes one out.", examples=[{"camera": "X100", "stars": None}]
    )

    def edit(self) -> Edit:
        """Make the edit; what was not sent stays.

        Raises:
            BadInput: as `Edit` says.
        """
        sent: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        for name in ("tags", "add_tags", "remove_tags"):
            if name in sent:
                sent[name] = tuple(sent[name] or ())
        texts: dict[str, Any] = {name: "" if value is None else value for name, value in sent.items()}
        return Edit(**texts)


def describe_words() -> dict[str, Any]:
    """Describe for OpenAPI what `read_words` takes."""
    schema = {"schema": {"$ref": f"#/components/schemas/{Words.__name__}"}}
    return {"required": True, "content": dict.fromkeys(_KINDS, schema)}


async def read_words(request: Request, limits: ServiceLimits) -> Edit:
    """Read a change.

    Raises:
        BadInput, TooLarge, RequestValidationError: a field is wrong, or the body is.
        HTTPException: it is no JSON.
    """
    kind = kind_of(request)
    if kind not in _KINDS:
        raise HTTPException(415, f"A change comes as {' or '.join(_KINDS)}, not as {kind[:100]!r}.")
    body = b"".join([chunk async for chunk in stream_body(request, _MAX_BYTES, limits.max_silence_s)])
    with telling_invalid():
        return parse_json(Words, body).edit()
