"""Does a gallery learn how sure it may be, and only where that helps?"""

import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from lookalike.errors import BadInput
from lookalike.evaluation.calibrating import cutoff, fit_logistic, fit_offset, learn
from lookalike.evaluation.learning import forget, keep, learn_all
from lookalike.evaluation.pairing import Pairs, make_copies, picture_pairs, text_pairs
from lookalike.evaluation.subject import Subject, Vectors
from lookalike.evaluation.truth.captions import read_captions
from lookalike.search import Query
from lookalike.types import Fingerprint, Learned

pytestmark = pytest.mark.slow


def drawn(slope, offset, n=20_000, seed=0):
    """Draw scores, and whether each is alike as a logistic has it."""
    random = np.random.default_rng(seed)
    scores = random.uniform(-0.2, 1, n)
    return scores, random.random(n) < 1 / (1 + np.exp(-(slope * scores + offset)))


def test_a_logistic_is_found_again():
    slope, offset = fit_logistic(*drawn(9.0, -4.0))
    assert (slope, offset) == pytest.approx((9.0, -4.0), rel=0.06)


@pytest.mark.slow
def test_scikit_learn_fits_the_same():
    linear = pytest.importorskip("sklearn.linear_model")
    scores, alike = drawn(6.0, -2.0, 3_000)
    fitted = linear.LogisticRegression(C=1e9, tol=1e-9).fit(scores[:, None], alike)
    assert fit_logistic(scores, alike) == pytest.approx((fitted.coef_[0, 0], fitted.intercept_[0]), abs=0.1)


def test_scores_that_part_the_two_sorts_give_a_finite_slope():
    scores = np.concatenate([np.full(50, 0.2), np.full(50, 0.8)])
    slope, offset = fit_logistic(scores, scores > 0.5)
    assert 0 < slope < 100
    assert cutoff((slope, offset)) == pytest.approx(0.5, abs=0.01)


def test_with_a_given_slope_only_the_offset_is_learned():
    slope, offset = fit_offset(*drawn(9.0, -4.0), 9.0)
    assert slope == 9.0
    assert offset == pytest.approx(-4.0, abs=0.2)


def test_a_cutoff_is_the_score_at_which_one_is_so_sure():
    assert cutoff((10.0, -5.0)) == pytest.approx(0.5)
    assert cutoff((10.0, -5.0), confidence=0.9) == pytest.approx(0.5 + np.log(9) / 10)


def test_a_cutoff_is_that_of_the_search(subject):
    searcher, encoder = subject.library.searcher, subject.library.encoder
    hits = searcher.search(Query(text="rouge"), 12).hits  # no caption says so
    row = encoder.encode_text(["rouge"])[0]
    vectors = subject.vectors(encoder.text_space)
    least = cutoff(encoder.text_calibration, "words", hits[5].confidence)
    assert least == pytest.approx(float(vectors.rows[vectors.places[hits[5].record.id]] @ row), abs=1e-5)


def test_where_nothing_was_ever_calibrated_the_standby_of_the_search_is_judged():
    both = [pairs(True, 0.7), pairs(False, 0.4)]
    never, standby = (learn("toy", "words", both, before=before) for before in ((0.0, 0.0), (8.0, -4.0)))
    assert never.error_before == standby.error_before
    assert cutoff((0.0, 0.0)) == pytest.approx(0.5)
    assert cutoff((0.0, 0.0), "words") == pytest.approx(cutoff((8.0, -4.0), "words"))


def pairs(alike, middle, n=400, seed=0):
    random = np.random.default_rng([seed, alike])
    return Pairs(
        kind="alike" if alike else "strangers",
        scores=random.normal(middle, 0.1, n),
        alike=alike,
        half=random.integers(2, size=n),
    )


def test_what_was_wrong_is_put_right_and_judged_on_other_pictures():
    learned = learn("toy", "pictures", [pairs(True, 0.7), pairs(False, 0.4)], before=(20.0, -4.0))
    assert learned.helps
    assert learned.error_after < 0.1 < learned.error_before
    assert cutoff(learned.after) == pytest.approx(0.55, abs=0.03)
    assert learned.pairs == {"alike": 400, "strangers": 400}


def test_what_is_right_already_is_left_alone():
    both = [pairs(True, 0.7), pairs(False, 0.4)]
    right = learn("toy", "pictures", both, before=(20.0, -4.0)).after
    again = learn("toy", "pictures", both, before=right)
    assert not again.helps


def test_too_few_pairs_teach_nothing():
    assert learn("toy", "pictures", [pairs(True, 0.7, 30), pairs(False, 0.4)], before=(1.0, 0.0)) is None
    assert learn("toy", "pictures", [pairs(False, 0.4)], before=(1.0, 0.0)) is None


def test_each_kind_weighs_the_same_however_many_pairs_it_has():
    few, many = pairs(True, 0.7, 60), pairs(True, 0.7, 4_000)
    strangers = pairs(False, 0.4)
    assert cutoff(learn("a", "pictures", [few, strangers], (1, 0)).after) == pytest.approx(
        cutoff(learn("a", "pictures", [many, strangers], (1, 0)).after), abs=0.03
    )


def test_pairs_of_the_gallery_are_what_they_are_called(subject):
    space = subject.space().name
    vectors = subject.vectors(space)
    labels = {id_: record.label for id_, record in subject.records.items()}
    copies = list(make_copies(subject, 6))
    assert [len(one.originals) for one in copies] == [3] * 6
    made = {one.kind: one for one in picture_pairs(subject, vectors, space, copies, labels)}
    assert made.keys() == {"copies", "strangers", "one label", "two labels"}
    assert made["one label"].scores.min() > made["two labels"].scores.max()
    assert made["copies"].alike
    assert not made["strangers"].alike
    assert len(made["copies"].scores) == 18
    captions = read_captions(subject.records.values(), {})
    own, others = text_pairs(subject, vectors, captions)
    assert own.alike
    assert not others.alike
    assert own.scores.mean() > others.scores.mean()


def test_pictures_whose_pixels_were_never_hashed_are_strangers_all_the_same(subject):
    space = subject.space().name
    vectors, copies = subject.vectors(space), list(make_copies(subject, 2))
    known = picture_pairs(subject, vectors, space, copies, {})
    for id_, record in subject.records.items():
        subject.records[id_] = replace(record, fingerprint=Fingerprint(pixels=""))
    unknown = picture_pairs(subject, vectors, space, copies, {})
    assert [(one.kind, len(one.scores)) for one in unknown] == [(one.kind, len(one.scores)) for one in known]
    assert "strangers" in {one.kind for one in unknown}


def test_one_long_caption_costs_no_more_memory_than_its_own_length(subject):
    texts = [f"caption {n}" for n in range(1_000)]
    tracemalloc.start()
    try:
        held = Vectors(["x" * 100_000, *texts], np.zeros((1_001, 1), np.float32))
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()
    assert held.only({"caption 7"}).ids == ["caption 7"]


def test_of_a_large_gallery_only_what_chance_draws_is_kept_in_memory(subject):
    drawn = Subject(subject.library, most=5, seed=3)
    assert list(drawn.records) == list(Subject(subject.library, most=5, seed=3).records)
    assert [record.uri for record in drawn.records.values()] == sorted(one.uri for one in drawn.records.values())
    assert len(drawn.records) == 5
    assert drawn.records.keys() < subject.records.keys()
    assert drawn.records.keys() != Subject(subject.library, most=5, seed=4).records.keys()
    vectors, of_all = (one.vectors(subject.space().name) for one in (drawn, subject))
    assert vectors.ids == list(drawn.records)
    assert np.array_equal(vectors.rows, of_all.rows[[of_all.places[id_] for id_ in drawn.records]])
    whole = Subject(subject.library, most=1_000)
    assert list(whole.records) == list(subject.records)


def test_too_small_a_gallery_keeps_what_the_encoder_says(subject):
    with pytest.raises(BadInput, match="too few"):
        learn_all(subject, list(make_copies(subject, 4)))
    assert not any(space.learned for space in subject.library.gallery.spaces.values())


@pytest.mark.parametrize("filled", [0, 1])
def test_a_space_that_holds_next_to_nothing_yet_teaches_nothing(subject, filled):
    ids = list(subject.records)
    few = subject.vectors(subject.space().name).only({*ids[:filled]})
    subject.vectors = lambda _: few
    with pytest.raises(BadInput, match="too few"):
        learn_all(subject, list(make_copies(subject, 1)))


def test_words_are_as_sure_as_the_gallery_has_learned(subject):
    searcher, space = subject.library.searcher, subject.space()
    asked = Query(text="rouge")  # no caption says so
    before = [hit.confidence for hit in searcher.search(asked, 3).hits]
    learned = Learned(pictures=space.calibration, texts=(1.0, -30.0), note="of nothing")
    subject.library.gallery.calibrate(space.name, learned)
    after = [hit.confidence for hit in searcher.search(asked, 3).hits]
    assert max(after) < min(before)
    subject.library.gallery.calibrate(space.name, replace(learned, texts=(0.0, 0.0)))
    assert [hit.confidence for hit in searcher.search(asked, 3).hits] == before, "the encoder's own holds"


@pytest.fixture
def taught(library, colours, tmp_path):
    """The gallery, with more pictures than the other tests need."""
    from lookalike.sources import FolderSource
    from lookalike.testing import picture_bytes

    for seed in range(60):
        (tmp_path / f"{seed}.jpg").write_bytes(picture_bytes(seed, (48, 36)))
    list(library.ingest(FolderSource([tmp_path])))
    return Subject(library)


@pytest.mark.slow
def test_what_a_gallery_learned_changes_how_sure_its_answers_are_until_it_forgets(taught):
    library, space = taught.library, taught.space()
    asked = Query(id=next(iter(taught.records)))
    before = library.searcher.search(asked, 5)
    learned = learn_all(taught, list(make_copies(taught, 40)))
    assert [one.of for one in learned] == ["pictures"], "twelve captions are too few"
    assert learned[0].helps
    assert keep(taught, learned) == [space.name]
    after = library.searcher.search(asked, 5)
    assert [hit.record.id for hit in after.hits] == [hit.record.id for hit in before.hits]
    assert [hit.confidence for hit in after.hits] != [hit.confidence for hit in before.hits]
    assert taught.space().learned
    again = learn_all(taught, list(make_copies(taught, 40)))
    assert keep(taught, again) == [], "what was learned is not better than itself"
    assert forget(taught) == [space.name]
    assert taught.space() == space
    assert forget(taught) == []
