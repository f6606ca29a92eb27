"""Do the runs ask what they say, and judge by what is right?"""

import json
import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lookalike.errors import BadInput, LookalikeError
from lookalike.evaluation.edits import EDITS
from lookalike.evaluation.figures import Asked, differences, figures_of
from lookalike.evaluation.plans import Wanted, plans_of
from lookalike.evaluation.report.sections import versus_of
from lookalike.evaluation.runs import pairs
from lookalike.evaluation.runs.asking import Twins
from lookalike.evaluation.runs.copies import by_copies
from lookalike.evaluation.runs.pairs import by_pairs
from lookalike.evaluation.runs.vectors import by_caption, by_label, by_name
from lookalike.evaluation.subject import Subject
from lookalike.evaluation.truth.captions import read_captions
from lookalike.evaluation.truth.labels import read_labels
from lookalike.evaluation.truth.pairs import Truth, read_pairs
from lookalike.library import Lookalike
from lookalike.testing import ColourEncoder, WordlessEncoder

pytestmark = pytest.mark.slow

MILD = [edit for edit in EDITS if edit.name in {"JPEG quality 50", "darker by half", "size ½"}]


def labels_of(subject):
    return read_labels(subject.records.values(), "label", {})


def overall(plan):
    judged = list(plan.queries)
    assert len(judged) == plan.total
    return figures_of(judged, plan.asked, plan.group_of)


def test_pictures_of_one_colour_find_one_another(subject):
    figures = overall(by_label(subject, labels_of(subject)))
    assert figures.queries == 12
    assert figures.overall["mAP"].value == figures.overall["success@1"].value == 1.0
    assert figures.overall["recall@10"].value == figures.overall["mAP@10"].value == 1.0
    assert figures.overall["precision@10"].value == pytest.approx(0.3)


def test_a_picture_does_not_find_itself(subject):
    for query in by_label(subject, labels_of(subject)).queries:
        assert query.relevant == 3
        assert query.id not in {hit.id for hit in query.hits}


def test_wrong_labels_are_seen_in_the_figures_and_in_what_is_mixed_up(subject):
    labels = labels_of(subject)
    stray = next(id_ for id_, label in labels.items() if label == "red")
    figures = overall(by_label(subject, labels | {stray: "blue"}))
    assert figures.overall["success@1"].value < 1.0
    mixed = {group.name: group.mistaken_for for group in figures.groups}
    assert mixed["blue"] == {"blue": 4, "red": 1}, "the stray one found red first"
    assert mixed["green"] == {"green": 4}


def test_the_same_seed_asks_the_same_and_another_seed_something_else(subject):
    def asked(seed):
        return [query.id for query in by_label(subject, labels_of(subject), queries=5, seed=seed).queries]

    assert asked(0) == asked(0) != asked(1)
    assert len(asked(0)) == 5


def test_names_of_colours_find_pictures_and_pictures_their_names(subject):
    of_words, of_pictures = by_name(subject, labels_of(subject))
    assert overall(of_words).overall["mAP"].value == 1.0
    zero_shot = overall(of_pictures)
    assert zero_shot.overall["success@1"].value == 1.0
    assert zero_shot.groups[0].mistaken_for == {"blue": 4}


def test_captions_find_pictures_of_their_colour(subject):
    captions = read_captions(subject.records.values(), {})
    of_words, of_pictures = (overall(plan) for plan in by_caption(subject, captions))
    assert of_words.queries == of_pictures.queries == 12
    assert of_words.overall["success@5"].value == 1.0, "one of four red pictures is the right one"
    assert of_words.overall["success@1"].value < 1.0


def test_pictures_of_one_caption_are_questions_of_their_own(subject):
    alike = {id_: ["a thing"] for id_ in read_captions(subject.records.values(), {})}
    for plan in by_caption(subject, alike):
        judged = list(plan.queries)
        versus = versus_of(plan, judged, judged)
        assert len(versus.a.judged) == len({query.key for query in judged}) == 12
        assert all(a is b for a, b in zip(versus.a.judged, versus.b.judged, strict=True))


def test_captions_are_ranked_once_and_are_right_for_all_pictures_that_have_them(subject):
    captions = read_captions(subject.records.values(), {})
    coloured = {id_: [label, *captions[id_]] for id_, label in labels_of(subject).items()}
    _, of_pictures = by_caption(subject, coloured)
    assert "among 15;" in of_pictures.says, "three colours and twelve captions"
    for query in of_pictures.queries:
        assert len({hit.id for hit in query.hits}) == len(query.hits) == 10
        assert {hit.id for hit in query.hits if hit.is_relevant} <= {*coloured[query.id]}
        assert query.relevant == 2
    _, all_alike = by_caption(subject, {id_: ["a thing"] for id_ in captions})
    assert overall(all_alike).overall["success@1"].value == 1.0


@pytest.mark.slow
def test_edited_copies_find_their_originals_and_what_is_held_out_finds_nothing(subject):
    plan = by_copies(subject, queries=8, edits=MILD)
    judged = list(plan.queries)
    figures = figures_of(judged, plan.asked)
    assert (plan.total, figures.queries, figures.distractors) == (10, 8, 2)
    assert figures.overall["success@1"].value == 1.0
    assert {group.name for group in figures.groups} == {edit.name for edit in MILD}
    assert all(query.jpeg.startswith(b"\xff\xd8") and query.seconds > 0 for query in judged)
    assert figures.seconds["p50"] <= figures.seconds["p99"]
    for query in judged:
        held_out = "held out" in query.name
        assert query.relevant == (not held_out)
        assert any(query.name.startswith(subject.records[hit.id].path) for hit in query.hits) is not held_out


def test_of_pictures_that_are_searched_with_only_what_is_shown_is_kept(subject, tmp_path):
    red = next(record for record in subject.records.values() if record.label == "red")
    with Image.open(red.path) as original:
        original.resize((1_600, 1_200)).save(tmp_path / "Q.jpg", quality=95)
    pairs = by_pairs(subject, [Truth(query="Q.jpg", relevant=(red.path,))], tmp_path)
    kept = [query.jpeg for plan in (by_copies(subject, queries=8, edits=MILD), pairs) for query in plan.queries]
    assert {max(Image.open(BytesIO(jpeg)).size) for jpeg in kept} <= {80, 128}
    assert max(map(len, kept)) < 10_000


def test_no_copy_is_asked_for_twice_however_many_are_wanted(subject):
    plan = by_copies(subject, queries=500, edits=MILD)
    names = [query.name for query in plan.queries]
    assert plan.says.startswith("36 copies")
    assert len({*names}) == len(names) == plan.total == 45
    assert len([name for name in names if "held out" not in name]) == 12 * len(MILD)


def test_pictures_that_have_gone_are_not_made_up_for_by_asking_for_others_twice(subject, colours):
    gone = colours / "red"
    elsewhere = gone.rename(colours / "elsewhere")
    try:
        plan = by_copies(subject, queries=0, edits=MILD)
        names = [query.name for query in plan.queries]
    finally:
        elsewhere.rename(gone)
    asked = [name for name in names if "held out" not in name]
    assert len({*names}) == len(names) < plan.total
    assert len(asked) == 8 * len(MILD), "each picture that is still there, edited in each way"


def test_second_copies_are_proven_by_bytes_or_pixels_and_others_are_counted(library, tmp_path):
    red = next(record for record in Subject(library).records.values() if record.label == "red")
    shutil.copy(red.path, tmp_path / "bytes.png")
    Image.open(red.path).save(tmp_path / "pixels.bmp")
    Image.open(red.path).save(tmp_path / "neither.jpg", quality=60)
    list(library.index([tmp_path]))
    subject = Subject(library)
    copies = [one.id for one in subject.records.values() if one.path.startswith(str(tmp_path))]
    assert len(copies) == 3
    assert Twins(subject).unproven([red.id], copies) == 1
    assert Twins(subject).unproven([red.id], ["gone"]) == 0


def test_second_copies_are_neither_right_nor_wrong_by_label_and_by_caption(library, tmp_path):
    reds = [record for record in Subject(library).records.values() if record.label == "red"]
    twice, other = reds[0], next(one for one in Subject(library).records.values() if one.label == "blue")
    shutil.copy(twice.path, tmp_path / "bytes.png")
    Image.open(other.path).save(tmp_path / "pixels.bmp")
    rows = ["image,label,caption", "bytes.png,red,a red thing number 0", "pixels.bmp,alone,a thing of its own"]
    (tmp_path / "table.csv").write_text("\n".join(rows) + "\n")
    list(library.ingest(library.table_source(tmp_path / "table.csv")))
    subject = Subject(library)
    copies = {Path(one.path).name: one.id for one in subject.records.values() if one.path.startswith(str(tmp_path))}
    assert subject.twins(twice.id) == [copies["bytes.png"]]
    plan = by_label(subject, labels_of(subject))
    assert plan.says.endswith(" In 3 of them, second copies are neither right nor wrong.")
    judged = {query.id: query for query in plan.queries}
    assert copies["pixels.bmp"] not in judged, "nothing else has its label"
    assert judged[twice.id].relevant == judged[copies["bytes.png"]].relevant == 3
    assert judged[reds[1].id].relevant == 4
    assert copies["bytes.png"] not in {hit.id for hit in judged[twice.id].hits}
    assert copies["pixels.bmp"] not in {hit.id for hit in judged[other.id].hits}
    both = by_label(subject, {twice.id: "a", copies["bytes.png"]: "a", reds[1].id: "b", reds[2].id: "b"})
    assert {query.group for query in both.queries} == {"b"}, "a picture is not asked for itself"
    of_words, of_pictures = by_caption(subject, read_captions(subject.records.values(), {}))
    assert "In 4 of them" in of_words.says
    assert "In 2 of them" in of_pictures.says, "those of equal bytes have one caption"
    ranked = {query.name: {hit.id for hit in query.hits} for query in of_words.queries}
    assert copies["pixels.bmp"] not in ranked[other.caption]
    shown = {query.id: {hit.id for hit in query.hits} for query in of_pictures.queries}
    assert "a thing of its own" not in shown[other.id]


def test_second_copies_are_looked_for_of_what_is_asked_only(subject, monkeypatch):
    looked_for = []
    twins = subject.twins
    monkeypatch.setattr(subject, "twins", lambda id_: looked_for.append(id_) or twins(id_))
    asked = [query.id for query in by_label(subject, labels_of(subject), queries=2).queries]
    assert looked_for == asked
    looked_for.clear()
    by_caption(subject, read_captions(subject.records.values(), {}), queries=2)
    assert 2 <= len(looked_for) <= 4


def test_two_galleries_rank_only_what_both_hold(subject, library, tmp_path, decoder):
    backup = shutil.copy(library.gallery_path, tmp_path / "less.gallery")
    with Lookalike(Path(backup), ColourEncoder()) as less:
        less._part("decoder", lambda: decoder)
        less.gallery.delete([id_ for id_, label in labels_of(subject).items() if label == "red"][:2])
        sides = (subject, Subject(less))
        for side in sides:
            side.asked_of = sides[0].records.keys() & sides[1].records.keys()
        for wanted in (Wanted(by="label", names=True), Wanted(captions=True)):
            for plan, other in zip(*(plans_of(side, wanted) for side in sides), strict=True):
                assert plan.says == other.says
                for query, its_own in zip(plan.queries, other.queries, strict=True):
                    assert query.relevant == its_own.relevant
                    assert [hit.id for hit in query.hits] == [hit.id for hit in its_own.hits]


def test_galleries_with_nothing_in_common_are_asked_nothing(subject):
    subject.asked_of = set()
    for wanted in (Wanted(by="label", names=True), Wanted(captions=True)):
        assert not [query for plan in plans_of(subject, wanted) for query in plan.queries]


def test_pictures_that_have_gone_are_passed_over_and_at_last_it_says_so(subject, colours):
    elsewhere = colours.rename(colours.with_name("elsewhere"))
    try:
        with pytest.raises(Exception, match="could be read") as raised:
            list(by_copies(subject, queries=4, edits=MILD).queries)
    finally:
        elsewhere.rename(colours)
    assert raised.value.fix


def test_pairs_are_searched_for_with_records_files_boxes_and_words(subject, tmp_path):
    red = next(record for record in subject.records.values() if record.label == "red")
    original = Image.open(red.path)
    original.save(tmp_path / "Q1.jpg", quality=95)
    framed = Image.new("RGB", (320, 240), "white")
    framed.paste(original, (40, 60))
    framed.save(tmp_path / "Q2.png")
    box = (40.0, 60.0, 200.0, 180.0)
    others = tuple(one.path for one in subject.records.values() if one.label == "red" and one.id != red.id)
    truths = [
        Truth(query="Q1", relevant=(red.path,), ignored=others, bare=True),
        Truth(query="Q2.png", relevant=(red.path,), ignored=others, box=box),
        Truth(query=red.path, relevant=others),
        Truth(query="red", relevant=(red.path, *others)),
        Truth(query="something else entirely", relevant=()),
    ]
    plan = by_pairs(subject, truths, tmp_path)
    judged = {query.name: query for query in plan.queries}
    assert [judged[name].found[0] for name in ("Q1", "Q2.png", red.path, "red")] == [True] * 4
    assert judged["Q1"].relevant == 1
    assert judged["red"].relevant == 4
    assert judged["something else entirely"].relevant == 0
    assert judged[red.path].id == red.id


@pytest.mark.parametrize("known", [1, 5])
def test_pairs_are_judged_as_deep_whatever_is_neither_right_nor_wrong(subject, tmp_path, monkeypatch, known):
    monkeypatch.setattr(pairs, "DEPTH", 3)
    reds = [record.path for record in subject.records.values() if record.label == "red"]
    others = [record.path for record in subject.records.values() if record.label != "red"]
    junk = Truth(query=reds[0], relevant=tuple(others[:known]), ignored=tuple(reds[1:]))
    plain = Truth(query=reds[0], relevant=tuple(others[:known]))
    of_junk, of_plain = by_pairs(subject, [junk, plain], tmp_path).queries
    assert len(of_junk.found) == len(of_plain.found) == max(3, known)
    assert not {hit.id for hit in of_junk.hits} & {subject.names.find(one) for one in reds[1:]}


def test_pictures_that_a_benchmark_does_not_list_are_neither_right_nor_wrong(subject, tmp_path):
    paths = {label: [one.path for one in subject.records.values() if one.label == label] for label in ("red", "blue")}
    asked, other_view, *relevant = paths["red"]
    listed = {"imlist": [*relevant, *paths["blue"]], "qimlist": [asked]}
    (tmp_path / "gnd.json").write_text(json.dumps(listed | {"gnd": [{"easy": [0], "hard": [1], "junk": []}]}))
    plan = by_pairs(subject, read_pairs(tmp_path / "gnd.json"), tmp_path)
    assert plan.says.endswith(" 6 pictures that the file does not list are neither right nor wrong.")
    (query,) = plan.queries
    assert query.found.tolist() == [True] * 2 + [False] * 4
    assert subject.names.find(other_view) not in {hit.id for hit in query.hits}


def test_more_than_a_search_looks_past_is_refused_rather_than_judged_wrongly(subject, tmp_path, monkeypatch):
    monkeypatch.setattr(pairs, "MAX_DEPTH", pairs.DEPTH + 5)
    one, other, *_ = (record.path for record in subject.records.values())
    with pytest.raises(BadInput, match="pictures that the file does not list"):
        by_pairs(subject, [Truth(query=one, relevant=(other,), among=(other,))], tmp_path)


def test_a_word_that_is_also_the_name_of_a_file_is_a_word(library, tmp_path):
    red = next(record for record in Subject(library).records.values() if record.label == "red")
    shutil.copy(red.path, tmp_path / "red.png")
    list(library.index([tmp_path / "red.png"]))
    subject = Subject(library)
    (tmp_path / "pairs.csv").write_text("query,relevant\nred,red.png\nred.png,red-1.png\n")
    (tmp_path / "blue.jpg").write_bytes((tmp_path / "red.png").read_bytes())
    plan = by_pairs(subject, [*read_pairs(tmp_path / "pairs.csv"), Truth(query="blue", relevant=())], tmp_path)
    judged = {query.name: query for query in plan.queries}
    assert "1 of them distractors" in plan.says
    assert judged["red"].relevant == 1
    assert not judged["red"].id
    assert judged["red.png"].id
    assert not judged["red"].jpeg
    assert not judged["blue"].jpeg
    assert plan.says.endswith(" 1 queries that are also names of pictures were asked as words.")
    assert "as words" not in by_pairs(subject, [Truth(query="red", relevant=("red.png",), bare=True)], tmp_path).says


def test_a_box_in_a_record_that_was_imported_without_its_size_is_measured_in_its_file(subject, tmp_path):
    red, other = [record for record in subject.records.values() if record.label == "red"][:2]
    box = (0.0, 0.0, red.width / 2, red.height / 2)
    truths = [Truth(query=red.path, relevant=(other.path,), box=box)]
    (expected,) = by_pairs(subject, truths, tmp_path).queries
    subject.records[red.id] = replace(red, width=0, height=0, format="")
    (found,) = by_pairs(subject, truths, tmp_path).queries
    assert found.found.tolist() == expected.found.tolist()


def test_queries_outside_of_their_folder_are_not_opened(subject, tmp_path):
    red = next(iter(subject.records.values()))
    (tmp_path / "inside").mkdir()
    Image.new("RGB", (9, 9)).save(tmp_path / "secret.png")
    plan = by_pairs(subject, [Truth(query="../secret.png", relevant=(red.path,))], tmp_path / "inside")
    with pytest.raises(BadInput, match="outside"):
        list(plan.queries)


def test_a_query_that_cannot_be_asked_finds_nothing_and_says_why(subject, tmp_path):
    red = next(record for record in subject.records.values() if record.label == "red")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
    broken = [
        Truth(query=name, relevant=(red.path,)) for name in ("broken.jpg", "../outside.jpg", "half \ud800 a sign")
    ]
    plan = by_pairs(subject, [*broken, Truth(query="red", relevant=(red.path,))], tmp_path)
    judged = {query.name.partition(" · ")[0]: query for query in plan.queries}
    assert len(judged) == plan.total
    assert judged["red"].found.any()
    for truth in broken:
        assert judged[truth.query].relevant == 1
        assert not judged[truth.query].hits
        assert " · " in judged[truth.query].name
    with pytest.raises(LookalikeError):
        list(by_pairs(subject, broken, tmp_path).queries)


def test_queries_that_nothing_in_the_gallery_answers_are_counted_as_distractors(subject, tmp_path):
    red = next(iter(subject.records.values()))
    elsewhere = [Truth(query=word, relevant=("nobody.png",)) for word in ("green", "blue", "white")]
    truths = [Truth(query="red", relevant=(red.path,)), *elsewhere]
    assert "3 of them distractors" in by_pairs(subject, truths, tmp_path).says
    for seed in range(4):
        assert by_pairs(subject, truths, tmp_path, queries=1, seed=seed).total == 1, "whichever is drawn"


def test_pictures_that_look_the_same_stand_in_no_order_that_tells_their_class(subject):
    vectors = subject.vectors(subject.space().name)
    vectors.rows[:] = vectors.rows[0]
    subject.vectors = lambda _: vectors
    firsts = [query.hits[0].id for query in by_label(subject, labels_of(subject)).queries]
    assert set(firsts) == set(sorted(map(str, vectors.ids))[:2]), "by ids, not by folders"


def test_two_galleries_that_differ_by_a_picture_are_asked_the_same(subject, library, tmp_path, decoder):
    backup = shutil.copy(library.gallery_path, tmp_path / "less.gallery")
    with Lookalike(Path(backup), ColourEncoder()) as less:
        less._part("decoder", lambda: decoder)
        gone = next(iter(subject.records))
        less.gallery.delete([gone])
        sides = (subject, Subject(less))
        for side in sides:
            side.asked_of = sides[0].records.keys() & sides[1].records.keys()
        for wanted in (Wanted(by="label", queries=5), Wanted(captions=True, queries=5), Wanted(copies=True, queries=2)):
            for plan, other in zip(*(plans_of(side, wanted) for side in sides), strict=True):
                keys = [query.key for query in plan.queries]
                assert keys == [query.key for query in other.queries]
                assert not any(gone in key for key in keys)


def test_pairs_about_other_pictures_are_refused(subject, tmp_path):
    with pytest.raises(BadInput, match="Nothing"):
        by_pairs(subject, [Truth(query="a", relevant=("nobody.png",))], tmp_path)


def test_a_worse_encoder_is_told_from_a_better_one_on_the_same_queries(subject):
    labels = labels_of(subject)
    good = list(by_label(subject, labels).queries)
    subject_ids = list(labels)
    rolled = dict(zip(subject_ids, np.roll(list(labels.values()), 1).tolist(), strict=True))
    bad = list(by_label(subject, rolled).queries)
    found = differences(good, bad, Asked(per_query=("mAP", "success@1")))
    assert found["mAP"].value < 0
    assert found["mAP"].is_clear


def test_with_nothing_said_all_that_the_gallery_knows_is_asked(subject):
    titles = [plan.title for plan in plans_of(subject, Wanted(queries=3))]
    assert titles == ["Pictures by label", "Pictures by caption", "Captions by picture", "Edited copies"]


def test_a_part_of_the_gallery_can_be_evaluated(library):
    part = Subject(library, "label:red,blue")
    assert len(part.records) == 8
    assert {query.relevant for query in by_label(part, labels_of(part)).queries} == {3}
    with pytest.raises(BadInput, match="There are 0 pictures"):
        len(Subject(library, "label:none").records)


@pytest.mark.slow
def test_an_encoder_without_words_cannot_be_asked_by_words(colours, tmp_path, decoder):
    with Lookalike(tmp_path / "wordless.gallery", WordlessEncoder()) as library:
        library._part("decoder", lambda: decoder)
        list(library.ingest(library.table_source(colours / "table.csv")))
        subject = Subject(library)
        with pytest.raises(BadInput, match="knows no words"):
            by_name(subject, labels_of(subject))
        titles = [plan.title for plan in plans_of(subject, Wanted(queries=3))]
    assert titles == ["Pictures by label", "Edited copies"]


def test_a_space_that_the_gallery_lacks_is_refused(subject):
    with pytest.raises(BadInput, match="no vectors of 'toy@1/words'"):
        subject.vectors("toy@1/words")


def test_names_without_classes_make_no_sense(subject):
    with pytest.raises(BadInput, match="--names"):
        plans_of(subject, Wanted(names=True))


def test_a_table_with_labels_is_asked_by(subject, tmp_path):
    names = [record.path.rpartition("/")[2] for record in subject.records.values()]
    rows = [f"{name},{'first' if place % 2 else 'second'}" for place, name in enumerate(names)]
    (tmp_path / "mine.csv").write_text("image,label\n" + "\n".join(rows) + "\n")
    (plan,) = plans_of(subject, Wanted(by="label", truth=tmp_path / "mine.csv"))
    assert {query.group for query in plan.queries} == {"first", "second"}
    (tmp_path / "pairs.json").write_text(json.dumps({names[0]: names[1:2]}))
    (plan,) = plans_of(subject, Wanted(pairs=tmp_path / "pairs.json"))
    assert [query.relevant for query in plan.queries] == [1]
