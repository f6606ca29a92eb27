"""Do unwanted pictures stay out, in whatever form they come?"""

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from lookalike.config import load_settings
from lookalike.errors import BadInput, GalleryError, NotFound, UnreadableImage
from lookalike.library import Lookalike
from lookalike.testing import ColourEncoder, draw_picture
from lookalike.types import Outcome

pytestmark = pytest.mark.slow


def busy(seed: int) -> np.ndarray:
    """A picture with a lot to hold on to."""
    return cv2.resize(draw_picture(seed, (160, 120)), (640, 480), interpolation=cv2.INTER_CUBIC)


def write(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


@pytest.fixture
def unwanted(tmp_path) -> Path:
    return write(tmp_path / "unwanted" / "spam.png", busy(1))


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_WORKERS", "1")
    with Lookalike(tmp_path / "my.gallery", ColourEncoder(), settings=load_settings()) as library:
        yield library


def outcomes(library: Lookalike, folder: Path, *, retry: bool = False) -> dict[str, Outcome]:
    return {one.uri.rsplit("/", 1)[1]: one.outcome for one in library.index(folder, retry=retry)}


def test_without_a_block_list_there_is_no_gate_and_no_file(library, tmp_path):
    assert library.gate is None
    assert not (tmp_path / "my.gallery.blocked").exists()


def test_a_blocked_picture_stays_out_edited_or_not_and_others_come_in(library, unwanted, tmp_path):
    library.blocklist.add(unwanted, "spam")
    folder = tmp_path / "photos"
    write(folder / "same.png", busy(1))
    write(folder / "part.jpg", busy(1)[60:420, 80:560, :][:, ::-1])
    write(folder / "other.jpg", busy(2))
    assert outcomes(library, folder) == {
        "same.png": Outcome.BLOCKED,
        "part.jpg": Outcome.BLOCKED,
        "other.jpg": Outcome.ADDED,
    }
    reasons = {failure.uri.rsplit("/", 1)[1]: failure.reason for failure in library.gallery.failures()}
    assert "same as the blocked picture" in reasons["same.png"]
    assert "mirrored" in reasons["part.jpg"]
    assert "(spam)" in reasons["part.jpg"]
    assert set(outcomes(library, folder).values()) == {Outcome.UNCHANGED}


def test_what_one_program_blocks_another_that_has_the_list_in_common_keeps_out(library, unwanted, tmp_path):
    write(tmp_path / "photos" / "same.png", busy(1))
    write(tmp_path / "photos" / "second.png", busy(3))
    with Lookalike(tmp_path / "my.gallery", ColourEncoder(), settings=load_settings()) as other:
        library.blocklist.add(write(tmp_path / "unwanted" / "first.png", busy(4)), "first")
        assert other.gate is not None, "it has the list open now"
        library.blocklist.add(unwanted, "spam")
        found = outcomes(other, tmp_path / "photos")
    assert found == {"same.png": Outcome.BLOCKED, "second.png": Outcome.ADDED}


def test_a_copy_is_proved_when_the_original_is_long_gone(library, unwanted, tmp_path):
    library.blocklist.add(unwanted, "spam")
    unwanted.unlink()
    write(tmp_path / "photos" / "part.jpg", busy(1)[60:420, 80:560])
    assert outcomes(library, tmp_path / "photos") == {"part.jpg": Outcome.BLOCKED}


def test_what_is_let_in_again_comes_in_when_failures_are_retried(library, unwanted, tmp_path):
    record = library.blocklist.add(unwanted, "spam")
    write(tmp_path / "photos" / "same.png", busy(1))
    assert outcomes(library, tmp_path / "photos") == {"same.png": Outcome.BLOCKED}
    assert library.blocklist.remove(record.id).title == "spam"
    assert len(library.blocklist) == 0
    assert list((tmp_path / "my.gallery.blocked.pictures").iterdir()) == []
    assert outcomes(library, tmp_path / "photos", retry=True) == {"same.png": Outcome.ADDED}


def test_the_same_bytes_again_are_one_entry_with_the_new_title(library, unwanted):
    first = library.blocklist.add(unwanted, "spam")
    again = library.blocklist.add(unwanted.read_bytes(), "worse spam")
    assert again.id == first.id
    assert [record.title for record in library.blocklist] == ["worse spam"]


def test_flagged_pictures_come_in_with_a_tag(tmp_path, unwanted, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_BLOCKED", "flag")
    monkeypatch.setenv("LOOKALIKE_WORKERS", "1")
    with Lookalike(tmp_path / "my.gallery", ColourEncoder(), settings=load_settings()) as library:
        library.blocklist.add(unwanted, "spam")
        write(tmp_path / "photos" / "same.png", busy(1))
        write(tmp_path / "photos" / "other.png", busy(2))
        assert set(outcomes(library, tmp_path / "photos").values()) == {Outcome.ADDED}
        tags = {Path(record.path).name: record.tags for record in library.gallery.scan().records}
    assert tags == {"same.png": ("blocked",), "other.png": ()}


def test_pictures_of_the_list_are_not_indexed_with_the_folder_they_lie_in(library, unwanted, tmp_path):
    library.blocklist.add(unwanted, "spam")
    unwanted.unlink()
    write(tmp_path / "other.png", busy(2))
    assert outcomes(library, tmp_path) == {"other.png": Outcome.ADDED}


def test_what_is_no_picture_cannot_be_blocked_and_leaves_nothing(library, tmp_path):
    with pytest.raises(UnreadableImage):
        library.blocklist.add(b"no picture", "nothing")
    assert len(library.blocklist) == 0
    assert not (tmp_path / "my.gallery.blocked.pictures").exists()


@pytest.mark.parametrize("title", ["x" * 1_001, "\udce9"])
def test_a_title_that_cannot_be_blocks_nothing(library, unwanted, title):
    with pytest.raises(BadInput, match="title"):
        library.blocklist.add(unwanted, title)
    assert len(library.blocklist) == 0


def test_a_list_whose_small_pictures_are_gone_still_knows_the_very_picture(library, unwanted, tmp_path):
    library.blocklist.add(unwanted, "spam")
    shutil.rmtree(tmp_path / "my.gallery.blocked.pictures")
    write(tmp_path / "photos" / "same.png", busy(1))
    write(tmp_path / "photos" / "part.jpg", busy(1)[60:420, 80:560])
    assert outcomes(library, tmp_path / "photos") == {"same.png": Outcome.BLOCKED, "part.jpg": Outcome.ADDED}


def test_an_unknown_id_cannot_be_removed(library):
    with pytest.raises(NotFound):
        library.blocklist.remove("a" * 16)


def test_a_list_serves_a_gallery_that_was_made_anew_with_another_encoder(library, unwanted, tmp_path):
    library.blocklist.add(unwanted, "spam")
    library.close()
    (tmp_path / "my.gallery").unlink(missing_ok=True)
    write(tmp_path / "photos" / "part.jpg", busy(1)[60:420, 80:560])
    with Lookalike(tmp_path / "my.gallery", ColourEncoder(32), settings=load_settings()) as another:
        assert outcomes(another, tmp_path / "photos") == {"part.jpg": Outcome.BLOCKED}


def test_a_folder_that_cannot_be_written_is_said(library, unwanted, tmp_path):
    (tmp_path / "my.gallery.blocked.pictures").write_text("in the way")
    with pytest.raises(GalleryError, match="cannot be written"):
        library.blocklist.add(unwanted, "spam")
