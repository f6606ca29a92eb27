"""Does a gallery hold vectors of the encoder that a query is encoded with?"""

from lookalike.encoders import Encoder, TextEncoder
from lookalike.errors import GalleryError
from lookalike.gallery import Gallery
from lookalike.search.fusion import Calibration
from lookalike.types import Space


def check_space(gallery: Gallery, encoder: Encoder) -> None:
    """Refuse to search with an encoder whose vectors the gallery does not hold.

    An empty gallery has no space yet, and nothing to compare with.

    Raises:
        GalleryError: it holds vectors of another encoder, or of other weights.
    """
    wanted = next(iter(encoder.spaces.values()))
    spaces = gallery.spaces
    if not spaces or stored_space(gallery, encoder, wanted.name) is not None:
        return
    made_with = spaces[gallery.serving.now[0]].encoder
    if made_with == encoder.name:
        raise _other_weights(gallery, encoder, f"Encode its pictures anew: lookalike reencode --encoder {encoder.name}")
    raise GalleryError(
        f"The gallery {gallery.url} was made with the encoder {made_with!r}, not with this {encoder.name!r}.",
        f"Leave it to the gallery, or use --encoder {made_with}; to change it: lookalike reencode",
    )


def stored_space(gallery: Gallery, encoder: Encoder, name: str) -> Space | None:
    """Give one of an encoder's spaces as the gallery keeps it; None where no picture is in it yet.

    Raises:
        GalleryError: it holds vectors of other weights.
    """
    stored = gallery.spaces.get(name)
    if stored is not None and stored.digest != encoder.spaces[name].digest:
        raise _other_weights(gallery, encoder, _way_to_go_on(stored, encoder))
    return stored


def calibration_of_words(stored: Space, encoder: TextEncoder) -> Calibration:
    """Say how sure a cosine of words and a picture is: as the gallery has learned it, else as the encoder says."""
    return Calibration.of_words(stored.text_calibration if any(stored.text_calibration) else encoder.text_calibration)


def _other_weights(gallery: Gallery, encoder: Encoder, fix: str) -> GalleryError:
    return GalleryError(f"The gallery {gallery.url} was made with other weights of the encoder {encoder.name!r}.", fix)


def _way_to_go_on(stored: Space, encoder: Encoder) -> str:
    """Say what to do where two encoders give one name to spaces that cannot be compared, nor lie side by side."""
    if stored.encoder != encoder.name:
        return f"Leave it to the gallery, or use --encoder {stored.encoder}; for the new one, take another gallery."
    return "Give the new one another version in its card, and run lookalike reencode; or take another gallery."
