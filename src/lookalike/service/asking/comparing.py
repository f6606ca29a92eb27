"""How do two pictures come in that are to be compared? Each by image, url or id, as JSON or as a form."""

from dataclasses import replace
from typing import Any

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field

from lookalike.search import Query
from lookalike.service.asking.forms import read_form
from lookalike.service.asking.invalid import telling_invalid
from lookalike.service.asking.queries import Crop, Drawing, WholePicture, region_of
from lookalike.service.asking.reading import beside, kind_of, read_large
from lookalike.service.asking.room import Share
from lookalike.service.parts import ServiceLimits

_SIDES = ("first", "second")


class CompareRequest(BaseModel):
    """Two pictures."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    first: WholePicture = Field(WholePicture.model_validate({}), description="The one that counts as the query.")
    second: WholePicture = Field(WholePicture.model_validate({}), description="The other.")
    crop: Crop | None = Field(
        None,
        description="Take this region of the first only: x, y, width and height as fractions.",
        examples=[[0.25, 0.0, 0.5, 1.0]],
    )
    draw: Drawing = Field(Drawing.NONE, description="none for JSON; side_by_side or overlay for a JPEG.")

    def queries(self, files: dict[str, bytes], max_bytes: int) -> tuple[Query, Query]:
        """Make the queries; `files` holds the pictures that came as files, by `first` and `second`."""
        first = replace(self.first.query(files.get("first"), max_bytes), region=region_of(self.crop))
        return first, self.second.query(files.get("second"), max_bytes)


def describe_comparison() -> dict[str, Any]:
    """Describe for OpenAPI what `read_comparison` takes."""
    text = {"type": "string"}
    fields: dict[str, Any] = {
        side: {"type": "string", "format": "binary", "description": "The picture's file."} for side in _SIDES
    }
    for side in _SIDES:
        fields |= {f"{side}_url": {**text, "description": "Or where it is on the web."}}
        fields |= {f"{side}_id": {**text, "description": "Or its id in the gallery."}}
    fields |= {"crop": {**text, "description": "x,y,width,height of the first as fractions."}}
    fields |= {"draw": {**text, "enum": list(Drawing), "description": "none, side_by_side or overlay."}}
    return {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": f"#/components/schemas/{CompareRequest.__name__}"}},
            "multipart/form-data": {"schema": {"type": "object", "properties": fields}},
        },
    }


async def read_comparison(
    request: Request, limits: ServiceLimits, share: Share
) -> tuple[CompareRequest, tuple[Query, Query]]:
    """Read two pictures; raises as `read_query` does."""
    if kind_of(request) != "multipart/form-data":
        asked = await read_large(request, CompareRequest, limits, share, pictures=2)
        return asked, await _queries(asked, {}, limits)
    form = await read_form(request, limits, share, fix="Compare two pictures at a time.", max_files=len(_SIDES))
    with telling_invalid():
        asked = CompareRequest.model_validate(_nested(form.fields))
    return asked, await _queries(asked, {name: held.bytes() for name, held in form.files.items()}, limits)


async def _queries(asked: CompareRequest, files: dict[str, bytes], limits: ServiceLimits) -> tuple[Query, Query]:
    size = len(asked.first.image) + len(asked.second.image)
    return await beside(size, asked.queries, files, limits.max_upload_bytes)


def _nested(fields: dict[str, str]) -> dict[str, Any]:
    """Make of `first_url` what JSON says as `first.url`."""
    pictures: dict[str, Any] = {side: {} for side in _SIDES}
    others: dict[str, Any] = {}
    for name, text in fields.items():
        side, _, rest = name.partition("_")
        if side in _SIDES and rest:
            pictures[side][rest] = text
        else:
            others[name] = text
    return pictures | others
