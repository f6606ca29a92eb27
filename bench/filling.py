"""What is a large gallery filled with, where real pictures would take hours? Made-up vectors, hashes and features.

Vectors and hashes are random. The local features of a record are those of many photos mixed, so that a search for
edited copies has as much to look through as in a real gallery. Each record's original is one of those photos, made from
LOOKALIKE_TEST_DATA where that is set and drawn otherwise.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice, repeat
from pathlib import Path

import numpy as np

from lookalike.copies import GREY_PX
from lookalike.copies.codebook import load_codebook
from lookalike.copies.features import Features, detect
from lookalike.copies.fingerprint import shrink
from lookalike.copies.packing import pack
from lookalike.decode import decode
from lookalike.encoders import Encoder
from lookalike.gallery import Gallery
from lookalike.testing import make_record
from lookalike.testing.records import make_vectors
from lookalike.types import Fingerprint, Grey
from lookalike.uris import image_id
from sized_pictures import QUERIED, photos

BATCH = 1_000
PHOTOS = 200
"""How many photos the gallery is made of."""
FEATURES = 68


def fill(gallery: Gallery, encoder: Encoder, images: int, work: Path, *, with_features: bool) -> None:
    """Put records with random vectors and hashes, all of them different, whose originals lie in `work`."""
    spaces = [space for name, space in encoder.spaces.items() if name.endswith(("/visual", "/copy"))]
    for space in spaces:
        gallery.add_space(space)
    originals = dict(keep_photos(work, encoder))
    prints = mixed(list(originals.values())) if with_features else repeat(b"")
    random = np.random.default_rng(0)
    (work / "gallery").mkdir()
    for start in range(0, images, BATCH):
        vectors = {space.name: make_vectors(BATCH, space.dim, start).astype(np.float16) for space in spaces}
        batch = []
        for number, features in zip(range(min(BATCH, images - start)), prints, strict=False):
            path = work / "gallery" / f"{start + number}.jpg"
            path.hardlink_to(list(originals)[number % len(originals)])
            fingerprint = Fingerprint(
                pixels=random.bytes(16).hex(), perceptual=random.bytes(32).hex(), quality=100, features=features
            )
            embeddings = {name: rows[number] for name, rows in vectors.items()}
            uri = path.as_uri()
            batch.append(make_record(uri, id=image_id(uri), fingerprint=fingerprint, embeddings=embeddings))
        gallery.put(batch)


def keep_photos(folder: Path, encoder: Encoder) -> Iterator[tuple[Path, Grey]]:
    """Write the photos that the gallery is made of, and give them in grey."""
    for number, photo in enumerate(islice(photos(QUERIED + PHOTOS), QUERIED, None)):
        path = folder / f"photo-{number}.jpg"
        photo.save(path)
        grey = decode(path.read_bytes(), replace(encoder.fit, grey=GREY_PX)).grey
        assert grey is not None
        yield path, grey


def mixed(greys: Sequence[Grey]) -> Iterator[bytes]:
    """Give packed features without end, each set drawn from those of all pictures."""
    found = [detect(shrink(grey), FEATURES, distinct=True) for grey in greys]
    points, descriptors = (np.concatenate([getattr(one, name) for one in found]) for name in ("points", "descriptors"))
    words = load_codebook().encode(descriptors)
    random = np.random.default_rng(1)
    while True:
        rows = random.choice(len(points), FEATURES, replace=False)
        chosen = Features(points[rows], descriptors[rows], found[0].width, found[0].height)
        yield pack(chosen, replace(words, words=words.words[rows], signatures=words.signatures[rows]))
