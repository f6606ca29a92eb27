"""Which rows does the JSON of a known dataset hold?

- `custom_dataset.json`: `{"images": [{"imgurl": …, "description": …}]}`
- `dataset.json`, as Karpathy split Flickr8k, Flickr30k and COCO: `{"images": [{"filename": …, "sentences": [{"raw":
  …}]}]}`. Source: https://cs.stanford.edu/people/karpathy/deepimagesent/
- captions of COCO: `{"images": [{"id": …, "file_name": …}], "annotations": [{"image_id": …, "caption": …}]}`.
  Source: https://cocodataset.org/#format-data
- a list of objects, or an object that holds just one list of them.
"""

import json
from typing import Any, TextIO

from lookalike.errors import BadInput
from lookalike.sources.table.rows import BadRow, Row, Rows

_NOT_KEPT = ("sentences", "sentids", "filepath", "filename")
"""Of Karpathy's columns, what is in others."""
_MAX_CHARACTERS = 300_000_000
"""COCO has 91 MB; such a file is read as a whole."""
_MAX_PARTS = 15_000_000
"""Karpathy's COCO has 11.5 million, in 600 MB of memory. Without a limit, 300 MB of small ones take 9 GB."""
_PIECE = 1_000_000
"""Characters read at a time."""


def dataset_rows(file: TextIO, where: str) -> Rows:
    """Read a dataset, and give its rows.

    Raises:
        BadInput: it is no JSON, too large, or laid out in another way.
    """
    text = _whole(file, where)
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{where} is no JSON: {error}.", "Where each line is an object, name it .jsonl.") from error
    images, captions = _images(found, where), _captions(found)
    return _rows(images, captions)


def _whole(file: TextIO, where: str) -> str:
    pieces: list[str] = []
    characters = parts = 0
    while piece := file.read(_PIECE):
        characters += len(piece)
        parts += sum(map(piece.count, ",[{"))
        if characters > _MAX_CHARACTERS or parts > _MAX_PARTS:
            raise BadInput(f"{where} is too large to be read at once.", "Write it as JSON Lines, one object a line.")
        pieces.append(piece)
    return "".join(pieces)


def _images(found: Any, where: str) -> list[Any]:
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = found.get("images", lists[0] if len(lists) == 1 else None)
    if not isinstance(found, list):
        raise BadInput(f"{where} holds no list of pictures.", 'It should look like {"images": [{"imgurl": "…"}]}.')
    return found


def _captions(found: Any) -> dict[Any, list[str]]:
    """Gather COCO's captions by the picture's id."""
    captions: dict[Any, list[str]] = {}
    annotations = found.get("annotations") if isinstance(found, dict) else None
    for one in annotations if isinstance(annotations, list) else []:
        if isinstance(one, dict) and isinstance(one.get("image_id"), int | str) and isinstance(one.get("caption"), str):
            captions.setdefault(one["image_id"], []).append(one["caption"])
    return captions


def _rows(images: list[Any], captions: dict[Any, list[str]]) -> Rows:
    for number, image in enumerate(images, 1):
        place = f"image={number}"
        if not isinstance(image, dict):
            yield BadRow(place, "it is no JSON object")
            continue
        values = dict(image)
        if isinstance(image.get("sentences"), list):
            values |= _karpathy(image)
            values = {name: value for name, value in values.items() if name not in _NOT_KEPT}
        if isinstance(image.get("id"), int | str) and image["id"] in captions:
            values["caption"] = captions[image["id"]]
        yield Row(place, values)


def _karpathy(image: dict[str, Any]) -> dict[str, Any]:
    said = [one.get("raw") for one in image["sentences"] if isinstance(one, dict)]
    values: dict[str, Any] = {"caption": [text for text in said if isinstance(text, str)]}
    folder, name = image.get("filepath"), image.get("filename")
    if isinstance(name, str):
        values["image"] = f"{folder}/{name}" if isinstance(folder, str) else name
    return values
