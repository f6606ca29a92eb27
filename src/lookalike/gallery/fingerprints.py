"""Which fingerprints can a gallery keep? Those that fit into its pages of fingerprints, so that these can be read."""

from lookalike.errors import BadInput
from lookalike.types import ImageRecord

PERCEPTUAL_BYTES = 32
"""Of a perceptual hash, where there is one."""
_MAX_QUALITY = 2**8 - 1


def check_fingerprint(record: ImageRecord) -> None:
    """Refuse what a page cannot hold.

    Raises:
        BadInput: a perceptual hash of another length, or a quality that is more than a byte.
    """
    quality, perceptual = record.fingerprint.quality, record.fingerprint.perceptual
    if not 0 <= quality <= _MAX_QUALITY:
        raise BadInput(
            f"The record of {record.uri!r} has the quality of its fingerprint {quality}.",
            f"It must lie within 0 and {_MAX_QUALITY}.",
        )
    if len(perceptual) not in {0, 2 * PERCEPTUAL_BYTES}:
        raise BadInput(
            f"The perceptual hash of {record.uri!r} has not {2 * PERCEPTUAL_BYTES} digits.", "Leave it empty."
        )
