"""Are the same pictures grouped, and no others?"""

import time
from dataclasses import dataclass, replace
from threading import Event

import numpy as np
import pytest

from lookalike.duplicates import Group, KeepRules, Looking, find_groups
from lookalike.duplicates.linking import Link
from lookalike.errors import GalleryError
from lookalike.gallery import open_gallery
from lookalike.gallery.filters import parse_filter
from lookalike.testing import MemoryGallery, make_record, make_space
from lookalike.types import Fingerprint, ImageRecord, Relation, Tier

SPACE = make_space()


def hash_of(seed: int, flipped: int = 0) -> str:
    bits = np.random.default_rng(seed).integers(0, 2, 256, dtype=np.uint8)
    bits[:flipped] ^= 1
    return np.packbits(bits).tobytes().hex()


def picture(name: str, perceptual: str = "", quality: int = 100, pixels: str = "", **changes) -> ImageRecord:
    record = make_record(f"file:///photos/{name}", **changes)
    pixels = pixels or record.fingerprint.pixels
    return replace(record, fingerprint=Fingerprint(pixels=pixels, perceptual=perceptual, quality=quality))


def gallery_of(*records: ImageRecord) -> MemoryGallery:
    gallery = MemoryGallery()
    gallery.add_space(SPACE)
    gallery.put(records)
    return gallery


def names(group: Group) -> list[str]:
    return [record.uri.rpartition("/")[2] for record in group.records]


def found(*records: ImageRecord, tier: Tier = Tier.EDITED, **how) -> list[list[str]]:
    return [names(group) for group in find_groups(gallery_of(*records), tier, how=Looking(**how))]


@dataclass
class Verdict:
    relation: Relation


def test_the_same_bytes_and_the_same_pixels_are_identical():
    one = picture("one.jpg", width=900)
    twin = replace(picture("twin.jpg"), sha256=one.sha256)
    pixels = picture("pixels.png", pixels=one.fingerprint.pixels, width=800)
    (group,) = find_groups(gallery_of(one, twin, pixels, picture("other.jpg")), Tier.IDENTICAL)
    assert (names(group)[0], set(names(group))) == ("one.jpg", {"one.jpg", "twin.jpg", "pixels.png"})
    assert (group.tier, group.keep.id, group.kept_for) == (Tier.IDENTICAL, one.id, "most pixels: 900 × 480")
    assert group.reasons == {twin.id: "same bytes", pixels.id: "same pixels"}
    assert group.spare_bytes == 2 * 123_456


def test_pictures_of_which_neither_bytes_nor_pixels_are_known_are_not_the_same():
    unknown = [replace(picture(name, sha256=""), fingerprint=Fingerprint(pixels="")) for name in "abc"]
    assert found(*unknown, tier=Tier.IDENTICAL) == []


def test_close_hashes_are_edited_and_far_ones_nothing():
    records = [picture(f"{bits}.jpg", hash_of(1, bits), width=700 - bits) for bits in (0, 6, 31, 100)]
    (group,) = find_groups(gallery_of(*records))
    assert names(group) == ["0.jpg", "6.jpg", "31.jpg"]
    assert group.tier is Tier.EDITED
    assert list(group.reasons.values()) == ["hashes differ in 6 of 256 bits", "hashes differ in 31 of 256 bits"]
    assert found(*records, tier=Tier.IDENTICAL) == []


def test_turned_and_mirrored_pictures_are_edited_and_said_so():
    upright = np.random.default_rng(1).integers(0, 2, (16, 16), dtype=np.uint8)
    transposed = np.packbits(upright.T.ravel()).tobytes().hex()
    records = [picture("a.jpg", np.packbits(upright).tobytes().hex(), width=700), picture("b.jpg", transposed)]
    (group,) = find_groups(gallery_of(*records))
    assert list(group.reasons.values()) == ["hashes differ in 0 of 256 bits, turned or mirrored"]


def test_what_is_only_like_one_that_is_like_the_best_is_not_in_the_group():
    chain = [picture(f"{bits:03}.jpg", hash_of(1, bits), width=900 - bits) for bits in range(0, 120, 20)]
    groups = found(*chain)
    assert groups == [["000.jpg", "020.jpg"], ["040.jpg", "060.jpg"], ["080.jpg", "100.jpg"]]


def test_a_hash_of_a_picture_with_little_to_see_says_nothing():
    assert found(picture("a", hash_of(1), quality=49), picture("b", hash_of(1), quality=49)) == []
    assert found(picture("a", hash_of(1), quality=50), picture("b", hash_of(1), quality=50)) == [["a", "b"]]
    assert found(picture("a"), picture("b")) == []


def test_pixels_are_looked_at_wherever_hashes_are_close():
    asked = []

    def verify(keep, other):
        asked.append((keep.path, other.path))
        return {"31.jpg": Verdict(Relation.SHARES_REGION), "20.jpg": None}.get(
            other.path.rpartition("/")[2], Verdict(Relation.SAME)
        )

    records = [picture(f"{bits}.jpg", hash_of(1, bits), width=700 - bits) for bits in (0, 6, 15, 20, 31)]
    assert found(*records, verify=verify)[0] == ["0.jpg", "6.jpg", "15.jpg"]
    assert ("/photos/0.jpg", "/photos/6.jpg") in asked
    assert ("/photos/6.jpg", "/photos/0.jpg") not in asked


def test_of_many_that_are_near_and_not_the_same_each_is_compared_with_the_nearest_alone(monkeypatch):
    asked, told, random = [], [], np.random.default_rng(4)
    monkeypatch.setattr(
        "lookalike.duplicates.linking.Link", lambda *given, **how: told.append(given) or Link(*given, **how)
    )
    form = random.integers(0, 2, 256, dtype=np.uint8)
    filled = np.tile(form, (200, 1))
    for one in filled[:-1]:
        one[random.choice(256, 8, replace=False)] ^= 1
    filled[-1] = filled[0]
    filled[-1, 7] ^= 1  # a copy of the first
    hashes = np.packbits(filled, axis=1)
    records = [picture(f"{n:03}.jpg", one.tobytes().hex(), width=900 - n) for n, one in enumerate(hashes)]

    def verify(keep, other):
        asked.append((keep.path, other.path))
        is_copy = {keep.path[-7:], other.path[-7:]} == {"000.jpg", "199.jpg"}
        return Verdict(Relation.SAME if is_copy else Relation.SHARES_REGION)

    assert found(*records, verify=verify) == [["000.jpg", "199.jpg"]]
    assert len(asked) < 200 * 25
    assert len(told) < 200 * 25, "of all pairs nobody wants to know why"


def test_pictures_that_cannot_be_had_take_no_patience():
    def verify(keep, other):
        return Verdict(Relation.SAME) if other.path.endswith("last.jpg") else None

    missing = [picture(f"{n}.jpg", hash_of(1, n % 20), width=800 - n) for n in range(60)]
    groups = found(
        picture("keep.jpg", hash_of(1), width=900), *missing, picture("last.jpg", hash_of(1, 25)), verify=verify
    )
    assert groups == [["keep.jpg", "last.jpg"]]


def test_what_may_belong_to_a_group_is_looked_at_beside_no_other_picture_meanwhile():
    asked = []

    def verify(keep, other):
        asked.append(keep.path)
        return Verdict(Relation.SAME)

    records = [picture(f"{n:02}.jpg", hash_of(1, n % 20), width=900 - n) for n in range(60)]
    (group,) = found(*records, verify=verify)
    assert (len(group), set(asked)) == (60, {"/photos/00.jpg"})


def test_a_picture_that_was_refused_may_be_the_best_of_a_group_of_its_own():
    def verify(keep, other):
        is_first = keep.path.endswith("/0.jpg")
        return Verdict(Relation.SHARES_REGION if is_first else Relation.SAME)

    records = [picture(f"{bits}.jpg", hash_of(1, bits), width=700 - bits) for bits in (0, 18, 30)]
    assert found(*records, verify=verify) == [["18.jpg", "30.jpg"]]


def test_the_rules_decide_what_is_kept():
    small = picture("small.jpg", hash_of(1), width=100, bytes=999_999)
    large = picture("large.jpg", hash_of(1), width=800, bytes=1)
    assert found(small, large) == [["large.jpg", "small.jpg"]]
    assert found(small, large, rules=KeepRules.parse("bytes")) == [["small.jpg", "large.jpg"]]


def test_the_others_come_best_first_too_and_not_nearest_first():
    widths = {0: 900, 2: 300, 8: 500, 16: 400}
    records = [picture(f"{bits}.jpg", hash_of(1, bits), width=width) for bits, width in widths.items()]
    assert found(*records) == [["0.jpg", "8.jpg", "16.jpg", "2.jpg"]]


def test_close_embeddings_are_similar_if_that_is_asked_for():
    vectors = np.eye(64, dtype=np.float16)[:2]
    near = (vectors[0] * 0.98 + vectors[1] * 0.199).astype(np.float16)
    kinds = {"a": vectors[0], "near": near, "far": vectors[1]}
    records = [replace(picture(name), embeddings={SPACE.name: vector}) for name, vector in kinds.items()]
    assert found(*records) == []
    (group,) = find_groups(gallery_of(*records), Tier.SIMILAR)
    assert (names(group), group.tier, list(group.reasons.values())) == (["a", "near"], Tier.SIMILAR, ["likeness 0.98"])
    assert found(*records, tier=Tier.SIMILAR, likeness=0.99) == []


@pytest.mark.parametrize("verdict", [None, Verdict(Relation.UNRELATED)])
def test_what_the_pixels_refuse_may_still_be_similar(verdict):
    like = np.eye(64, dtype=np.float16)[0]
    close, alike = (replace(picture(name, hash_of(1)), embeddings={SPACE.name: like}) for name in ("close", "alike"))
    (group,) = find_groups(gallery_of(close, alike), Tier.SIMILAR, how=Looking(verify=lambda *_: verdict))
    assert (group.tier, list(group.reasons.values())) == (Tier.SIMILAR, ["likeness 1.00"])
    assert found(close, alike, verify=lambda *_: verdict) == []


def test_likeness_without_embeddings_is_refused():
    with pytest.raises(GalleryError, match="no embeddings"):
        list(find_groups(MemoryGallery(), Tier.SIMILAR))


def test_a_filter_leaves_pictures_out():
    records = [picture(f"{name}.jpg", hash_of(1), label=name) for name in ("dog", "cat", "cow")]
    (group,) = find_groups(gallery_of(*records), where=parse_filter("label:dog,cow"))
    assert sorted(names(group)) == ["cow.jpg", "dog.jpg"]


def test_a_picture_that_vanishes_meanwhile_is_left_out():
    records = [picture(f"{n:02}.jpg", hash_of(n // 2), width=900 - n) for n in range(60)]
    gallery = gallery_of(*records)
    groups = find_groups(gallery)
    assert names(next(groups)) == ["00.jpg", "01.jpg"]
    gallery.delete([records[-1].id, records[-4].id])
    assert len([names(group) for group in groups]) == 27


def test_whoever_stops_waiting_has_no_more_pages_read(monkeypatch):
    class Counting(MemoryGallery):
        scans = 0

        def scan(self, *given, **how):
            self.scans += 1
            return super().scan(*given, **how)

    monkeypatch.setattr("lookalike.duplicates.linking._PAGE", 2)
    gallery = Counting()
    gallery.put([picture(f"{n}.jpg", hash_of(1)) for n in range(10)])
    assert list(find_groups(gallery, how=Looking(is_stopped=lambda: True))) == []
    assert gallery.scans == 1


def test_whoever_stops_waiting_has_no_more_pictures_compared():
    stopped, compared = Event(), []

    def verify(keep, other):
        stopped.set()
        compared.append(other.id)
        return Verdict(Relation.SAME)

    records = [picture(f"{n:02}.jpg", hash_of(1, n % 30), width=900 - n) for n in range(60)]
    assert found(*records, verify=verify, is_stopped=stopped.is_set) == []
    assert len(compared) <= 2, "each of the threads may have begun with one"


@pytest.mark.slow
def test_many_of_which_neither_bytes_nor_pixels_are_known_take_no_time(tmp_path):
    records = [replace(picture(f"{n}", sha256=""), fingerprint=Fingerprint(pixels="")) for n in range(20_000)]
    with open_gallery(tmp_path / "many.gallery") as gallery:
        gallery.put(records)
        start = time.process_time()  # nothing waits, and others may keep the machine busy
        assert list(find_groups(gallery)) == []
        assert time.process_time() - start < 8


@pytest.mark.slow
def test_planted_duplicates_among_many_are_found_in_time(tmp_path):
    """The issue asks for 100,000 pictures in 60 s; this is a fifth of it, with hashes as PDQ spreads them."""
    count, planted = 20_000, 1_000
    random = np.random.default_rng(5)
    bits = random.integers(0, 2, (count, 256), dtype=np.uint8)
    originals = random.choice(count - planted, planted, replace=False)
    for row, original in enumerate(originals, start=count - planted):
        bits[row] = bits[original]
        bits[row, random.choice(256, int(random.integers(0, 24)), replace=False)] ^= 1
    hashes = np.packbits(bits, axis=1)
    records = [picture(f"{row:06}.jpg", hashes[row].tobytes().hex(), width=9_000) for row in range(count)]
    with open_gallery(tmp_path / "many.gallery") as gallery:
        gallery.put(records)
        start = time.process_time()
        groups = [sorted(names(group)) for group in find_groups(gallery)]
        seconds = time.process_time() - start
    wanted = sorted([f"{a:06}.jpg", f"{b:06}.jpg"] for b, a in enumerate(originals, start=count - planted))
    assert sorted(groups) == wanted
    assert seconds < 20
