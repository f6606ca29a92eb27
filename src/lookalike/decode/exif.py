"""Which way is up, and when was it taken? What a picture's EXIF says, however broken it is."""

from dataclasses import dataclass
from datetime import datetime

from PIL import Image
from PIL.ExifTags import IFD, Base
from PIL.Image import Transpose

UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
"""Orientation → what makes the stored picture upright. Source: Exif 3.0 (CIPA DC-008), 4.6.5.1, tag 274."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exif:
    """The two things that Lookalike wants from a picture's EXIF."""

    orientation: int | None = None
    """1 to 8; None where it does not say."""
    taken_at: datetime | None = None


def read_exif(image: Image.Image) -> Exif:
    """Read a picture's EXIF; whatever is broken counts as absent."""
    try:
        tags = image.getexif()
        orientation = tags.get(Base.Orientation)
        taken = tags.get_ifd(IFD.Exif).get(Base.DateTimeOriginal)
    except Exception:  # noqa: BLE001  hostile EXIF raises many kinds of error, and none of them spoils the pixels
        return Exif()
    known = isinstance(orientation, int) and 1 <= orientation <= 8
    return Exif(orientation=orientation if known else None, taken_at=_camera_time(taken))


def upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    """Give the width and height that a stored picture has once it stands upright."""
    return (size[1], size[0]) if orientation >= 5 else size


def _camera_time(value: object) -> datetime | None:
    """Parse `2024:05:17 18:03:00`; cameras without a clock write zeros or blanks."""
    if not isinstance(value, str):
        return None
    try:
        return datetime.strptime(value[:19], "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007  the camera's clock has no zone
    except ValueError:
        return None
