"""Do words find what is written about pictures and what they show, alone and beside a picture?"""

from dataclasses import replace
from itertools import product
from threading import Barrier
from typing import Any, Literal

import numpy as np
import pytest

from lookalike.decode import DecodePool
from lookalike.encoders import Encoder
from lookalike.errors import BadInput, BadWords, GalleryError, NotFound
from lookalike.search import Answer, Query, Searcher
from lookalike.search.hybrid import POOLED
from lookalike.testing import ColourEncoder, MemoryGallery, WordlessEncoder, make_record
from lookalike.types import Caption, ImageRecord, Tier

SHADES = {"red": (230, 20, 20), "blue": (20, 60, 220), "green": (20, 150, 50)}
SAID = ("a dog in the snow", "people on a beach", "")


class Parrot:
    """Captions every picture with one sentence."""

    name = "parrot"
    fit = None

    def __init__(self, says: str) -> None:
        self._says = says

    def caption(self, images: list[Any], maps: Any = None) -> list[Caption]:
        assert maps is None, "they are another encoder's"
        return [Caption(text=self._says, confidence=0.9) for _ in images]


def plain(shade: tuple[int, int, int], number: int = 0) -> np.ndarray:
    return np.full((32, 32, 3), np.array(shade, np.uint8) + np.uint8(number), np.uint8)


def make_pictures(encoder: Encoder) -> list[ImageRecord]:
    """A picture of each colour with each caption: `red-0` says SAID[0]."""
    records = []
    for number, ((name, shade), place) in enumerate(product(SHADES.items(), range(len(SAID)))):
        vectors = {space: rows[0].astype(np.float16) for space, rows in encoder.encode([plain(shade, number)]).items()}
        record = make_record(f"file:///photos/{name}-{place}.png", caption=SAID[place], embeddings=vectors)
        records.append(replace(record, recognised={name: 0.9, "paint": 0.2}))
    return records


def searcher_with(
    encoder: Encoder, decoder: DecodePool | None = None, *, gallery: MemoryGallery | None = None, **options: Any
) -> Searcher:
    gallery = gallery or MemoryGallery()
    for space in encoder.spaces.values():
        gallery.add_space(space)
    gallery.put(make_pictures(encoder))
    return Searcher(gallery, encoder, decoder, **options)  # type: ignore[arg-type]


@pytest.fixture
def searcher(decoder: DecodePool) -> Searcher:
    return searcher_with(ColourEncoder(), decoder)


def names(answer: Answer) -> list[str]:
    return [hit.record.path.rpartition("/")[2].removesuffix(".png") for hit in answer.hits]


def id_of(name: str) -> str:
    return make_record(f"file:///photos/{name}.png").id


def test_words_find_what_pictures_show_in_any_language(searcher: Searcher) -> None:
    for text in ("ein rotes Bild", "rouge", "cervena"):
        answer = searcher.search(Query(text=text), k=9)
        assert set(names(answer)[:3]) == {"red-0", "red-1", "red-2"}, text
        assert answer.likely
        assert {hit.tier for hit in answer.hits} == {Tier.SIMILAR}


def test_words_find_what_is_written_and_the_hit_says_which(searcher: Searcher) -> None:
    answer = searcher.search(Query(text="dogs"), k=9)
    assert set(names(answer)[:3]) == {"red-0", "blue-0", "green-0"}
    assert {(hit.evidence.signal, hit.evidence.words) for hit in answer.hits[:3]} == {("text", ("dogs",))}
    assert answer.likely
    assert all(hit.evidence.words == () for hit in answer.hits[3:])


def test_a_picture_that_shows_it_and_says_it_comes_before_those_that_do_one(searcher: Searcher) -> None:
    assert names(searcher.search(Query(text="blue dog")))[0] == "blue-0"
    assert names(searcher.search(Query(text='"on a beach" green')))[0] == "green-1"


def test_a_picture_that_shows_it_gains_by_saying_it_however_many_others_say_it_more_loudly(searcher: Searcher) -> None:
    encoder = ColourEncoder()
    others = {f"blue/{number}": "dog" for number in range(2 * POOLED)}
    captions = {"red/says": "many words of this and that before a dog comes, and more behind it", "red/silent": ""}
    for path, caption in (captions | others).items():
        shown = encoder.encode([plain(SHADES[path.partition("/")[0]])])
        vectors = {space: rows[0].astype(np.float16) for space, rows in shown.items()}
        searcher.gallery.put([make_record(f"file:///more/{path}.png", caption=caption, embeddings=vectors)])
    first, second = searcher.search(Query(text="rouge dog", where="path:more*"), k=2).hits
    assert [first.record.caption, second.record.caption] == list(captions.values())
    assert first.score > second.score


def test_words_that_a_file_name_holds_beat_vague_similarity(searcher: Searcher) -> None:
    searcher.gallery.put([replace(make_pictures(ColourEncoder())[3], id="a" * 16, uri="file:///photos/zebra.png")])
    best = searcher.search(Query(text="zebra")).hits[0]
    assert (best.record.path, best.evidence.words) == ("/photos/zebra.png", ("zebra",))
    assert best.confidence > 0.5


def test_what_is_left_out_stays_out_and_filters_hold(searcher: Searcher) -> None:
    assert set(names(searcher.search(Query(text="red -dog -people"), k=9))) == {"red-2", "blue-2", "green-2"}
    assert set(names(searcher.search(Query(text="red path:blue*")))) == {"blue-0", "blue-1", "blue-2"}
    assert set(names(searcher.search(Query(text="red path:blue*", where="-text:dog")))) == {"blue-1", "blue-2"}


def test_a_weight_tips_the_balance(searcher: Searcher) -> None:
    of_colour = {"red": "red:5 blue", "blue": "red blue:5"}
    for colour, text in of_colour.items():
        assert names(searcher.search(Query(text=f"{text} path:*-2.png")))[0] == f"{colour}-2"


def test_a_colour_that_is_left_out_is_taken_away_from_what_is_meant(searcher: Searcher) -> None:
    with_all = searcher.search(Query(text="red blue path:*-2.png"))
    without = searcher.search(Query(text="red blue -blau path:*-2.png"))  # no text says so
    scores = [{name: hit.score for name, hit in zip(names(one), one.hits, strict=True)} for one in (with_all, without)]
    assert scores[1]["blue-2"] < scores[0]["blue-2"]
    assert names(without)[0] == "red-2"


def test_words_that_suit_nothing_are_said_to(searcher: Searcher) -> None:
    answer = searcher.search(Query(text="nothing of the kind"))
    assert answer.hits
    assert not answer.likely


def test_how_words_were_read_comes_back(searcher: Searcher) -> None:
    answer = searcher.search(Query(text='"in the snow" dog:2 -people path:*.png'))
    assert str(answer.understood) == '"in the snow" dog:2 -people path:*.png'
    assert searcher.search(Query(id=id_of("red-0"))).understood is None


def test_a_picture_and_words_mean_something_together(searcher: Searcher) -> None:
    answer = searcher.search(Query(id=id_of("red-0"), text="blue"), k=9)
    assert "red-0" not in names(answer)
    picture, words = (
        searcher.search(one, k=9) for one in (Query(id=id_of("red-0")), Query(text="blue", where="-path:red-0*"))
    )
    scores = [dict(zip(names(one), (hit.score for hit in one.hits), strict=True)) for one in (answer, words)]
    assert scores[0]["red-1"] > scores[1]["red-1"]
    assert names(answer).index("blue-1") < names(picture).index("blue-1")
    assert {hit.tier for hit in answer.hits} == {Tier.SIMILAR}
    only_red = searcher.search(Query(id=id_of("red-0"), text="-blue"), k=9)
    assert names(only_red)[:2] == ["red-1", "red-2"] or names(only_red)[:2] == ["red-2", "red-1"]


@pytest.mark.parametrize(
    "query", [Query(text="red dog"), Query(text="beach -snow"), Query(text="rot", where="path:*-2*")]
)
def test_pages_are_the_long_answer_in_pieces(searcher: Searcher, query: Query) -> None:
    whole = [(hit.rank, hit.record.id, hit.score) for hit in searcher.search(query, k=100).hits]
    for k in (1, 2, 4):
        found, after = [], ""
        while True:
            answer = searcher.search(query, k, after)
            found += [(hit.rank, hit.record.id, hit.score) for hit in answer.hits]
            after = answer.after
            if not after:
                break
        assert found == whole


@pytest.mark.parametrize("text", ["-dog", "path:*.png", '-"in the snow" path:*.png'])
def test_words_that_only_leave_out_are_refused_without_a_picture(searcher: Searcher, text: str) -> None:
    with pytest.raises(BadWords, match="no word to look for"):
        searcher.search(Query(text=text))
    assert searcher.search(Query(id=id_of("red-0"), text=text)).hits


@pytest.mark.parametrize("text", ["🐼", "כלב בשלג", "\u202egod", "新年", "dog " * 900, f'"{"a " * 1_000}"', "*dog*"])
def test_odd_words_are_searched_for_like_any(searcher: Searcher, text: str) -> None:
    assert len(searcher.search(Query(text=text)).hits) == 9


def test_without_an_encoder_of_words_the_texts_are_searched_and_the_fix_is_said() -> None:
    searcher = searcher_with(WordlessEncoder())
    answer = searcher.search(Query(text="dog"))
    assert set(names(answer)) == {"red-0", "blue-0", "green-0"}
    assert "knows no words" in answer.remarks[0]
    assert "mini" in answer.remarks[0]
    with pytest.raises(BadInput, match="knows no words") as refusal:
        searcher.search(Query(id=id_of("red-0"), text="dog"))
    assert "mini" in refusal.value.fix


def test_where_nothing_but_texts_is_searched_one_word_of_many_is_still_what_found_a_picture() -> None:
    hits = searcher_with(WordlessEncoder()).search(Query(text="dog zebra giraffe elephant lion")).hits
    assert len(hits) == 3
    assert {(hit.evidence.signal, hit.evidence.words) for hit in hits} == {("text", ("dog",))}


@pytest.mark.slow
def test_an_empty_gallery_has_no_answer_to_words() -> None:
    answer = Searcher(MemoryGallery(), ColourEncoder(), None).search(Query(text="dog"))  # type: ignore[arg-type]
    assert (answer.hits, answer.after, answer.likely) == ((), "", False)


def test_a_gallery_of_another_encoder_is_refused(searcher: Searcher) -> None:
    with pytest.raises(GalleryError, match="colour:64"):
        Searcher(searcher.gallery, ColourEncoder(32), None).search(Query(text="dog"))  # type: ignore[arg-type]


# By the words that describe a picture


def test_by_its_caption_a_picture_finds_what_its_own_record_says(searcher: Searcher) -> None:
    answer = searcher.search(Query(id=id_of("red-0"), mode="caption"), k=9)
    assert answer.description == "a dog in the snow red"
    assert set(names(answer)[:2]) == {"blue-0", "green-0"} or "red" in names(answer)[0]
    assert "red-0" not in names(answer)
    assert answer.understood is not None


def test_the_description_can_be_given_in_other_words(searcher: Searcher) -> None:
    answer = searcher.search(Query(id=id_of("red-0"), mode="caption", text="green beach"), k=9)
    assert answer.description == "green beach"
    assert names(answer)[0] == "green-1"


def test_a_picture_that_is_sent_is_described_by_its_caption_and_what_is_recognised(
    decoder: DecodePool, sent: bytes
) -> None:
    searcher = searcher_with(ColourEncoder(), decoder, captioning=lambda: Parrot("people on a beach"))
    answer = searcher.search(Query(data=sent, mode="caption"), k=9)
    assert answer.description == "people on a beach blue"
    assert names(answer)[0] == "blue-1"
    assert answer.remarks == ()


def test_in_the_mode_all_looks_count_too(decoder: DecodePool, sent: bytes) -> None:
    searcher = searcher_with(ColourEncoder(), decoder, captioning=lambda: Parrot("people on a beach"))
    by_looks = searcher.search(Query(data=sent), k=9)
    by_all = searcher.search(Query(data=sent, mode="all"), k=9)
    assert set(names(by_looks)[:3]) == set(names(by_all)[:3]) == {"blue-0", "blue-1", "blue-2"}
    assert names(by_all).index("red-1") < names(by_all).index("red-0")
    pieces = searcher.search(Query(data=sent, mode="all"), 4)
    rest = searcher.search(Query(data=sent, mode="all"), 9, pieces.after)
    assert [*names(pieces), *names(rest)] == names(by_all)


def test_in_the_mode_all_what_shows_what_the_words_mean_gains_though_it_says_nothing(
    decoder: DecodePool, sent: bytes
) -> None:
    searcher = searcher_with(ColourEncoder(), decoder, captioning=lambda: Parrot("rouge"))
    by_looks, by_all = (searcher.search(Query(data=sent, mode=mode), k=9) for mode in ("auto", "all"))
    sure = [
        {name: hit.confidence for name, hit in zip(names(one), one.hits, strict=True)} for one in (by_looks, by_all)
    ]
    assert sure[1]["red-2"] > sure[0]["red-2"]
    assert all(sure[1][name] > confidence - 1e-5 for name, confidence in sure[0].items()), "none loses by it"


@pytest.mark.parametrize(("mode", "text"), [("auto", "dog"), ("auto", "rot dog"), ("all", ""), ("caption", "")])
def test_a_picture_is_no_answer_to_itself_though_its_texts_hold_all_the_words(
    searcher: Searcher, mode: Literal["auto", "all", "caption"], text: str
) -> None:
    found = names(searcher.search(Query(id=id_of("red-0"), mode=mode, text=text), k=9))
    assert set(found) == {f"{name}-{place}" for name, place in product(SHADES, range(3))} - {"red-0"}


@pytest.mark.parametrize("mode", ["caption", "all"])
def test_words_that_only_leave_out_or_filter_stand_beside_those_that_describe(
    decoder: DecodePool, sent: bytes, mode: str
) -> None:
    searcher = searcher_with(ColourEncoder(), decoder, captioning=lambda: Parrot("people on a beach"))
    answer = searcher.search(Query(data=sent, mode=mode, text="-dog path:*-1.png"), k=9)
    assert set(names(answer)) == {"red-1", "blue-1", "green-1"}
    assert answer.description == "people on a beach blue -dog path:*-1.png"
    assert str(answer.understood) == answer.description


def test_what_is_left_out_is_so_where_no_words_describe_a_picture(decoder: DecodePool, sent: bytes) -> None:
    searcher = searcher_with(WordlessEncoder(), decoder, captioning=lambda: Parrot(""))
    answer = searcher.search(Query(data=sent, mode="all", text="-dog path:*-1.png"), k=9)
    assert set(names(answer)) == {"red-1", "blue-1", "green-1"}
    assert str(answer.understood) == "-dog path:*-1.png"


def test_where_no_words_describe_a_picture_the_mode_all_keeps_to_its_looks(decoder: DecodePool, sent: bytes) -> None:
    searcher = searcher_with(WordlessEncoder(), decoder, captioning=lambda: Parrot(""))
    answer = searcher.search(Query(data=sent, mode="all"), k=9)
    assert names(answer) == names(searcher.search(Query(data=sent), k=9))
    assert "No words were found" in answer.remarks[-1]
    with pytest.raises(BadInput, match="No words were found"):
        searcher.search(Query(data=sent, mode="caption"))


def test_without_a_captioner_the_names_suffice_and_it_is_said(searcher: Searcher, sent: bytes) -> None:
    answer = searcher.search(Query(data=sent, mode="caption"))
    assert answer.description == "blue"
    assert "no captioner" in answer.remarks[0]


def test_where_nothing_can_describe_a_picture_that_is_an_error_with_the_fix(decoder: DecodePool, sent: bytes) -> None:
    searcher = searcher_with(WordlessEncoder(), decoder)
    with pytest.raises(BadInput, match="a picture into words") as refusal:
        searcher.search(Query(data=sent, mode="caption"))
    assert "mini" in refusal.value.fix
    assert searcher.search(Query(data=sent, mode="caption", text="dog")).hits


def test_an_unknown_picture_cannot_be_described(searcher: Searcher) -> None:
    with pytest.raises(NotFound):
        searcher.search(Query(id="a" * 16, mode="caption"))


@pytest.fixture(scope="module")
def sent() -> bytes:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(plain(SHADES["blue"])).save(buffer, "PNG")
    return buffer.getvalue()


class Meeting(MemoryGallery):
    """Answers neither by vectors nor by words before it was asked for both."""

    def __init__(self) -> None:
        super().__init__()
        self._both = Barrier(2, timeout=20)

    def nearest(self, *asked: Any, **options: Any) -> Any:
        self._both.wait()
        return super().nearest(*asked, **options)

    def match_text(self, *asked: Any, **options: Any) -> Any:
        self._both.wait()
        return super().match_text(*asked, **options)


def test_texts_and_vectors_are_looked_through_at_the_same_time() -> None:
    apart, together = searcher_with(ColourEncoder()), searcher_with(ColourEncoder(), gallery=Meeting())
    assert names(together.search(Query(text="red snow"), k=9)) == names(apart.search(Query(text="red snow"), k=9))


class Broken(MemoryGallery):
    """Cannot look through its vectors."""

    def nearest(self, *_: Any, **__: Any) -> Any:
        raise GalleryError("The disk is gone.", "Look for it.")


def test_what_goes_wrong_among_the_vectors_is_said_as_ever() -> None:
    with pytest.raises(GalleryError, match="The disk is gone"):
        searcher_with(ColourEncoder(), gallery=Broken()).search(Query(text="red"))
