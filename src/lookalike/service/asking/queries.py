"""What does a query say over HTTP? A picture by image, url or id, words, or both."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from lookalike.errors import BadInput, TooLarge
from lookalike.search import Mode, Query, parse_data_uri
from lookalike.search.words import MAX_CHARACTERS
from lookalike.service.schemas import MAX_CURSOR, MAX_LIMIT
from lookalike.service.schemas.plain import Real, Whole
from lookalike.types import Region


def _split_crop(crop: Any) -> Any:
    """Take `x,y,w,h`, as a form field says it, for a list."""
    return [part.strip() for part in crop.strip("[] ").split(",")] if isinstance(crop, str) else crop


Crop = Annotated[tuple[Real, Real, Real, Real], BeforeValidator(_split_crop)]


def region_of(crop: Crop | None) -> Region | None:
    """Give the region of a picture that a request names; None for the whole."""
    return Region(x=crop[0], y=crop[1], width=crop[2], height=crop[3]) if crop else None


_RAW = "The picture's bytes alone; the other fields come as parameters of the address."


class Drawing(StrEnum):
    """How to draw a query picture and one of the gallery."""

    NONE = "none"
    SIDE_BY_SIDE = "side_by_side"
    OVERLAY = "overlay"


class WholePicture(BaseModel):
    """A picture by exactly one of image, url and id."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    image: str = Field(
        "", description="The picture's file as base64 or as a data-URI.", examples=["data:image/jpeg;base64,/9j/4AAQ…"]
    )
    url: str = Field(
        "", max_length=8_000, description="Where the picture is on the web.", examples=["https://example.org/cat.jpg"]
    )
    id: str = Field("", max_length=64, description="A picture of the gallery.", examples=["kq3v5n2xwz7dymbt"])

    def query(self, image: bytes | None, max_bytes: int) -> Query:
        """Make the query; `image` is the picture where it came as a file.

        Raises:
            BadInput: not exactly one picture, or an impossible region.
            TooLarge: the picture has more than `max_bytes`.
        """
        data = parse_data_uri(self.image) if self.image else image
        given = [data is not None, bool(self.url), bool(self.id)].count(True)
        if given not in self._pictures():
            raise BadInput(self._needs(), "Leave out the others." if given else "Send one of them.")
        if data is not None and len(data) > max_bytes:
            raise TooLarge(f"The picture is larger than {max_bytes:,} bytes.", "Scale it down first.")
        return Query(data=data, url=self.url, id=self.id, **self._options())

    def _pictures(self) -> tuple[int, ...]:
        """Give how many pictures there may be."""
        return (1,)

    def _needs(self) -> str:
        return "A query needs exactly one of image, url and id."

    def _options(self) -> dict[str, Any]:
        """Give what else the query is made of."""
        return {}


class PictureRequest(WholePicture):
    """A picture by exactly one of image, url and id, or a region of it."""

    crop: Crop | None = Field(
        None,
        description="Take this region only: x, y, width and height as fractions of the upright picture.",
        examples=[[0.25, 0.0, 0.5, 1.0]],
    )

    def _options(self) -> dict[str, Any]:
        return {"region": region_of(self.crop)}


class SearchRequest(PictureRequest):
    """A query by text, or by one of image, url and id, or both."""

    text: str = Field(
        "",
        max_length=MAX_CHARACTERS,
        description='Words to search by: "quotes" hold a phrase together, -word leaves out, word:2 counts double, and '
        "terms like label:dog are a filter. In the modes caption and all they stand in for the words that describe "
        "the picture.",
        examples=['"on the beach" sunset:2 -people'],
    )
    mode: Mode = Field(
        "auto",
        description="What of the picture is searched with: picture, its looks; caption, only the words that describe "
        "it; all, both; auto, its looks, or with a text what both mean together.",
        examples=["auto"],
    )

    where: str = Field(
        "",
        max_length=10_000,
        description="Answer only from pictures that pass this filter.",
        examples=["label:dog taken:2019..2021 width>=1000 -tag:blurry"],
    )
    limit: Whole = Field(20, ge=1, le=MAX_LIMIT, description="How many hits to give.", examples=[20])
    cursor: str = Field(
        "", max_length=MAX_CURSOR, description="From the page before; send the same query with it.", examples=[""]
    )
    min_score: Real = Field(-1.0, description="Leave out hits with a lower score.", examples=[0.5])
    effort: Literal["", "fast", "normal", "thorough"] = Field(
        "",
        description="How long to look for edited copies: fast, normal or thorough; empty for the service's own.",
        examples=["thorough"],
    )

    def _options(self) -> dict[str, Any]:
        said = {"text": self.text, "mode": self.mode}
        return super()._options() | said | {"where": self.where, "min_score": self.min_score, "effort": self.effort}

    def _pictures(self) -> tuple[int, ...]:
        return (0, 1) if self.text else (1,)

    def _needs(self) -> str:
        return "A query needs a text, or exactly one of image, url and id."


class EvidenceRequest(PictureRequest):
    """A picture to compare with one of the gallery, by exactly one of image, url and id."""

    draw: Drawing = Field(
        Drawing.NONE,
        description="none for JSON; side_by_side or overlay for a JPEG that shows where the two agree.",
        examples=["side_by_side"],
    )


def describe_body(model: type[WholePicture]) -> dict[str, Any]:
    """Describe for OpenAPI what `read_query` takes."""
    fields = model.model_json_schema(ref_template="#/components/schemas/{model}")["properties"]
    as_form: dict[str, Any] = {
        "image": {"type": "string", "format": "binary", "description": "The picture's file."},
        "crop": {"type": "string", "description": "x,y,width,height as fractions.", "examples": ["0.25,0,0.5,1"]},
    }
    form = {name: as_form.get(name, schema) for name, schema in fields.items()}
    parameters = [
        {"name": name, "in": "query", "schema": schema, "description": f"As in the body. {schema['description']}"}
        for name, schema in form.items()
        if name != "image"
    ]
    content = {
        "application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}},
        "multipart/form-data": {"schema": {"type": "object", "properties": form}},
        "image/*": {"schema": {"type": "string", "format": "binary", "description": _RAW}},
    }
    return {"requestBody": {"required": True, "content": content}, "parameters": parameters}
