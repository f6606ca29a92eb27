"""Does the gallery know again what was said of a picture, when what was done to its file is taken back?"""

import json
from dataclasses import replace

import numpy as np
import pytest

from lookalike.describing import Edit
from lookalike.duplicates import Action, Journal, put_back
from lookalike.duplicates.putting_back import packed
from lookalike.testing import MemoryGallery, make_record, make_space
from lookalike.types import Fingerprint

SPACE = make_space("one@1/x", 8)


def edited(**words):
    """A record with vectors and features, about which a person wrote."""
    mark = Fingerprint(pixels="ab" * 32, perceptual="cd" * 32, quality=90, features=b"many bytes")
    vectors = {SPACE.name: np.eye(8, dtype=np.float16)[0]}
    record = Edit(**words).apply(make_record(embeddings=vectors))
    return replace(record, fingerprint=mark, version="7-9 table:rows")


@pytest.fixture
def gallery():
    with MemoryGallery() as gallery:
        gallery.add_space(SPACE)
        yield gallery


@pytest.fixture
def deed(tmp_path):
    """A picture was moved that has a title of a person's."""
    record = packed(edited(title="Ada", add_tags=("birthday",)))
    return Journal(tmp_path / "journal").begin(
        Action.MOVE, tmp_path / "b.jpg", kept="a.jpg", sha256="", modified_ns=0, record=record
    )


def test_a_picture_is_known_again_with_its_words_and_is_to_be_looked_at_anew(deed, gallery):
    put_back(deed, gallery)
    (back,) = gallery.scan(embeddings=True).records
    assert (back.title, back.tags, back.edited) == ("Ada", ("birthday",), ("tags", "title"))
    assert back.version == " table:rows", "as no file has, but whose words the other ones are"
    assert (back.embeddings, back.fingerprint.features) == ({}, b"")
    assert back.fingerprint.perceptual == "cd" * 32


def test_a_picture_that_is_known_by_then_keeps_what_a_person_wrote_last(deed, gallery):
    gallery.put([edited(title="Grace")])
    put_back(deed, gallery)
    (back,) = gallery.scan(embeddings=True).records
    assert (back.title, back.tags, back.version) == ("Grace", ("birthday",), "7-9 table:rows")
    assert back.embeddings.keys() == {SPACE.name}


def test_a_deed_of_an_older_journal_puts_nothing_back(deed, gallery, tmp_path):
    line = json.loads((tmp_path / "journal").read_text())
    del line["record"]
    (tmp_path / "journal").write_text(json.dumps(line) + "\n")
    (older,) = Journal(tmp_path / "journal").deeds()
    put_back(older, gallery)
    assert gallery.count() == 0
