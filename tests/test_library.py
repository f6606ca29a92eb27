"""Do the parts come together, and apart again?"""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import numpy as np
import pytest
from networks import draw_network, make_card

from lookalike.describing import Edit
from lookalike.errors import BadInput, GalleryError, LookalikeError, NotFound, UnreadableImage
from lookalike.library import Lookalike, ReadyParts
from lookalike.testing import ColourCaptioner, ColourEncoder, MemoryGallery, picture_bytes
from lookalike.types import Outcome, Region, Relation, Tier
from lookalike.uris import image_id

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def _one_worker(home, monkeypatch):
    """To start a second one costs more than ten small pictures."""
    monkeypatch.setenv("LOOKALIKE_WORKERS", "1")


@pytest.fixture(scope="module")
def filled(drawn_photos, tmp_path_factory):
    """Ten pictures in a gallery; only read from."""
    with Lookalike(tmp_path_factory.mktemp("filled") / "new.gallery", ColourEncoder()) as library:
        assert {one.outcome for one in library.index(drawn_photos)} == {Outcome.ADDED}
        yield library


def test_nothing_is_opened_before_it_is_used(tmp_path):
    with Lookalike(tmp_path / "new.gallery", "onnx:not-there.onnx"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_what_was_indexed_is_found(filled, drawn_photos):
    best = filled.search(drawn_photos / "picture-5.png").hits[0]
    assert best.tier is Tier.IDENTICAL
    assert best.record.uri == (drawn_photos / "picture-5.png").as_uri()


def test_a_picture_may_be_given_as_bytes_as_text_or_by_its_id(filled, drawn_photos):
    file = drawn_photos / "picture-7.png"
    for picture in (file.read_bytes(), str(file)):
        assert filled.search(picture).hits[0].record.uri == file.as_uri()
    assert file.as_uri() not in [hit.record.uri for hit in filled.search(image_id(file.as_uri())).hits]


def test_a_search_may_be_narrowed(filled, drawn_photos):
    answer = filled.search(drawn_photos / "picture-5.png", 3, where="format:jpeg")
    assert {hit.record.format for hit in answer.hits} == {"jpeg"}
    assert len(answer.hits) == 3
    part = filled.search(drawn_photos / "picture-5.png", region=Region(x=0, y=0, width=0.5, height=1))
    assert part.hits[0].tier is Tier.EDITED
    assert part.hits[0].record.path.endswith("picture-5.png")


def test_a_gallery_among_the_pictures_is_none_of_them_whatever_it_is_called(photos):
    with Lookalike(photos / "lib", ColourEncoder()) as library:
        for beside in (".keys", ".keys.lock", ".duplicates.jsonl", ".duplicates.jsonl.lock", ".copies/a.png"):
            path = photos / f"lib{beside}"
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(picture_bytes(1))
        assert len(list(library.index(photos, exclude="nothing/*"))) == 10
        assert library.edit(image_id((photos / "picture-5.png").as_uri()), Edit(caption="one"))[0].caption == "one"


def test_indexing_again_tells_what_changed(photos, tmp_path):
    with Lookalike(tmp_path / "new.gallery", ColourEncoder()) as library:
        assert len(list(library.index(photos))) == 10
        (photos / "picture-9.png").unlink()
        outcomes = [one.outcome for one in library.index([photos], exclude=["holiday"])]
    assert outcomes.count(Outcome.UNCHANGED) == 6
    assert outcomes.count(Outcome.REMOVED) == 4


def test_names_that_the_settings_exclude_stay_out(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_EXCLUDE", "holiday,*-9.png")
    with Lookalike(tmp_path / "new.gallery", ColourEncoder()) as library:
        assert len(list(library.index(photos))) == 6


def test_the_home_folder_may_be_written_as_a_tilde(home, photos):
    photos.rename(home / "Pictures")
    with Lookalike("~/mine.gallery", ColourEncoder()) as library:
        assert len(list(library.index("~/Pictures"))) == 10
        assert library.search("~/Pictures/picture-4.png", 1).hits[0].tier is Tier.IDENTICAL
    assert (home / "mine.gallery").is_file()


def test_settings_and_environment_fill_in_what_is_not_said(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_GALLERY", str(tmp_path / "from the environment.gallery"))
    assert Lookalike().gallery_path == tmp_path / "from the environment.gallery"
    assert Lookalike(tmp_path / "said.gallery").gallery_path == tmp_path / "said.gallery"


def test_the_settings_say_which_engine_runs_the_encoder(tmp_path, monkeypatch):
    (tmp_path / "colours.onnx").write_bytes(draw_network())
    (tmp_path / "colours.json").write_text(json.dumps(make_card({"colours.onnx": draw_network()})))
    monkeypatch.setenv("LOOKALIKE_ENGINE", "onnxruntime")
    with Lookalike(tmp_path / "new.gallery", f"onnx:{tmp_path / 'colours.onnx'}") as library:
        assert library.encoder.engine == "onnxruntime"


def test_a_gallery_that_is_not_there_is_made_only_if_wanted(tmp_path):
    with Lookalike(tmp_path / "no.gallery", create=False) as library, pytest.raises(NotFound):
        _ = library.gallery
    assert list(tmp_path.iterdir()) == []


def test_threads_share_the_parts(tmp_path):
    with Lookalike(tmp_path / "new.gallery", ColourEncoder()) as library, ThreadPoolExecutor(8) as threads:
        searchers = list(threads.map(lambda _: library.searcher, range(32)))
        assert all(one is library.searcher for one in searchers)


def test_closing_closes_the_parts(photos, tmp_path):
    with Lookalike(tmp_path / "new.gallery", ColourEncoder()) as library:
        gallery, decoder, fit = library.gallery, library.decoder, library.encoder.fit
        decoder.decode(photos / "picture-3.png", fit)
    with pytest.raises(GalleryError, match="closed"):
        gallery.count()
    with pytest.raises((LookalikeError, RuntimeError)):
        decoder.decode(photos / "picture-3.png", fit)


def test_what_is_closed_opens_nothing_again(photos, tmp_path):
    library = Lookalike(tmp_path / "new.gallery", ColourEncoder())
    list(library.index(photos))
    assert not library.is_closed
    library.close()
    assert library.is_closed
    for part in ("gallery", "decoder", "thumbnails", "copies", "searcher"):
        with pytest.raises(GalleryError, match=r"new\.gallery has been closed"):
            getattr(library, part)


def test_thumbnails_lie_beside_the_gallery(filled):
    record = filled.gallery.scan(limit=1).records[0]
    assert filled.thumbnails.jpeg(record, 128)[:2] == b"\xff\xd8"
    assert filled.gallery_path.with_name("new.gallery.thumbnails").is_file()


def test_the_limits_of_the_settings_hold(photos, tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_MAX_PIXELS", "50000")
    with Lookalike(tmp_path / "new.gallery", ColourEncoder()) as library:
        assert {one.outcome for one in library.index(photos)} == {Outcome.TOO_LARGE}


def test_two_pictures_are_compared_by_file_bytes_and_id(filled, drawn_photos):
    one, other = drawn_photos / "picture-3.png", drawn_photos / "picture-4.png"
    same = filled.compare(one, image_id(one.as_uri()))
    assert (same.tier, same.confidence, same.evidence.signal) == (Tier.IDENTICAL, 1.0, "sha256")
    assert same.pictures[0].shape == (240, 320, 3)
    apart = filled.compare(str(one), other.read_bytes())
    assert (apart.tier, apart.relation) == (None, Relation.UNRELATED)
    with pytest.raises(NotFound):
        filled.compare(one, "a" * 16)


def test_a_region_of_the_first_picture_may_be_compared_alone(filled, drawn_photos):
    picture = drawn_photos / "picture-5.png"
    half = Region(x=0.25, y=0.25, width=0.5, height=0.5)
    pair = filled.compare(picture, picture, region=half)
    assert (pair.tier, pair.relation) == (Tier.EDITED, Relation.SAME)
    assert pair.evidence.transform.startswith("cropped to 2")
    (region,) = pair.evidence.regions
    assert np.array(region.query) == pytest.approx(np.array(region.image), abs=0.02), "it lies where it lay"


@pytest.fixture
def describing(tmp_path):
    """A library that writes captions."""
    with Lookalike(tmp_path / "new.gallery", ColourEncoder(), captioner=ColourCaptioner()) as library:
        yield library


def test_a_picture_is_captioned_by_file_bytes_and_id(describing, photos):
    list(describing.index(photos / "picture-5.png"))
    file = photos / "picture-5.png"
    said = {describing.caption(one).caption.text for one in (file, file.read_bytes(), image_id(file.as_uri()))}
    assert len(said) == 1
    assert describing.caption(file).recognised == describing.gallery.scan().records[0].recognised
    with pytest.raises(NotFound, match="neither a file"):
        describing.caption("a dog")
    for ask in (describing.caption, describing.search):
        with pytest.raises(UnreadableImage, match="empty"):
            ask(b"")


def test_a_captioner_reads_no_maps_of_another_encoder_than_it_learnt_from(tmp_path):
    later = ColourEncoder()
    later.name = "mini"  # as if a newer Lookalike had brought another one
    with Lookalike(tmp_path / "new.gallery", later) as library, pytest.raises(BadInput, match="mini@2") as refused:
        _ = library.captioner
    assert "colour:64@1" in str(refused.value)


def test_captions_come_when_they_are_asked_for_or_set(describing, photos, monkeypatch, tmp_path):
    def captions(library):
        return {record.caption_source for record in library.gallery.scan().records}

    list(describing.index(photos))
    assert captions(describing) == {""}
    list(describing.index(photos, captions=True))
    assert captions(describing) == {describing.captioner.name}
    monkeypatch.setenv("LOOKALIKE_CAPTIONS", "true")
    with Lookalike(tmp_path / "other.gallery", ColourEncoder(), captioner=ColourCaptioner()) as library:
        list(library.index(photos, captions=False))
        assert captions(library) == {""}
        list(library.index(photos))
        assert captions(library) == {library.captioner.name}


def test_a_person_edits_and_a_table_does_not_undo_it(describing, photos, tmp_path):
    (tmp_path / "t.jsonl").write_text('{"file": "picture-5.png", "words": "theirs"}')
    source = describing.table_source(tmp_path / "t.jsonl", images=photos, columns={"caption": ["words"]})
    (one,) = describing.ingest(source)
    assert describing.edit([one.id, "unknown"], Edit(caption="mine"))[0].caption == "mine"
    (tmp_path / "t.jsonl").write_text('{"file": "picture-5.png", "words": "theirs, again"}')
    list(describing.ingest(source))
    assert describing.gallery.get([one.id])[0].caption == "mine"


@pytest.fixture
def web(tmp_path):
    """The address of a server on this machine that has one picture, 1.png."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "1.png").write_bytes(picture_bytes(1, (64, 48), "png"))
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path / "web")) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_picture_on_the_web_has_a_thumbnail_and_may_be_searched_with_while_it_is_there(web, tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_FETCH_ALLOW", "127.0.0.1")
    (tmp_path / "t.csv").write_text(f"url\n{web}/1.png\n{web}/2.png\n")
    with Lookalike(tmp_path / "new.gallery", ColourEncoder(), captioner=ColourCaptioner()) as library:
        outcomes = {one.uri[-5:]: one for one in library.ingest(library.table_source(tmp_path / "t.csv"))}
        assert outcomes["1.png"].outcome is Outcome.ADDED
        assert outcomes["2.png"].outcome is Outcome.UNREACHABLE
        (record,) = library.gallery.get([outcomes["1.png"].id])
        assert library.thumbnails.jpeg(record, 128)[:2] == b"\xff\xd8"
        assert library.caption(record.id).caption is not None
        assert library.search(record.id, region=Region(x=0, y=0, width=0.5, height=1)) is not None


def test_an_address_of_this_machine_is_not_asked_for_a_tables_pictures(web, describing, tmp_path):
    (tmp_path / "t.csv").write_text(f"url\n{web}/1.png\n")
    (one,) = describing.ingest(describing.table_source(tmp_path / "t.csv"))
    assert one.outcome is Outcome.UNREACHABLE


def test_words_are_searched_for_alone_and_beside_a_picture(filled, drawn_photos):
    answer = filled.search('"picture 5" -holiday', 3)
    assert answer.hits[0].record.path.endswith("picture-5.png")
    assert str(answer.understood) == '"picture 5" -holiday'
    both = filled.search(drawn_photos / "picture-5.png", 3, also="red", where="format:png")
    assert both.understood is not None
    assert all(hit.evidence.signal == "colour:64@1/colour" for hit in both.hits)


def test_a_picture_is_searched_for_by_its_caption(describing, photos):
    list(describing.index(photos))
    answer = describing.search(photos / "picture-5.png", 3, mode="caption")
    assert answer.description
    assert answer.remarks == ()
    assert (
        describing.search(photos / "picture-5.png", 3, mode="caption", also="picture 7")
        .hits[0]
        .record.path.endswith("7.png")
    )


def test_a_word_as_long_as_an_id_is_a_word_unless_it_is_one(filled, drawn_photos):
    known = filled.search(drawn_photos / "picture-5.png").hits[0].record.id
    assert filled.query(known).id == known
    assert filled.query("responsibilities").text == "responsibilities"
    assert filled.query("a2" * 8).id == "a2" * 8
    with pytest.raises(NotFound):
        filled.search("a2" * 8)


def test_where_only_a_picture_will_do_words_are_none(filled, drawn_photos):
    for wrong in ("a red picture", ""):
        with pytest.raises(NotFound, match="neither a file"):
            filled.compare(drawn_photos / "picture-5.png", wrong)


def test_parts_that_are_ready_are_used_and_stay_open(photos, tmp_path, decoder):
    with MemoryGallery() as gallery:
        ready = ReadyParts(gallery=gallery, decoder=decoder)
        with Lookalike(tmp_path / "never.gallery", ColourEncoder(), ready=ready) as library:
            outcomes = list(library.index(photos))
            assert (library.gallery, library.decoder) == (gallery, decoder)
        assert gallery.count() == len(outcomes) > 0
        assert decoder.decode(photos / "picture-7.png", ColourEncoder().fit).width > 0
    assert not (tmp_path / "never.gallery").exists()
