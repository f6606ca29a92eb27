"""Which records must every gallery find by words, and how well do they suit?"""

# ruff: noqa: S101, D102 - asserting is what this module is for, and the tests' names are sentences
from dataclasses import replace
from pathlib import Path

import numpy as np

from lookalike.gallery.filters import parse_filter
from lookalike.gallery.suiting import Term
from lookalike.testing.listing_contract import ListingContract
from lookalike.testing.records import make_record, make_records


class WordsContract(ListingContract):
    """How words are looked for."""

    def test_words_are_found_wherever_they_stand(self, tmp_path: Path) -> None:
        places = [
            make_record("file:///1.jpg", title="A zebra"),
            make_record("file:///2.jpg", caption="two zebra, drinking"),
            make_record("file:///3.jpg", tags=("africa", "zebra")),
            make_record("file:///photos/zebra_4.jpg"),
            make_record("file:///5.jpg", metadata={"animal": "zebra"}),
            make_record("file:///7.jpg", recognised={"zebra": 0.4}),
            make_record("file:///6.jpg", title="a giraffe"),
        ]
        with self.open(tmp_path) as gallery:
            gallery.put(places)
            found = gallery.match_text("Zebra", 10)
            assert set(found.ids) == {record.id for record in places[:6]}
            assert list(found.scores) == sorted(found.scores, reverse=True)
            assert len(gallery.match_text("zebra", 2).ids) == 2
            assert gallery.match_text("zebra", 10, parse_filter("tag:africa")).ids == (places[2].id,)
            assert gallery.match_text("okapi", 10).ids == ()

    def test_the_text_that_suits_best_comes_first(self, tmp_path: Path) -> None:
        records = [
            make_record("file:///1", caption="a dog on a wide, wide beach in the evening sun, seen from very far away"),
            make_record("file:///2", caption="snowy dog"),
            make_record("file:///3", caption="a snowy hill"),
            *(make_record(f"file:///cat{i}", caption="a cat") for i in range(20)),
        ]
        with self.open(tmp_path) as gallery:
            gallery.put(records)
            assert gallery.match_text("snowy dog", 10).ids[0] == records[1].id
            assert gallery.match_text("dog", 10).ids == (records[1].id, records[0].id)

    def test_accents_and_case_do_not_hide_a_word(self, tmp_path: Path) -> None:
        record = make_record(caption="Ein Café in Žižkov")
        with self.open(tmp_path) as gallery:
            gallery.put([record])
            for text in ("cafe", "CAFÉ", "zizkov"):
                assert gallery.match_text(text, 5).ids == (record.id,), text

    def test_a_word_is_found_by_its_other_spellings(self, tmp_path: Path) -> None:
        groups = {
            ("Straße", "strasse", "STRASSE", "straß"): ("Eine Straße", "Bahnhofstrasse, die Strasse zum Bahnhof"),
            ("Mädchen", "maedchen", "Madchen", "maedch"): ("Ein Mädchen", "Zwei Maedchen", "Ein Ma\u0308dchen"),
            ("cœur", "coeur", "Coeur"): ("un cœur", "un coeur"),
        }
        written = dict.fromkeys(caption for captions in groups.values() for caption in captions)
        records = {caption: make_record(f"file:///{n}", caption=caption) for n, caption in enumerate(written)}
        with self.open(tmp_path) as gallery:
            gallery.put(list(records.values()))
            for texts, captions in groups.items():
                wanted = {records[caption].id for caption in captions}
                for text in texts:
                    assert {*gallery.match_text(text, 10).ids} == wanted, text
                    assert {one.id for one in gallery.scan(parse_filter(f"text:{text}*")).records} == wanted, text
            for phrase in ("eine straße", "eine strasse"):
                assert gallery.match_text([Term(phrase)], 10).ids == (records["Eine Straße"].id,)

    def test_english_endings_do_not_hide_a_word_and_the_last_may_be_unfinished(self, tmp_path: Path) -> None:
        records = [
            make_record("file:///1", caption="two dogs are playing"),
            make_record("file:///2", caption="a seagull"),
            make_record("file:///3", caption="zwei spielende Hunde"),
        ]
        with self.open(tmp_path) as gallery:
            gallery.put(records)
            for text in ("dog", "plays", "played dog", "DOGS"):
                assert gallery.match_text(text, 5).ids == (records[0].id,), text
            assert gallery.match_text("a seag", 5).ids[0] == records[1].id
            assert gallery.match_text("seag dogs", 5).ids == (records[0].id,)
            assert gallery.match_text("hunde", 5).ids == (records[2].id,)

    def test_phrases_and_weights_are_looked_for_as_terms(self, tmp_path: Path) -> None:
        records = [
            make_record("file:///1", caption="in the snow"),
            make_record("file:///2", caption="the snow in spring"),
            make_record("file:///3", title="a beach, in summer"),
        ]
        with self.open(tmp_path) as gallery:
            gallery.put(records)
            assert gallery.match_text([Term("in the snow")], 5).ids == (records[0].id,)
            heavy, light = [Term("snow", 3.0), Term("beach")], [Term("snow"), Term("beach", 3.0)]
            assert gallery.match_text(heavy, 5).ids[-1] == records[2].id
            assert gallery.match_text(light, 5).ids[0] == records[2].id
            assert gallery.match_text([], 5).ids == ()
            assert gallery.match_text([Term("?!")], 5).ids == ()

    def test_scores_of_words_lie_between_0_and_1_and_do_not_depend_on_what_else_is_asked(self, tmp_path: Path) -> None:
        ids = [record.id for record in make_records(40)]
        with self.filled(tmp_path) as gallery:
            whole = gallery.match_text("snowy dog hill", 40)
            scores = dict(zip(whole.ids, whole.scores.tolist(), strict=True))
            assert 0 < min(scores.values()) <= max(scores.values()) <= 1
            few = gallery.match_text("snowy dog hill", 2, parse_filter("label:dog"), also=lambda: ids)
            assert set(few.ids) == set(whole.ids)
            np.testing.assert_allclose(few.scores, [scores[id_] for id_ in few.ids], atol=1e-5)
            assert len(gallery.match_text("snowy dog hill", 2, also=lambda: ["unknown"]).ids) == 2

    def test_any_text_may_be_searched_for(self, tmp_path: Path) -> None:
        with self.filled(tmp_path) as gallery:
            for text in (
                "",
                " ",
                '"',
                "dog AND",
                "NEAR(a b",
                "title:dog",
                "dog*",
                "-dog",
                "(",
                "'; --",
                "\0",
                "^",
                "a" * 9000,
                "dog\U0010ffff",
                "\ud7ff" * 3,
            ):
                found = gallery.match_text(text, 5)
                assert len(found.ids) == len(found.scores) <= 5
            many = " ".join(f"word{i}" for i in range(3000)) + " dog"
            assert gallery.match_text(many, 5).ids
            record = make_records(1)[0]
            gallery.put([replace(record, caption="word2500")])
            assert gallery.match_text(many, 5).ids[0] == record.id
