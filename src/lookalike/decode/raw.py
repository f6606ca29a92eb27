"""How is a camera's raw file shown? By the preview that the camera put into it."""

from datetime import datetime
from io import BytesIO

import rawpy
from PIL import Image

from lookalike.decode.exif import read_exif, upright_size
from lookalike.decode.limits import Limits
from lookalike.decode.opening import Opened, open_image

_ORIENTATIONS = {3: 3, 5: 8, 6: 6}
"""LibRaw's flip → Exif orientation. Source: libraw.org/docs/API-datastruct-eng.html, libraw_image_sizes_t."""


def open_raw(data: bytes, limits: Limits) -> Opened:
    """Open the largest preview; a file that holds none is developed at half its size.

    Raises:
        TooLarge: the preview, or what must be developed, has too many pixels.
        Exception: whatever a broken file makes the readers raise.
    """
    with rawpy.imread(BytesIO(data)) as raw:
        turn = _ORIENTATIONS.get(raw.sizes.flip, 1)
        size = upright_size((raw.sizes.width, raw.sizes.height), turn)
        taken_at = _camera_time(raw)
        try:
            thumb = raw.extract_thumb()
        except (rawpy.LibRawNoThumbnailError, rawpy.LibRawUnsupportedThumbnailError):
            limits.check_size(size)
            upright = raw.postprocess(half_size=True, use_camera_wb=True, output_bps=8)
            return Opened(image=Image.fromarray(upright), orientation=1, size=size, taken_at=taken_at)
        if isinstance(thumb.data, bytes):
            image = open_image(thumb.data, "jpeg", limits).image
            turn = _preview_orientation(image, turn, size)
        else:
            image = Image.fromarray(thumb.data)
            limits.check_size(image.size)
    return Opened(image=image, orientation=turn, size=size, taken_at=taken_at)


def _camera_time(raw: rawpy.RawPy) -> datetime | None:
    """Give the camera's clock, which LibRaw has read as if it showed the time of this machine's zone."""
    taken = raw.other.timestamp
    return taken.replace(tzinfo=None) if taken.year > 1970 else None


def _preview_orientation(preview: Image.Image, raw_turn: int, size: tuple[int, int]) -> int:
    """Choose what turns a preview upright: its own EXIF, or else the raw file's.

    Some cameras turn the preview, some tag it, some leave both to the raw file. Some tag as upright what lies on its
    side, and LibRaw tags for the cameras that do not: if the raw file stands on end, the preview's shape must agree.
    """
    own = read_exif(preview).orientation or raw_turn
    if raw_turn < 5:
        return own
    shapes = ((turn, upright_size(preview.size, turn)) for turn in (own, raw_turn, 1))
    return next((turn for turn, shape in shapes if (shape[0] < shape[1]) == (size[0] < size[1])), own)
