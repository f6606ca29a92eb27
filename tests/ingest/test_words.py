"""What becomes of words when pictures are indexed: captions, recognised classes, tables, and what a person wrote."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.describing import Edit
from lookalike.encoders import Seen
from lookalike.errors import Unreachable
from lookalike.fetch import Fetcher
from lookalike.gallery.filters import parse_filter
from lookalike.ingest import ingest
from lookalike.service.ledger import Ledger
from lookalike.service.pictures.edits import Edits
from lookalike.sources import FolderSource, TableSource
from lookalike.testing import ColourCaptioner, ColourEncoder, MemoryGallery
from lookalike.types import Caption, EmptyFolder, Failure, ImageRecord, Item, Maps, Outcome, Pixels
from lookalike.uris import local_path

COLOURS = {"red": (230, 20, 20), "blue": (20, 60, 220), "green": (20, 150, 50)}


class CountingEncoder(ColourEncoder):
    """Remembers how many pictures it was given."""

    seen = 0

    def see(self, images: Sequence[Pixels]) -> Seen:
        self.seen += len(images)
        return super().see(images)


class CountingCaptioner(ColourCaptioner):
    """Remembers how many pictures it was given."""

    asked = 0

    def caption(self, images: Sequence[Pixels], maps: Maps | None = None) -> list[Caption]:
        self.asked += len(images)
        return super().caption(images, maps)


class Web:
    """Serves a file for every URL, or nothing: a fetcher without a network."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def get(self, url: str) -> bytes:
        if not self.content:
            raise Unreachable(f"{url} does not answer.")
        return self.content


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    for name, colour in COLOURS.items():
        paint(folder / f"{name}.png", colour)
    return folder


@pytest.fixture
def encoder():
    return CountingEncoder()


@pytest.fixture
def captioner():
    return CountingCaptioner()


def paint(path: Path, colour: tuple[int, int, int]) -> None:
    Image.fromarray(np.full((24, 32, 3), colour, np.uint8)).save(path)


def name(uri: str) -> str:
    path = local_path(uri)
    return path.name if path else uri


def record(gallery: MemoryGallery, wanted: str) -> ImageRecord:
    (found,) = [one for one in gallery.scan().records if name(one.uri) == wanted]
    return found


def table(folder: Path, text: str) -> TableSource:
    (folder / "table.csv").write_text(text)
    return TableSource(folder / "table.csv", Fetcher())


# Recognised classes and captions


def test_what_is_recognised_is_kept_and_found_as_a_tag(run, photos, gallery):
    run(photos)
    assert record(gallery, "red.png").recognised == {"red": 1.0}
    assert gallery.count(parse_filter("tag:red")) == gallery.count(parse_filter("tags:RED")) == 1
    assert gallery.facets("tag") == {"blue": 1, "green": 1, "red": 1}


def test_captions_come_with_a_captioner_and_say_who_wrote_them(run, photos, gallery, encoder, captioner):
    run(photos, captioner=captioner)
    assert record(gallery, "red.png").caption == "a picture in red"
    assert record(gallery, "red.png").caption_source == captioner.name
    assert encoder.seen == captioner.asked == 3


def test_pictures_indexed_before_get_their_captions_later_and_only_those_that_lack_one(
    run, photos, gallery, encoder, captioner
):
    run(photos)
    red = record(gallery, "red.png")
    gallery.describe([red.id], Edit(caption="my wall").apply)
    assert run(photos, captioner=captioner) == {
        "red.png": Outcome.UNCHANGED,
        "blue.png": Outcome.UPDATED,
        "green.png": Outcome.UPDATED,
    }
    assert record(gallery, "blue.png").caption == "a picture in blue"
    assert record(gallery, "red.png").caption == "my wall"
    assert captioner.asked == 2
    assert set(run(photos, captioner=captioner).values()) == {Outcome.UNCHANGED}
    assert captioner.asked == 2


def test_a_known_picture_that_cannot_be_had_for_its_caption_is_no_failure(run, photos, gallery, captioner):
    (photos / "table.csv").write_text("image\nhttp://photos.example/red.png\n")
    web = Web((photos / "red.png").read_bytes())
    source = TableSource(photos / "table.csv", web)
    run(source)
    web.content = b""
    assert run(source, captioner=captioner) == {"http://photos.example/red.png": Outcome.UNREACHABLE}
    assert gallery.failures() == []
    web.content = (photos / "red.png").read_bytes()
    assert run(source, captioner=captioner) == {"http://photos.example/red.png": Outcome.UPDATED}


def test_captions_that_were_broken_off_go_on_where_they_stopped(run, photos, gallery, decoder, captioner, monkeypatch):
    monkeypatch.setattr("lookalike.ingest.storing.BATCH_ROWS", 1)
    monkeypatch.setattr("lookalike.ingest._ENCODE_BATCH", 1)
    run(photos)
    broken_off = ingest(FolderSource([photos]), gallery, ColourEncoder(), decoder, captioner=captioner)
    first = next(broken_off)
    broken_off.close()
    assert record(gallery, name(first.uri)).caption
    before = captioner.asked
    outcomes = run(photos, captioner=captioner)
    assert outcomes[name(first.uri)] is Outcome.UNCHANGED
    assert all(one.caption for one in gallery.scan().records)
    assert captioner.asked - before <= 2


def test_a_picture_of_which_there_is_nothing_to_say_is_not_looked_at_again(run, tmp_path, gallery, captioner):
    grain = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    folder = tmp_path / "grain"
    folder.mkdir()
    Image.fromarray(grain.repeat(8, axis=0).repeat(8, axis=1)).save(folder / "grain.png")
    run(folder, captioner=captioner)
    assert (record(gallery, "grain.png").caption, record(gallery, "grain.png").caption_source) == ("", captioner.name)
    assert run(folder, captioner=captioner) == {"grain.png": Outcome.UNCHANGED}
    assert captioner.asked == 1


def test_a_copy_of_a_captioned_picture_takes_its_caption_over(run, photos, gallery, encoder, captioner):
    run(photos, captioner=captioner)
    (photos / "copy.png").write_bytes((photos / "red.png").read_bytes())
    run(photos, captioner=captioner)
    assert record(gallery, "copy.png").caption == "a picture in red"
    assert record(gallery, "copy.png").recognised == {"red": 1.0}
    assert encoder.seen == captioner.asked == 3


def test_a_changed_picture_gets_another_caption_and_keeps_what_a_person_wrote(run, photos, gallery, captioner):
    run(photos, captioner=captioner)
    edits = {"red.png": Edit(caption="my wall", add_tags=("home",), label="wall"), "blue.png": Edit(title="Sky")}
    for path, edit in edits.items():
        gallery.describe([record(gallery, path).id], edit.apply)
        paint(photos / path, COLOURS["green"])
    outcomes = run(photos, captioner=captioner)
    assert outcomes["red.png"] is outcomes["blue.png"] is Outcome.UPDATED
    red, blue = record(gallery, "red.png"), record(gallery, "blue.png")
    assert (red.caption, red.caption_source, red.tags, red.label) == ("my wall", "person", ("home",), "wall")
    assert red.recognised == {"green": 1.0}
    assert (blue.caption, blue.title) == ("a picture in green", "Sky")


def test_without_a_captioner_a_changed_picture_loses_its_old_caption_and_a_touched_one_keeps_it(
    run, photos, gallery, captioner
):
    run(photos, captioner=captioner)
    paint(photos / "red.png", COLOURS["blue"])
    os.utime(photos / "green.png", ns=(1, 1))
    run(photos)
    assert record(gallery, "red.png").caption == ""
    assert record(gallery, "green.png").caption == "a picture in green"


# Tables


def test_what_a_person_gives_back_is_the_tables_again_and_no_captioners(run, photos, gallery, captioner):
    text = "image,title,caption,tags\nred.png,Wall,Grandma's wall,home\n"
    run(table(photos, text))
    red = record(gallery, "red.png").id
    gallery.describe([red], Edit(title="mine", caption="my wall", tags=("a",)).apply)
    assert run(table(photos, text), captioner=captioner) == {"red.png": Outcome.UNCHANGED}
    gallery.describe([red], Edit(title="", caption="").apply)
    assert run(table(photos, text), captioner=captioner) == {"red.png": Outcome.UPDATED}
    now = record(gallery, "red.png")
    assert (now.title, now.caption, now.caption_source) == ("Wall", "Grandma's wall", "source")
    assert (now.tags, now.edited) == (("a",), ("tags",))
    assert run(table(photos, text), captioner=captioner) == {"red.png": Outcome.UNCHANGED}
    gallery.describe([red], Edit(title="").apply)
    assert run(table(photos, "image\nblue.png\n")) == {"blue.png": Outcome.ADDED, "red.png": Outcome.REMOVED}


def test_an_edit_that_is_taken_back_brings_no_words_back_that_the_table_says_no_more(run, photos, gallery):
    text = "image,title\nred.png,{}\n"
    run(table(photos, text.format("Old")))
    with Ledger() as ledger:
        edits = Edits(ledger, gallery, keep_s=60)
        edit = edits.make(record(gallery, "red.png").id, Edit(title="Mine"))
        run(table(photos, text.format("New")))
        assert record(gallery, "red.png").title == "Mine"
        edits.undo([edit.edit])
    run(table(photos, text.format("New")))
    assert (record(gallery, "red.png").title, record(gallery, "red.png").edited) == ("New", ())


def test_a_table_describes_its_pictures(run, photos, gallery, captioner):
    text = "image,caption,tags\nred.png,Grandma's wall,home\nblue.png,,sky\n"
    assert run(table(photos, text), captioner=captioner) == {"red.png": Outcome.ADDED, "blue.png": Outcome.ADDED}
    red, blue = record(gallery, "red.png"), record(gallery, "blue.png")
    assert (red.caption, red.caption_source, red.tags) == ("Grandma's wall", "source", ("home",))
    assert (blue.caption, blue.caption_source, blue.tags) == ("a picture in blue", captioner.name, ("sky",))
    assert gallery.match_text("grandma", 5).ids == (red.id,)


def test_other_words_for_the_same_picture_cost_no_look_at_it(run, photos, gallery, encoder):
    run(table(photos, "image,caption\nred.png,one\nblue.png,two\n"))
    assert encoder.seen == 2
    outcomes = run(table(photos, "image,caption\nred.png,new\nblue.png,two\n"))
    assert outcomes == {"red.png": Outcome.UPDATED, "blue.png": Outcome.UNCHANGED}
    assert encoder.seen == 2
    assert record(gallery, "red.png").caption == "new"
    assert gallery.match_text("new", 5).ids == (record(gallery, "red.png").id,)
    assert set(run(table(photos, "image,caption\nred.png,new\nblue.png,two\n")).values()) == {Outcome.UNCHANGED}


def test_a_persons_words_stay_before_those_of_the_table(run, photos, gallery):
    run(table(photos, "image,caption,title\nred.png,one,T\n"))
    gallery.describe([record(gallery, "red.png").id], Edit(caption="mine").apply)
    run(table(photos, "image,caption,title\nred.png,two,U\n"))
    assert (record(gallery, "red.png").caption, record(gallery, "red.png").title) == ("mine", "U")


def described(gallery: MemoryGallery, name: str, **words: object) -> ImageRecord:
    """Have a person describe a picture."""
    (record_,) = gallery.describe([record(gallery, name).id], Edit(**words).apply)
    return record_


@pytest.mark.parametrize("by_part", [False, True])
def test_a_persons_words_go_with_a_picture_that_is_renamed_or_moved(by_part, run, photos, gallery, captioner):
    run(photos)
    described(gallery, "red.png", caption="mine", title="T", metadata={"a": 1}, remove_tags=("red",))
    (photos / "deep").mkdir()
    (photos / "red.png").rename(photos / "deep" / "rot.png")
    whole = FolderSource([photos])
    source = whole.only([photos / "red.png", photos / "deep" / "rot.png"]) if by_part else whole
    outcomes = run(source, captioner=captioner)
    assert (outcomes["red.png"], outcomes["rot.png"]) == (Outcome.REMOVED, Outcome.ADDED)
    moved = record(gallery, "rot.png")
    assert (moved.caption, moved.caption_source, moved.title, moved.metadata) == ("mine", "person", "T", {"a": 1})
    assert moved.edited == ("metadata", "tags", "title")
    assert moved.recognised == {}, "what a person took away is not recognised again"
    assert gallery.count() == 3


class MovingSource(FolderSource):
    """Moves a file while it lists the folder for the first time, when the folder itself has been looked at."""

    def __init__(self, folder: Path, old: Path, new: Path) -> None:
        super().__init__([folder])
        self._old, self._new = old, new

    def items(self) -> Iterator[Item | Failure | EmptyFolder]:
        for item in super().items():
            yield item
            if self._old.exists():
                self._old.rename(self._new)


def test_a_persons_words_go_with_a_picture_that_is_moved_while_its_folder_is_listed(run, photos, gallery):
    (photos / "new").mkdir()
    (photos / "red.png").rename(photos / "new" / "red.png")
    run(photos)
    gallery.describe([record(gallery, "red.png").id], Edit(title="our wall").apply)
    (photos / "new" / "other.png").write_bytes((photos / "blue.png").read_bytes())  # the folder is not empty
    done = run(MovingSource(photos, photos / "new" / "red.png", photos / "wall.png"))
    assert (done["wall.png"], done["red.png"]) == (Outcome.ADDED, Outcome.REMOVED)
    assert record(gallery, "wall.png").title == "our wall"


def test_a_persons_words_go_to_the_copy_that_came_and_not_to_one_that_was_there_or_is_described(run, photos, gallery):
    (photos / "old").mkdir()
    for copied in ("old/red.png", "old/mine.png"):
        (photos / copied).write_bytes((photos / "red.png").read_bytes())
    run(photos)
    ids = {one.path.removeprefix(f"{photos}/"): one.id for one in gallery.scan().records}
    gallery.describe([ids["red.png"]], Edit(caption="of red").apply)
    gallery.describe([ids["old/mine.png"]], Edit(title="of mine").apply)
    gallery._records = {  # as if they had come long ago
        id_: replace(one, added_at=one.added_at - timedelta(days=1)) for id_, one in gallery._records.items()
    }
    (photos / "red.png").rename(photos / "rot.png")
    run(photos)
    said = {one.path.removeprefix(f"{photos}/"): one.title or one.caption for one in gallery.scan().records}
    assert said == {"rot.png": "of red", "old/red.png": "", "old/mine.png": "of mine", "blue.png": "", "green.png": ""}
    (photos / "rot.png").unlink()
    run(photos)
    assert record(gallery, "red.png").caption == "of red", "what copies were left got it when the picture went for good"


def test_pictures_of_the_same_bytes_keep_each_their_own_words_when_their_folder_is_renamed(run, photos, gallery):
    for place in ("a", "b", "c"):
        (photos / "old" / place).mkdir(parents=True)
        (photos / "old" / place / "x.png").write_bytes((photos / "red.png").read_bytes())
    run(photos)
    for one in gallery.scan().records:
        if "/old/" in one.uri and "/b/" not in one.uri:
            gallery.describe([one.id], Edit(caption=one.path.split("/")[-2]).apply)
    (photos / "old").rename(photos / "new")
    run(photos)
    said = {one.path.split("/")[-2]: one.caption for one in gallery.scan().records if one.path.endswith("x.png")}
    assert said == {"a": "a", "b": "", "c": "c"}


def test_a_persons_words_are_not_lost_when_indexing_is_broken_off_before_the_old_name_is_forgotten(
    run, photos, gallery, decoder
):
    run(photos)
    described(gallery, "red.png", caption="mine")
    (photos / "red.png").rename(photos / "rot.png")
    outcomes = ingest(FolderSource([photos]), gallery, ColourEncoder(), decoder)
    while name(next(outcomes).uri) != "rot.png":
        pass
    outcomes.close()
    assert {name(one.uri) for one in gallery.scan().records} >= {"red.png", "rot.png"}
    run(photos)
    assert record(gallery, "rot.png").caption == "mine"
    assert gallery.count() == 3


@pytest.mark.parametrize("runs", [1, 2])
def test_a_persons_words_wait_for_a_renamed_picture_that_cannot_be_read_now(runs, run, photos, gallery):
    run(photos)
    described(gallery, "red.png", caption="mine")
    described(gallery, "blue.png", caption="gone for good")
    (photos / "red.png").rename(photos / "rot.png")
    (photos / "blue.png").unlink()

    class Asleep(FolderSource):
        def open(self, item: Item) -> Path | bytes:  # noqa: ARG002 - none is given
            raise Unreachable("It took more than 30 s to read the file.")

    for _ in range(runs):
        assert run(Asleep([photos]))["rot.png"] is Outcome.UNREACHABLE
    assert {name(one.uri) for one in gallery.scan().records} == {"red.png", "green.png"}
    outcomes = run(photos)
    assert (outcomes["red.png"], outcomes["rot.png"]) == (Outcome.REMOVED, Outcome.ADDED)
    assert record(gallery, "rot.png").caption == "mine"
    described(gallery, "green.png", caption="another")
    (photos / "green.png").unlink()
    assert run(photos)["green.png"] is Outcome.REMOVED


def test_a_vanished_picture_that_a_person_described_does_not_stay_for_its_own_failure(run, photos, gallery):
    run(photos)
    described(gallery, "red.png", caption="mine")
    failed = record(gallery, "red.png")
    gallery.put(
        [],
        [Failure(uri=failed.uri, version=failed.version, outcome=Outcome.UNREACHABLE, reason="", at=datetime.now(UTC))],
    )
    (photos / "red.png").unlink()
    assert run(photos)["red.png"] is Outcome.REMOVED


def test_failures_of_a_table_that_has_gone_go_with_the_next_look_at_its_folder(run, photos, gallery):
    run(table(photos, "image,caption\nred.png,one\nblue.png,two,three\nmissing.png,four\n"))
    (photos / "table.csv").unlink()
    run(photos)
    assert [name(one.uri) for one in gallery.failures()] == ["missing.png"]
    run(FolderSource([photos / "missing.png"], may_be_missing=True), retry=True)
    assert gallery.failures() == []


def test_what_a_table_no_longer_names_vanishes_and_nothing_else(run, photos, gallery):
    run(photos / "green.png")
    run(table(photos, "image\nred.png\nblue.png\n"))
    assert run(table(photos, "image\nblue.png\n")) == {"blue.png": Outcome.UNCHANGED, "red.png": Outcome.REMOVED}
    assert {name(one.uri) for one in gallery.scan().records} == {"blue.png", "green.png"}


def test_what_a_table_no_longer_names_stays_as_long_as_a_folder_holds_it(run, photos, gallery):
    named = table(photos, "image,title\nred.png,A wall\nblue.png,A sea\n")
    for order in ([photos, named], [named, photos]):
        for source in order:
            run(source)
        gallery.describe([record(gallery, "red.png").id], Edit(owner="Ann").apply)
        assert run(table(photos, "image,title\nblue.png,A sea\n")) == {"blue.png": Outcome.UNCHANGED}
        assert record(gallery, "red.png").owner == "Ann"
        assert set(run(photos).values()) == {Outcome.UNCHANGED}
        gallery.delete([one.id for one in gallery.scan().records])
        table(photos, "image,title\nred.png,A wall\nblue.png,A sea\n")


def test_of_two_tables_the_last_one_says_what_vanishes_whatever_the_other_is_called_by_now(run, photos, gallery):
    (photos / "one.csv").write_text("image,title\nred.png,A wall\nblue.png,A sea\n")
    run(TableSource(photos / "one.csv", Fetcher()))
    (photos / "one.csv").rename(photos / "two.csv")
    assert set(run(TableSource(photos / "two.csv", Fetcher())).values()) == {Outcome.UPDATED}
    (photos / "two.csv").write_text("image,title\nblue.png,A sea\n")
    assert run(TableSource(photos / "two.csv", Fetcher()))["red.png"] is Outcome.REMOVED


def test_what_a_table_said_goes_with_its_line_and_what_a_person_said_stays(run, photos, gallery, captioner):
    run(photos)
    run(table(photos, "image,title,caption,tags\nred.png,A wall,The wall,brick\nblue.png,A sea,,\n"))
    gallery.describe([record(gallery, "red.png").id], Edit(title="Our wall").apply)
    run(table(photos, "image,title\nblue.png,A sea\n"))
    known = record(gallery, "red.png")
    assert (known.title, known.caption, known.caption_source, known.tags) == ("Our wall", "", "", ())
    run(photos, captioner=captioner)
    assert record(gallery, "red.png").caption_source == captioner.name


def test_what_failed_as_a_tables_and_is_tried_again_is_still_the_tables(run, photos, gallery):
    whole = (photos / "red.png").read_bytes()
    (photos / "red.png").write_bytes(whole[:60])
    text = "image,title\nred.png,A wall\nblue.png,A sea\n"
    assert run(table(photos, text))["red.png"] is Outcome.UNREADABLE
    (photos / "red.png").write_bytes(whole)
    assert run(FolderSource([photos / "red.png"]), retry=True)["red.png"] is Outcome.ADDED
    assert run(table(photos, text))["red.png"] is Outcome.UPDATED
    assert record(gallery, "red.png").title == "A wall"
    assert run(table(photos, "image,title\nblue.png,A sea\n"))["red.png"] is Outcome.REMOVED


def test_what_a_folder_and_a_table_hold_vanishes_with_its_file(run, photos, gallery):
    run(photos)
    run(table(photos, "image,title\nred.png,A wall\n"))
    (photos / "red.png").unlink()
    assert run(photos)["red.png"] is Outcome.REMOVED


def test_a_table_with_a_broken_line_takes_nothing_away_and_its_failure_goes_when_it_is_mended(run, photos, gallery):
    run(table(photos, "image,caption\nred.png,one\nblue.png,two\n"))
    run(table(photos, "image,caption\nred.png,one\nblue.png,two,three\n"))
    assert gallery.count() == 2
    assert [one.uri for one in gallery.failures()] == [(photos / "table.csv").as_uri() + "/line=3/"]
    outcomes = run(table(photos, "image,caption\nred.png,one\nblue.png,two\n"))
    assert set(outcomes.values()) == {Outcome.UNCHANGED}
    assert gallery.failures() == []


def test_what_a_table_could_not_offer_stays_listed_when_the_folder_it_lies_in_is_indexed(run, photos, gallery):
    run(table(photos, "image,caption\nred.png,one\nblue.png,two,three\nmissing.png,four\n"))
    failed = [name(one.uri) for one in gallery.failures()]
    assert sorted(failed) == ["line=3", "missing.png"]
    assert Outcome.REMOVED not in run(photos).values()
    assert [name(one.uri) for one in gallery.failures()] == failed
    (photos / "red.png").unlink()
    run(table(photos, "image,caption\nred.png,one\n"))
    assert run(photos)["red.png"] is Outcome.REMOVED, "the record of a file that the folder held"
    assert gallery.failures() == []


def test_the_folder_of_a_tables_pictures_may_be_indexed_as_well(run, photos, gallery, encoder):
    run(table(photos, "image,caption\nred.png,one\n"))
    (photos / "table.csv").unlink()
    assert run(photos)["red.png"] is Outcome.UNCHANGED
    assert record(gallery, "red.png").caption == "one"
    paint(photos / "red.png", COLOURS["blue"])
    assert run(photos)["red.png"] is Outcome.UPDATED
    assert record(gallery, "red.png").caption == "one"
    seen = encoder.seen
    assert run(table(photos, "image,caption\nred.png,one\n"))["red.png"] is Outcome.UNCHANGED
    assert encoder.seen == seen


def test_a_table_describes_what_a_folder_brought_in(run, photos, gallery, encoder):
    run(photos)
    seen = encoder.seen
    assert run(table(photos, "image,caption\nred.png,one\n")) == {"red.png": Outcome.UPDATED}
    assert record(gallery, "red.png").caption == "one"
    assert encoder.seen == seen


def test_pictures_on_the_web_are_fetched_and_those_that_do_not_answer_tried_again(run, photos, gallery):
    (photos / "table.csv").write_text("url,caption\nhttps://x.org/1.png,one\nhttps://x.org/2.png,two\n")
    web = Web(b"")
    source = TableSource(photos / "table.csv", web)
    assert set(run(source).values()) == {Outcome.UNREACHABLE}
    web.content = (photos / "red.png").read_bytes()
    assert set(run(source).values()) == {Outcome.ADDED}
    assert set(run(source).values()) == {Outcome.UNCHANGED}
    assert gallery.failures() == []
    assert record(gallery, "https://x.org/2.png").caption == "two"


def test_pictures_on_the_web_are_tried_again_when_the_proxy_of_the_environment_is_mended(run, photos, monkeypatch):
    monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1080")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (photos / "table.csv").write_text("image\nhttp://photos.example/red.png\n")
    fetcher = Fetcher(use_environment_proxies=True)
    (outcome,) = run(TableSource(photos / "table.csv", fetcher)).values()
    assert outcome is Outcome.UNREACHABLE
    content = (photos / "red.png").read_bytes()
    (outcome,) = run(TableSource(photos / "table.csv", Web(content))).values()
    assert outcome is Outcome.ADDED


def test_a_missing_file_is_taken_in_when_it_comes(run, photos, gallery):
    assert run(table(photos, "image\nlater.png\n")) == {"later.png": Outcome.UNREACHABLE}
    paint(photos / "later.png", (1, 2, 3))
    assert run(table(photos, "image\nlater.png\n")) == {"later.png": Outcome.ADDED}
    (photos / "later.png").unlink()
    assert run(table(photos, "image\nlater.png\n")) == {"later.png": Outcome.UNREACHABLE}
    assert gallery.count() == 1, "its drive may not be mounted"
    run(table(photos, "image\nred.png\n"))
    assert {name(one.uri) for one in gallery.scan().records} == {"red.png"}
    assert gallery.failures() == []


def test_an_items_stamp_holds_its_version_and_its_words():
    assert Item(uri="file:///x", version="1").stamp == "1"
    assert Item(uri="file:///x", version="1", described="t:2").stamp == "1 t:2"
