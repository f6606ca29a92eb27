"""Does a gallery change its encoder while it is searched, so that nothing is lost and spaces are never mixed?"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread, Timer

import numpy as np
import pytest
from networks import make_whole_checkpoint

from lookalike import Lookalike
from lookalike.decode import DecodePool
from lookalike.errors import BadInput, Conflict, GalleryError, NotFound
from lookalike.gallery import Gallery, open_gallery
from lookalike.gallery.serving import Serving
from lookalike.ingest import ingest, reencode
from lookalike.ingest.pacing import Pace
from lookalike.ingest.switching import begin, drop, switch
from lookalike.search import Query
from lookalike.sources import FolderSource
from lookalike.testing import ColourEncoder, WordlessEncoder, picture_bytes
from lookalike.types import Outcome

pytestmark = pytest.mark.slow

OLD, NEW = "colour:64@1/colour", "colour:32@1/colour"


@pytest.fixture(autouse=True)
def _one_worker(home, monkeypatch):
    """To start a second one costs more than ten small pictures."""
    monkeypatch.setenv("LOOKALIKE_WORKERS", "1")


@pytest.fixture(scope="session")
def _indexed(drawn_photos, tmp_path_factory) -> Path:
    """Ten pictures in a gallery of the encoder `colour:64`."""
    path = tmp_path_factory.mktemp("indexed") / "old.gallery"
    with Lookalike(path, ColourEncoder()) as library:
        assert len(list(library.index(drawn_photos))) == 10
    return path


@pytest.fixture
def path(_indexed, tmp_path) -> Path:
    """The same gallery, for this test alone."""
    return Path(shutil.copy(_indexed, tmp_path / "test.gallery"))


@pytest.fixture
def gallery(path):
    with open_gallery(path) as opened:
        yield opened


@pytest.fixture
def library(path, decoder):
    """That gallery, searched with what it says itself; encoders that are not bundled are loaded by `colours`."""
    with Lookalike(path) as library:
        library._parts["decoder"] = decoder  # to start one for each test would take longer than all else
        yield library


@pytest.fixture(autouse=True)
def _colours(monkeypatch):
    """Make the toy encoders known by their names, as a plug-in would."""
    from lookalike.encoders import load_encoder
    from lookalike.library import parts

    def load(name, engine):
        toys = {"mini": ColourEncoder(8)}
        toys |= {toy.name: toy for toy in (ColourEncoder(64), ColourEncoder(32), ColourEncoder(16))}
        return toys[name] if name in toys else load_encoder(name, engine)

    monkeypatch.setattr(parts, "load_encoder", load)


class Heavier(ColourEncoder):
    """Has the old encoder's name, but other weights."""

    def __init__(self) -> None:
        super().__init__(64)
        self.spaces = {name: replace(space, digest="0" * 64) for name, space in self.spaces.items()}


def found(library: Lookalike, photo: Path) -> str:
    hit = library.searcher.search(Query(file=photo)).hits[1]  # the first is the picture itself
    return hit.evidence.signal


def test_a_gallery_is_searched_with_its_own_encoder_though_nobody_names_it(library, drawn_photos):
    assert library.encoder.name == "colour:64"
    assert found(library, drawn_photos / "picture-3.png") == OLD


def test_a_new_gallery_is_filled_with_the_bundled_encoder(tmp_path):
    with Lookalike(tmp_path / "new.gallery") as library:
        assert library.encoder.name == "colour:8"  # which is what `mini` loads here
    assert not (tmp_path / "new.gallery").exists()


def test_the_old_encoder_answers_until_the_switch_and_the_new_one_from_then_on(library, drawn_photos):
    photo = drawn_photos / "picture-3.png"
    outcomes = []
    for one in library.reencode("colour:32"):
        outcomes.append(one)
        assert found(library, photo) == OLD
    assert [one.outcome for one in outcomes] == [Outcome.UPDATED] * 10
    assert library.gallery.serving == Serving(now=(OLD,), filling=(NEW,))
    library.switch()
    assert library.gallery.serving == Serving(now=(NEW,), before=(OLD,))
    assert library.encoder.name == "colour:32"
    assert found(library, photo) == NEW
    library.roll_back()
    assert found(library, photo) == OLD


def test_nothing_but_vectors_changes(library, gallery):
    ids = [record.id for record in gallery.scan().records]
    before = gallery.get(ids, embeddings=True)
    list(library.reencode("colour:32"))
    for old, new in zip(before, gallery.get(ids, embeddings=True), strict=True):
        assert set(new.embeddings) == {OLD, NEW}
        assert np.array_equal(new.embeddings[OLD], old.embeddings[OLD])
        assert (new.caption, new.added_at, new.fingerprint) == (old.caption, old.added_at, old.fingerprint)
    assert gallery.check() == []


def test_it_goes_on_where_it_was_stopped(library, path, decoder):
    running = library.reencode("colour:32", throttle=1_000)
    stopped_after = {next(running).id}
    running.close()
    lacking = library.gallery.count_lacking([NEW])
    with Lookalike(path) as again:
        again._parts["decoder"] = decoder
        assert again.encoder.name == "colour:64"
        rest = [one.id for one in again.reencode()]  # nobody needs to say with what
        assert len(rest) == lacking
        assert not stopped_after & set(rest)
        again.switch()
        assert list(again.reencode()) == []


def test_what_comes_in_meanwhile_is_in_both_spaces_at_the_switch(library, tmp_path, decoder, path):
    late = tmp_path / "late"
    late.mkdir()
    with open_gallery(path) as other:
        for number, _ in enumerate(library.reencode("colour:32")):
            if number == 4:
                (late / "late.png").write_bytes(picture_bytes(77, file_format="png"))
                list(ingest(FolderSource([late]), other, ColourEncoder(), decoder))
        library.switch()
        (record,) = other.scan(limit=1).records
        assert record.uri == (late / "late.png").as_uri()
        assert set(other.get([record.id], embeddings=True)[0].embeddings) == {OLD, NEW}


def test_what_is_indexed_across_a_switch_gets_the_new_vectors_too(library, tmp_path, photos):
    list(library.reencode("colour:32"))
    (photos / "new.png").write_bytes(picture_bytes(78, file_format="png"))
    told = []
    for one in library.index(photos):
        told.append(one.uri)
        if library.gallery.serving.filling:
            library.switch(anyway=True)
    assert library.gallery.count_lacking([NEW]) == 0
    assert len(told) == len(set(told)), "what came in is told once"


def test_a_picture_that_cannot_be_had_keeps_the_old_encoder_in_office(library, path, photos, decoder):
    (photos / "gone.png").write_bytes(picture_bytes(79, file_format="png"))
    (photos / "changed.png").write_bytes(picture_bytes(80, file_format="png"))
    list(library.index(photos))
    (photos / "gone.png").unlink()
    (photos / "changed.png").write_bytes(picture_bytes(81, file_format="png"))
    failed = {Path(one.uri).name: one for one in library.reencode("colour:32") if one.outcome.failed}
    assert set(failed) == {"gone.png", "changed.png"}
    assert "index" in failed["changed.png"].reason
    with pytest.raises(GalleryError, match="2 of 22") as refusal:
        library.switch()
    assert "--anyway" in refusal.value.fix
    list(library.index(photos))  # forgets the one, and takes the other in anew
    assert [Path(one.uri).name for one in library.reencode()] == ["changed.png"]
    library.switch()
    assert library.encoder.name == "colour:32"


def test_if_need_be_it_switches_without_some(library, photos):
    (photos / "gone.png").write_bytes(picture_bytes(79, file_format="png"))
    list(library.index(photos))
    (photos / "gone.png").unlink()
    list(library.reencode("colour:32"))
    library.switch(anyway=True)
    assert library.gallery.serving.now == (NEW,)


def test_one_change_at_a_time(library):
    list(library.reencode("colour:32"))
    with pytest.raises(BadInput, match="colour:32") as refusal:
        next(library.reencode("colour:16"))
    assert "--drop colour:32" in refusal.value.fix
    assert drop(library.gallery, "colour:32") == [NEW]
    assert {one.outcome for one in library.reencode("colour:16")} == {Outcome.UPDATED}


def test_what_answers_is_completed_though_another_one_is_being_filled(library):
    list(library.reencode("colour:32"))
    assert list(library.reencode("colour:64")) == []
    assert library.gallery.serving == Serving(now=(OLD,), filling=(NEW,))


def test_what_is_dropped_while_it_is_made_is_told_so(library, gallery):
    running = library.reencode("colour:32", throttle=5)
    next(running)
    drop(gallery, "colour:32")
    with pytest.raises(Conflict, match=r"colour:32 were dropped.*--encoder"):
        list(running)
    assert not gallery.serving.filling


def test_what_answers_is_not_dropped_and_what_does_not_is_forgotten(library, gallery):
    list(library.reencode("colour:32"))
    library.switch()
    with pytest.raises(Conflict, match="answers"):
        drop(gallery, "colour:32")
    with pytest.raises(NotFound, match=r"colour:64.*colour:32"):
        drop(gallery, "colour:8")
    assert drop(gallery, "colour:64") == [OLD]
    assert set(gallery.spaces) == {NEW}
    with pytest.raises(BadInput, match="go back"):
        library.roll_back()


SENTENCES = "sentence-transformers:sentence-transformers"


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("hf:org/late@0123", "hf:org/late"),
        ("onnx:hf:org/late@0123/onnx/vision_model.onnx", "hf:org/late"),
        ("onnx:hf:org/late@0123/onnx/model.onnx", "hf:org/late@0123"),
        ("onnx:hf:org/late@0123/other/graph.onnx", "onnx:hf:org/late/other/graph.onnx"),
        ("timm:timm/resnet50.a1_in1k@0123", "timm:resnet50@a1_in1k"),
        ("timm:timm/resnet50.a1_in1k@0123", "timm:resnet50.a1_in1k"),
        (f"{SENTENCES}/clip-many@0123+sentence-transformers/clip@4567", "sentence-transformers:clip-many+clip"),
        (f"{SENTENCES}/clip-many@0123+sentence-transformers/clip@4567", "sentence-transformers:clip-many"),
        ("mlflow:models:/photos/3@champion", "mlflow:models:/photos@champion"),
        ("mlflow:models:/photos/3@champion", "mlflow:models:/photos/3"),
        ("onnx:/home/ann@work/model.onnx", "onnx:/home/ann@work/model.onnx"),
    ],
)
def test_what_is_dropped_may_be_named_as_it_was_asked_for(gallery, kept, asked):
    gallery.add_space(replace(gallery.spaces[OLD], name="late@2/colour", encoder=kept))
    assert drop(gallery, asked) == ["late@2/colour"]


def test_of_a_file_the_whole_path_is_its_name(gallery):
    gallery.add_space(replace(gallery.spaces[OLD], name="late@2/colour", encoder="onnx:/home/ann@work/model.onnx"))
    for other in ("onnx:/home/ann", "onnx:/home/ann/model.onnx"):
        with pytest.raises(NotFound):
            drop(gallery, other)


def test_only_what_was_counted_is_switched_to(gallery, monkeypatch):
    begin(gallery, ColourEncoder(32))
    lacking = gallery.lacking

    def look_before_another_is_begun(spaces):
        found = lacking(spaces)
        drop(gallery, "colour:32")
        begin(gallery, ColourEncoder(16))
        return found

    monkeypatch.setattr(gallery, "lacking", look_before_another_is_begun)
    with pytest.raises(Conflict, match="given up meanwhile"):
        switch(gallery, anyway=True)
    assert gallery.serving == Serving(now=(OLD,), filling=("colour:16@1/colour",))


def test_of_two_who_begin_at_once_one_is_told_of_the_other(gallery, monkeypatch):
    add_space = gallery.add_space

    def add_while_another_begins(space):
        monkeypatch.undo()
        begin(gallery, ColourEncoder(16))
        add_space(space)

    monkeypatch.setattr(gallery, "add_space", add_while_another_begins)
    with pytest.raises(BadInput, match="being filled with the vectors of 'colour:16'"):
        begin(gallery, ColourEncoder(32))
    assert gallery.serving.filling == ("colour:16@1/colour",)


def test_there_is_nothing_to_switch_to_before_something_is_filled(library):
    with pytest.raises(BadInput, match="being filled"):
        library.switch()


@pytest.mark.parametrize("throttle", [0, -1, float("nan"), float("inf")])
def test_an_impossible_throttle_is_refused(library, throttle):
    with pytest.raises(BadInput, match="throttle"):
        next(library.reencode("colour:32", throttle=throttle))
    assert not library.gallery.serving.filling


def test_a_throttle_holds_it_back(library, decoder, monkeypatch):
    class Sleeper(Event):
        def wait(self, timeout=None):
            slept.append(timeout)

    slept = []
    monkeypatch.setattr("lookalike.ingest.pacing.time.monotonic", lambda: sum(slept))
    wanted, pace = library.begin_reencoding("colour:32"), Pace(4, Sleeper())
    assert len(list(reencode(library.gallery, wanted, decoder, library.fetcher, pace=pace))) == 10
    assert sum(slept) == pytest.approx(2)  # four at a time


def test_a_pace_slower_than_any_wait_still_ends_when_it_is_stopped():
    stopped = Event()
    pace = Pace(1e-300, stopped)
    pace.wait(1)
    Timer(0.05, stopped.set).start()
    pace.wait(1)
    assert stopped.is_set()


def test_whoever_interrupts_what_is_held_back_does_not_wait_for_its_turn(library, monkeypatch):
    monkeypatch.setattr("lookalike.ingest.storing._BATCH_S", 0)
    running = library.reencode("colour:32", throttle=0.01)
    next(running)
    interrupting = Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        next(running)
    assert time.monotonic() - began < 5


def test_another_encoder_does_not_index_into_the_gallery(path, photos, decoder, gallery):
    with pytest.raises(GalleryError, match="colour:64") as refusal:
        list(ingest(FolderSource([photos]), gallery, ColourEncoder(32), decoder))
    assert "reencode --encoder colour:32" in refusal.value.fix
    assert set(gallery.spaces) == {OLD}


def test_a_page_of_answers_does_not_go_on_in_another_space(library, drawn_photos):
    query = Query(file=drawn_photos / "picture-3.png")
    after = library.searcher.search(query, 2).after
    list(library.reencode("colour:32"))
    assert library.searcher.search(query, 2, after).hits
    library.switch()
    with pytest.raises(BadInput, match="cursor"):
        library.searcher.search(query, 2, after)


def switch_elsewhere(path, decoder):
    """Have another program make the gallery anew with another encoder, and switch to it."""
    with Lookalike(path) as other:
        other._parts["decoder"] = decoder
        list(other.reencode("colour:32"))
        other.switch()


def test_a_running_program_notices_that_another_has_switched(path, library, decoder, drawn_photos):
    assert library.encoder.name == "colour:64"
    switch_elsewhere(path, decoder)
    library.encoder  # noqa: B018 - has the new one loaded aside, while the old one goes on
    library._encoder_in_use._loading.join(20)
    assert library.encoder.name == "colour:32"
    assert found(library, drawn_photos / "picture-3.png") == NEW


def test_of_two_threads_that_notice_a_switch_at_once_one_makes_it(path, library, decoder):
    assert library.encoder.name == "colour:64"
    switch_elsewhere(path, decoder)
    seen: list[str] = []

    class Overtaken(ColourEncoder):
        """Lets another thread ask for the encoder in use just when this one looks whether it is the new one."""

        @property
        def spaces(self):
            if library._encoder_in_use._ready is self and not seen:
                seen.append("")
                thread = Thread(target=lambda: seen.append(library.encoder.name))
                thread.start()
                thread.join(20)
            return self._spaces

        @spaces.setter
        def spaces(self, spaces):
            self._spaces = spaces

    library._encoder_in_use.keep_ready(Overtaken(32))
    assert library.encoder.name == "colour:32"
    assert library.encoder.name == "colour:32"
    assert seen == ["", "colour:32"]


def test_an_encoder_is_let_go_of_when_its_space_was_dropped_and_not_before_it_has_one(path, library):
    prepared = library.prepare_encoder("colour:32")
    assert library.encoder.name == "colour:64"
    assert library.encoder_of(prepared.spaces) is prepared
    list(library.reencode("colour:32"))
    library.switch()
    assert library.encoder is prepared
    assert library._encoder_in_use.of(["colour:64@1/colour"]) is not None
    with Lookalike(path) as other:
        drop(other.gallery, "colour:64")
    assert library.encoder is prepared
    assert library._encoder_in_use.of(["colour:64@1/colour"]) is None


def test_where_the_old_space_is_gone_the_new_encoder_is_waited_for(path, library, decoder):
    assert library.encoder.name == "colour:64"
    with Lookalike(path) as other:
        other._parts["decoder"] = decoder
        list(other.reencode("colour:32"))
        other.switch()
        drop(other.gallery, "colour:64")
    assert library.encoder.name == "colour:32"


def test_an_encoder_that_cannot_be_loaded_leaves_the_old_one_at_work(path, library, decoder, monkeypatch, caplog):
    assert library.encoder.name == "colour:64"
    with Lookalike(path, ColourEncoder()) as other:
        other._parts["decoder"] = decoder
        list(other.reencode(WordlessEncoder(16)))
        other.switch()

    def refuse(*_: object) -> None:
        raise NotFound("It is not on this machine.")

    monkeypatch.setattr("lookalike.library.parts.load_encoder", refuse)
    for _ in range(2):
        assert library.encoder.name == "colour:64"
        library._encoder_in_use._loading.join(20)
    assert caplog.text.count("not on this machine") == 1  # and is not tried again at once


def test_an_encoder_that_was_named_stays(path, decoder):
    with Lookalike(path, "colour:64") as library:
        library._parts["decoder"] = decoder
        list(library.reencode("colour:32"))
        library.switch()
        assert library.encoder.name == "colour:64"


def test_an_encoder_of_other_weights_and_the_same_name_is_refused_with_the_fix(library, gallery):
    before = gallery.serving
    with pytest.raises(GalleryError, match="other weights") as refusal:
        next(library.reencode(Heavier()))
    assert "another version" in refusal.value.fix
    assert gallery.serving == before


def test_what_loads_as_another_version_is_loaded_once(path, monkeypatch):
    loaded = []

    def load(name, engine):
        loaded.append(name)
        return ColourEncoder(32)

    monkeypatch.setattr("lookalike.library.parts.load_encoder", load)
    with Lookalike(path) as upgraded:
        assert [upgraded.encoder.name for _ in range(3)] == ["colour:32"] * 3
        with pytest.raises(GalleryError, match="colour:64"):
            upgraded.search(b"any")
    assert loaded == ["colour:64"]


def test_killed_at_any_moment_it_loses_nothing_and_goes_on(tmp_path, drawn_photos, path):
    """The program is killed in the middle, again and again, until everything is encoded."""
    model = tmp_path / "model"
    model.mkdir()
    for name, content in make_whole_checkpoint().items():
        (model / name).write_bytes(content)
    command = [sys.executable, "-m", "lookalike", "reencode", "--encoder", f"onnx:{model / 'colours.onnx'}"]
    command += ["--gallery", str(path), "--throttle", "4", "--json"]
    acknowledged: set[str] = set()
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as program:
            assert program.stdout is not None
            acknowledged |= {json.loads(program.stdout.readline())["id"]}
            program.kill()
        with open_gallery(path) as gallery:
            assert gallery.check() == []
            assert gallery.serving.now == (OLD,)
            assert _encoded(gallery) >= acknowledged
    done = subprocess.run([*command[:-3], "--json"], capture_output=True, text=True, timeout=100, check=True)
    assert json.loads(done.stdout.splitlines()[-1])["lacking"] == 0
    with open_gallery(path) as gallery:
        assert gallery.serving == Serving(now=("colours@1/colour",), before=(OLD,))
        assert gallery.check() == []


def _encoded(gallery: Gallery) -> set[str]:
    lacking = {record.id for record in gallery.lacking(["colours@1/colour"]).records}
    return {record.id for record in gallery.scan().records} - lacking


def test_pictures_from_elsewhere_are_encoded_with_the_decoder_that_is_given(library, decoder: DecodePool):
    assert len(list(library.reencode("colour:32", decoder=decoder))) == 10


def test_where_the_files_of_the_new_encoder_have_gone_the_way_back_is_named(path, library):
    list(library.reencode("colour:32"))
    with open_gallery(path) as gallery:
        space = replace(gallery.spaces[NEW], name="gone@1/colour", encoder="onnx:/gone/away.onnx")
        gallery.add_space(space)
        gallery.serve(lambda _: Serving(now=(space.name,), before=(OLD,)))
    with Lookalike(path) as other, pytest.raises(NotFound, match="reencode --rollback"):
        _ = other.encoder
